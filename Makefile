# "make run" and "make test" do all set-up themselves: they create .venv and install what is needed there.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH := "torch>=2.11,<2.14"

.PHONY: run test lint format bench translations package package-test clean

run: $(VENV)/.run
	$(BIN)/python -m diffviz $(ARGS)

test: lint
	$(BIN)/python -m pytest $(ARGS)

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

# Extracts all texts into the catalogues and compiles them.
translations: $(VENV)/.dev
	$(BIN)/python -m tests.catalogues

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
	touch $@

# torch comes first and alone: pip then takes a CPU build that lies at hand, and the ordinary build elsewhere.
$(VENV)/.run: $(VENV)/.python pyproject.toml
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

$(VENV)/.package: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --editable ".[package]"
	touch $@
