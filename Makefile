# `make app` starts the application; `make check` is for while you work, `make test` checks everything, or a part:
# `make test ARGS=tests/core/training/test_training.py`; `make coverage` says what of the code the tests reach, and
# takes a quarter longer; `make bench` measures; `make soak` breaks things on purpose for hours, with a real nginx, and
# `make soak ARGS="kills 20"` a part of it; `make cards` runs every card of the error gallery and records with which
# versions; `make pictures` takes those of the README anew; `make messages` lists what saving and loading can raise,
# from the sources of TensorFlow, Keras and h5py, earlier versions included (it downloads 1 GB once, into .wheels).
# The first call of each sets up a virtual environment; later calls find it ready.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# `make app OPEN=/path` lets the page Inspect look into that folder (or several, with colons between them).
ifdef OPEN
export CHECKPOINT_EXPLORER_OPEN := $(OPEN)
endif

# What takes longer than the rest together: a browser, a worker for each page, hundreds of trainings.
SLOW := browser pages gallery command test_command.py test_readme.py core/inspect core/pool/test_pool.py core/training/test_interruption.py \
	core/training/test_training.py core/training/test_resume.py core/training/test_fork.py core/training/test_script.py core/compare/test_formats.py \
	core/sweep/test_cells.py core/sweep/test_script.py core/lessons/test_lesson.py

# Two files at a time, the longest first: while one waits for a browser or a worker, the other computes.
ALL := --numprocesses 2 --dist loadfile --no-loadscope-reorder

.PHONY: app check lint test coverage bench soak cards messages pictures clean

app: $(VENV)/app.done
	$(BIN)/python -m serve --runs "$${CHECKPOINT_EXPLORER_RUNS:-runs}"

check: lint
	$(BIN)/python -m pytest $(addprefix --ignore=tests/,$(SLOW))

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
	$(BIN)/python -m tests.core.inspect.loaders
	$(BIN)/python -m pytest $(ALL)
endif

coverage: $(VENV)/test.done
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m tests.core.inspect.loaders
	$(BIN)/python -m pytest --cov $(ALL)

bench: $(VENV)/test.done
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m bench

soak: $(VENV)/test.done
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m tests.soak $(ARGS)

cards: $(VENV)/test.done
	$(BIN)/python -m core.tf.gallery

pictures: $(VENV)/test.done
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m tests.browser.pictures

messages: $(VENV)/test.done
	$(BIN)/python -m tools.messages $(ARGS)

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
