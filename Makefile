# `make app` starts the application; `make check` is for while you work, `make test` checks everything, or a part:
# `make test ARGS=tests/core/test_training.py`; `make bench` measures; `make soak` breaks
# things on purpose, with a real nginx.
# The first call of each sets up a virtual environment; later calls find it ready.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Together they take less than a minute: no browser, no page, and of core what trains little.
QUICK := tests/test_imports.py tests/test_readme.py tests/test_javascript.py tests/test_golden.py tests/test_bench.py tests/core

.PHONY: app check lint test bench soak clean

app: $(VENV)/app.done
	$(BIN)/python -m serve --runs "$${CHECKPOINT_EXPLORER_RUNS:-runs}"

check: lint
	$(BIN)/python -m pytest -m "not slow" $(QUICK)

lint: $(VENV)/test.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

ifdef ARGS
test: $(VENV)/test.done
	$(BIN)/python -m pytest $(ARGS)
else
test: lint
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m pytest --cov
endif

bench: $(VENV)/test.done
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m bench

soak: $(VENV)/test.done
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m tests.soak

$(VENV)/app.done: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/test.done: requirements.txt requirements-test.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch $@ $(VENV)/app.done

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
