# `make app` starts the application, `make test` checks everything, `make bench` measures.
# The first call of each sets up a virtual environment; later calls find it ready.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# `make app OPEN=/path` lets the page Open look into that folder (or several, with colons between them).
ifdef OPEN
export CHECKPOINT_EXPLORER_OPEN := $(OPEN)
endif

.PHONY: app test bench clean

app: $(VENV)/app.done
	$(BIN)/streamlit run app.py

test: $(VENV)/test.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m pytest

bench: $(VENV)/test.done
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m bench

$(VENV)/app.done: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/test.done: requirements.txt requirements-test.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch $@ $(VENV)/app.done

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
