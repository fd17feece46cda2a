# Each target sets up what it needs; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench lint types format reference lock clean

help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Install what everything else needs: slapd, a virtual environment
	@scripts/system-packages

$(STAMP): requirements.lock pyproject.toml scripts/system-packages
	@scripts/system-packages
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## Show the whole service at work, then stay up (ONCE=1: end by itself)
	$(BIN)/python -m um_directory.demo $(if $(ONCE),--once)

test: setup ## Run all tests, against real components
	$(BIN)/python -m pytest $(ARGS)

bench: setup ## Measure what our parts cost, as ratios
	PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

lint: setup ## Check style and formatting
	$(BIN)/ruff check src tests scripts
	$(BIN)/ruff format --check src tests scripts
	$(BIN)/python scripts/reference.py --check

types: setup ## Check types, strictly
	$(BIN)/mypy

format: setup ## Format the code
	$(BIN)/ruff format src tests scripts
	$(BIN)/ruff check --fix src tests scripts

reference: setup ## Write docs/reference anew from the code
	$(BIN)/python scripts/reference.py

lock: setup ## Pin the dependencies of pyproject.toml anew
	$(BIN)/uv pip compile --quiet --upgrade --extra dev --generate-hashes --no-emit-index-url --no-header \
	  --python-version 3.11 --output-file requirements.lock pyproject.toml

clean: ## Remove the virtual environment, caches and the demo's state
	rm -rf $(VENV) .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis
