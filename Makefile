# eni-lint: the commands of this repository. It needs Python 3.11 or later with venv, and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test check accept docs fixtures bench data clean

help:  ## list the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[cfn-lint]' --group dev
	@touch $@

demo: $(READY)  ## lint a real plan
	@$(BIN)/eni-lint --exit-zero fixtures/demo/plan.json

test: check  ## everything that CI runs
	$(BIN)/python -m pytest -n $(WORKERS)

check: $(READY)  ## formatting, types and the layers of the imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

accept: $(READY)  ## rewrite generated pages and the expected outputs, where the cases still hold
	$(BIN)/python tools/accept.py

docs: $(READY)  ## build the documentation with its search into site/
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs site

fixtures: $(READY)  ## make the plans of fixtures/ anew (needs terraform and moto)
	$(BIN)/python tools/make_plans.py

bench: $(READY)  ## measure the start and the large plan, as ratios in one run
	$(BIN)/python tools/bench.py

data: $(READY)  ## derive the tables of eni_lint/data/ from pinned public packages
	$(BIN)/python tools/derive_tables.py

clean:  ## remove what the commands above made
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache dist site
