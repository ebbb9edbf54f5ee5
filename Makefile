# Everything runs in .venv, which `make setup` builds with nothing but python3 on the machine.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
MADE := .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist
TESTS := -m "not nightly" -n 2

.DEFAULT_GOAL := help
.PHONY: help setup demo recording test check format bench nightly clean

help:  ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

setup: $(STAMP)  ## Build .venv with onefold and its tools (again only after pyproject.toml changed)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "onefold needs Python 3.11 or newer: make setup PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@

demo: setup  ## Simulate a bank of 5,000, load it, and show one customer's page change, in under a minute
	@$(BIN)/onefold demo

recording: setup  ## Run the demo and keep what it prints as docs/demo.svg
	$(BIN)/python docs/recording.py

test: setup  ## Run the tests
	$(BIN)/python -m pytest $(TESTS)

check: setup  ## Lint, types, import rules, doctests (the pages of docs/ run with the tests)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest --quiet --doctest-modules src

format: setup  ## Let ruff lay out the code and put right what it safely can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: setup  ## Measure what docs/performance.md states; writes bench/results.json
	$(BIN)/python -m bench

nightly: setup  ## Run the long suites
	$(BIN)/python -m pytest -m nightly

clean:  ## Remove what tools left behind, and .venv
	rm -rf .venv $(MADE)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
