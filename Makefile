# The commands of Factorstack; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help setup lock

PYTHON ?= python3
BIN := .venv/bin

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: .venv/.installed node_modules/.installed  ## install what is needed into .venv and node_modules

.venv/.installed: requirements-uv.txt requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Factorstack needs Python 3.11 or newer as '$(PYTHON)': install it, or say where it is: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@echo "setup: Python packages into .venv"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@$(BIN)/uv pip sync --quiet --require-hashes requirements.txt requirements-dev.txt
	@touch $@

node_modules/.installed: package.json package-lock.json
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || { \
	  echo "Factorstack needs Node 20 or newer as 'node' for the CDK command line: install it (nodejs.org)" >&2; exit 2; }
	@echo "setup: the CDK command line into node_modules"
	@npm ci --silent --no-audit --no-fund --no-update-notifier
	@touch $@

lock:  ## resolve the *.in files anew into pinned, hashed requirements
	@for file in requirements-uv requirements requirements-dev lambda/requirements; do \
	  (cd $$(dirname $$file) && $(CURDIR)/$(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-annotate --no-header $$(basename $$file).in -o $$(basename $$file).txt) || exit 1; done
