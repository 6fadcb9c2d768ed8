# "make run" and "make test" do all set-up themselves: they create .venv and install what is needed there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH := "torch>=2.11,<2.14"
EXTRAS := dev,mp4,package
PIP := pip==26.1.2
INSTALL = $(BIN)/python -m pip install --quiet --constraint constraints.txt --build-constraint constraints.txt

# Some hundred processes start in the tests: what is compiled once is kept for the others.
test test-all: export PYTHONDONTWRITEBYTECODE =

.PHONY: run test test-all lint format bench torture translations lock package package-test clean

run: $(VENV)/.run
	$(BIN)/python -m diffviz $(ARGS)

test: lint
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

# What takes too long for every change as well.
test-all: lint
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not bench" $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m pytest -m bench -s tests/benchmarks $(ARGS)

# Damaged files, killed writers, full disks, leaks, a soak: hours, which it can be stopped in and continued.
# ARGS="--seed 1 --count 10000 --only read-card"; --help says more.
torture: $(VENV)/.dev
	$(BIN)/python -m tests.torture $(ARGS)

# Extracts all texts into the catalogues and compiles them.
translations: $(VENV)/.dev
	$(BIN)/python -m tests.catalogues

# The lock anew: the newest versions that pyproject.toml allows, in an environment of their own.
lock:
	rm -rf build/lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet "$(PIP)"
	build/lock/bin/python -m pip install --quiet $(TORCH)
	build/lock/bin/python -m pip install --quiet --editable ".[$(EXTRAS)]"
	build/lock/bin/python packaging/lock.py > build/constraints.txt
	mv build/constraints.txt constraints.txt

# The standalone program in dist/, and one archive of it; packaging/README.md says more.
package: $(VENV)/.package
	$(BIN)/python packaging/build.py

package-test: $(VENV)/.package
	test -d dist/diffviz || $(BIN)/python packaging/build.py
	$(BIN)/python packaging/smoke_test.py

clean:
	rm -rf $(VENV) build dist

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("diffviz needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet "$(PIP)"
	touch $@

# torch comes first and alone: pip then takes a CPU build that lies at hand, and the ordinary build elsewhere.
$(VENV)/.run: $(VENV)/.python pyproject.toml constraints.txt
	$(INSTALL) $(TORCH)
	$(INSTALL) --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(INSTALL) --editable ".[dev]"
	touch $@

$(VENV)/.package: $(VENV)/.run
	$(INSTALL) --editable ".[package]"
	touch $@
