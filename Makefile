# A machine with only Python and make is enough: everything goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
SYNCED := $(VENV)/.synced

.PHONY: demo test check bench faults wheel format clean

demo: $(SYNCED)
	$(BIN)/duramen demo $(DEMO)

test: $(SYNCED) wheel
	$(BIN)/python -m pytest -q --nbmake notebooks/*.ipynb -o addopts=""
	$(BIN)/python -m pytest -q $(TESTS)

check: $(SYNCED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -o addopts="--import-mode=importlib" tests/test_readme.py tests/duramen_agentcore/test_readme.py

bench: $(SYNCED)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.quality $(QUALITY)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.speed $(SPEED)

faults: $(SYNCED)
	$(BIN)/python -m tests.faults.kill --rounds 500

wheel: $(SYNCED)
	rm -rf dist
	$(UV) build --quiet --wheel --out-dir dist

format: $(SYNCED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) dist build

$(SYNCED): pyproject.toml uv.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV=$(abspath $(VENV)) $(UV) sync --quiet --active --locked --inexact --all-extras
	touch $@
