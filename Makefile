# The commands of Factorstack; `make` without a target lists them.
.DEFAULT_GOAL := help
.PHONY: help setup tools lock demo lab stop account bootstrap preflight deploy run recommend destroy verify-clean test lint types unit synth e2e format test-docs test-sdk test-mxnet test-metrics test-clients test-moto bench

PYTHON ?= python3
BIN := .venv/bin
timed = echo "… $(1)"; started=$$(date +%s); { $(2); } && echo "✔ $(1) $$(( $$(date +%s) - started )) s"

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.installed node_modules/.installed  ## install the pinned packages into .venv and node_modules

tools:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "factorstack: needs Python 3.11 or newer as '$(PYTHON)': install it, or name another: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || { \
	  echo "factorstack: needs Node 20 or newer as 'node', for the CDK command line: install it (nodejs.org)" >&2; exit 2; }

.venv/.installed: requirements-uv.txt requirements.txt requirements-dev.txt | tools
	@$(call timed,set up the Python packages in .venv, \
	  $(PYTHON) -m venv --clear .venv && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt && \
	  $(BIN)/uv pip sync --quiet --require-hashes requirements.txt requirements-dev.txt)
	@touch $@

node_modules/.installed: package.json package-lock.json | tools
	@$(call timed,set up the CDK command line in node_modules, \
	  npm ci --silent --no-audit --no-fund --no-update-notifier)
	@touch $@

# Options, given on the command line as in `make demo DATA=ratings.csv POSITIVE_AT_LEAST=4`, and only there: a shell's
# environment has a USER, and often COLUMNS, that mean something else:
#   DATA, PURPOSE, COLUMNS, POSITIVE_AT_LEAST, NEGATIVES, EXPONENT, HISTORY, ITEMS, ITEM_FEATURES, USERS, USER_FEATURES,
#   SEPARATOR, ENCODING, LAB=1, KEEP=1, PORT, INPUT, N, USER, RECENT, SIMILAR
quoted = '$(subst ','\'',$(1))'
given = $(if $(filter command%,$(origin $(1))),$($(1)))
flag = $(if $(call given,$(1)),--$(2) $(call quoted,$(call given,$(1))))
INTERACTIONS = $(call flag,DATA,data) $(call flag,PURPOSE,purpose) $(call flag,COLUMNS,columns) \
  $(call flag,POSITIVE_AT_LEAST,positive-at-least) $(call flag,NEGATIVES,negatives) \
  $(call flag,EXPONENT,exponent) $(call flag,HISTORY,history) \
  $(call flag,ITEMS,items) $(call flag,ITEM_FEATURES,item-features) \
  $(call flag,USERS,users) $(call flag,USER_FEATURES,user-features) \
  $(call flag,SEPARATOR,separator) $(call flag,ENCODING,encoding)
CDK := node_modules/.bin/cdk
# jsii warns about Node 20's end of life; everything that is used here works with it.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

demo: setup  ## everything in a local account: deploy, train, serve, recommend, destroy
	@$(BIN)/python -m commands.demo $(INTERACTIONS) $(if $(call given,LAB),--lab) $(if $(call given,KEEP),--keep) $(call flag,PORT,port)

lab: setup build/studio-env/.installed  ## JupyterLab with the notebooks, in a local account that is deployed
	@$(BIN)/python -m commands.lab $(call flag,PORT,port)

stop:  ## stop the local account that `make lab` or `make demo KEEP=1` left running
	@$(BIN)/python -m commands.local_account

account: setup  ## run a local account in the foreground, for any AWS client
	@$(BIN)/python -m local $(call flag,PORT,port) $(call flag,PERSIST,persist) $(call flag,QUOTAS,quotas)

bootstrap: setup  ## prepare an AWS account and region for the CDK, once
	@$(CDK) bootstrap

preflight: setup  ## check that your credentials' account has what a deployment needs
	@$(BIN)/python -m commands.preflight

deploy: setup  ## deploy the environment to that account, after the preflight
	@$(BIN)/python -m commands.deploy

run: setup  ## start one execution: from interactions to a live endpoint
	@$(BIN)/python -m commands.run $(INTERACTIONS) $(call flag,INPUT,input)

recommend: setup  ## ask the recommend function: make recommend USER=42 N=10 (or HISTORY=1,2,3, RECENT=4, SIMILAR=5)
	@$(BIN)/python -m commands.recommend $(call flag,USER,user) $(call flag,N,n) \
	  $(call flag,HISTORY,history) $(call flag,RECENT,recent) $(call flag,SIMILAR,similar)

destroy: setup  ## delete the environment, and check that nothing is left
	@$(CDK) destroy --all --force
	@$(BIN)/python -m commands.verify_clean

verify-clean: setup  ## list what is left of the deployment in the account
	@$(BIN)/python -m commands.verify_clean

test: lint types unit synth e2e  ## all checks: lint, types, unit, synth and e2e

TEST := $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: setup  ## check format, lint rules and import layers
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@PYTHONPATH=.:lambda $(BIN)/lint-imports --no-logo --no-cache

types: setup  ## run mypy in strict mode
	@$(BIN)/mypy .

unit: setup  ## run the unit tests: no account, no synthesis
	@$(TEST) tests/unit

synth: setup  ## test the synthesised templates
	@$(TEST) tests/synth

e2e: setup build/studio-env/.installed  ## test everything together in local accounts
	@$(TEST) tests/e2e

format: setup  ## format the code and fix what ruff can fix
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

lock:  ## resolve the *.in files into pinned, hashed requirements
	@for file in requirements-uv requirements requirements-dev lambda/requirements lambda/cleanup/requirements notebooks/requirements local/studio/requirements \
	  tests/conformance/sdk/requirements tests/conformance/mxnet/requirements tests/conformance/moto/requirements tests/conformance/metrics/requirements bench/requirements \
	  tests/conformance/clients/sdk2 tests/conformance/clients/sdk3 tests/conformance/clients/awscli; do \
	  (cd $$(dirname $$file) && $(CURDIR)/$(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-annotate --no-header $$(basename $$file).in -o $$(basename $$file).txt) || exit 1; done

# Environments of their own, for what cannot share ours: $(1) is the name, $(2) what it holds.
define environment
build/$(1)/.installed: $(2) .venv/.installed
	@$$(call timed,set up build/$(1), \
	  $$(PYTHON) -m venv --clear build/$(1) && \
	  $$(BIN)/uv pip sync --quiet --python build/$(1)/bin/python --require-hashes $(2))
	@touch $$@
endef
$(eval $(call environment,studio-env,local/studio/requirements.txt))
$(eval $(call environment,sdk-env,tests/conformance/sdk/requirements.txt))
$(eval $(call environment,mxnet-env,tests/conformance/mxnet/requirements.txt))
$(eval $(call environment,moto-env,tests/conformance/moto/requirements.txt))
$(eval $(call environment,metrics-env,tests/conformance/metrics/requirements.txt))
$(eval $(call environment,bench-env,bench/requirements.txt))
$(foreach client,sdk2 sdk3 awscli,$(eval $(call environment,clients/$(client),tests/conformance/clients/$(client).txt)))

test-docs: setup build/studio-env/.installed  ## type every command of the documentation, page by page
	@$(BIN)/python -m pytest --numprocesses 2 tests/docs

test-sdk: build/sdk-env/.installed  ## compare RecordIO with the SageMaker Python SDK 2, byte for byte
	@build/sdk-env/bin/python -m pytest tests/conformance/sdk

test-mxnet: setup build/mxnet-env/.installed  ## compare training and artifact with MXNet 1.9.1, the container's engine
	@$(BIN)/python -m pytest tests/conformance/mxnet

test-metrics: build/metrics-env/.installed  ## compare the ranking metrics with RecTools'
	@build/metrics-env/bin/python -m pytest tests/conformance/metrics

test-clients: setup $(foreach client,sdk2 sdk3 awscli,build/clients/$(client)/.installed)  ## run the SageMaker SDKs and the aws command line against the local account
	@$(BIN)/python -m pytest tests/conformance/clients/check_clients.py

build/moto/.unpacked: tests/conformance/moto/sdist.txt tests/conformance/moto/unpack.py .venv/.installed
	@$(call timed,fetch the tests of moto, rm -rf build/moto && mkdir -p build/moto && \
	  $(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
	    --require-hashes -r tests/conformance/moto/sdist.txt -d build/moto && \
	  PYTHONPATH=. $(BIN)/python tests/conformance/moto/unpack.py build/moto/moto-*.tar.gz build/moto)
	@touch $@

MOTO_TESTS := $(addprefix tests/test_sagemaker/test_sagemaker_,$(addsuffix .py,cloudformation domains \
  endpoint integration models search training transform)) tests/test_sagemakerruntime

test-moto: setup build/moto-env/.installed build/moto/.unpacked  ## run moto's own tests against the local account
	@cd build/moto && PYTHONPATH=$(CURDIR)/tests/conformance/moto $(CURDIR)/build/moto-env/bin/python -m pytest \
	  -q -c /dev/null --rootdir . -p against_account -p no:cacheprovider $(MOTO_TESTS)

bench: setup build/sdk-env/.installed build/mxnet-env/.installed build/bench-env/.installed  ## measure speed, beside other libraries
	@build/sdk-env/bin/python bench/preparing.py codec
	@$(BIN)/python bench/preparing.py pipeline
	@$(BIN)/python bench/preparing.py ranking
	@$(BIN)/python -m bench.trainers
	@$(BIN)/python -m bench.lists
	@$(BIN)/python -m bench.defaults
	@$(BIN)/python -m bench.ranking
	@$(BIN)/python -m bench.hosting_load
