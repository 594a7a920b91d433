# Everything a person or a machine does with this repository. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Where it is set, each of the many commands that demo and tests start would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

# Two workers whatever the machine: the figures in the docs and the time limits are for two cores.
WORKERS ?= 2

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: $(READY) ## Make .venv from the lock file (the other targets do it when they need to)

$(READY): requirements-dev.lock pyproject.toml tools/python.sh
	@python=$$(tools/python.sh); \
	echo "Setting up $(VENV) with $$($$python --version)"; \
	rm -f $(READY); \
	$$python -m venv $(VENV); \
	$(BIN)/python -m pip install -qq --no-deps --require-hashes --only-binary :all: --requirement requirements-dev.lock; \
	$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $(READY)

.PHONY: demo
demo: $(READY) ## Run the main job against the embedded emulator; results in build/demo/
	@python tools/demo.py

.PHONY: test
test: $(READY) ## Run all tests (no network, no secrets, at most six minutes on two cores)
	@pytest -q -n $(WORKERS) tests --ignore tests/interop

.PHONY: interop
interop: $(READY) ## Run what others wrote against us: foreign clients, schema and workflow checkers (Node.js 20)
	@tools/foreign.sh
	@pytest -q tests/interop

.PHONY: bench
bench: $(READY) ## Measure; figures in build/bench.json
	@python tools/bench.py

.PHONY: soak
soak: $(READY) ## Run the long fault schedules, thousands of random histories of people, and hundreds of previews
	@python tools/soak.py
	@python tools/histories.py
	@python tools/previews.py

.PHONY: lint
lint: $(READY) ## Check style, import rules, workflows and changelog fragments
	@ruff check .
	@ruff format --check .
	@lint-imports --no-logo
	@zizmor --offline --no-progress --quiet .github
	@actionlint
	@check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yaml
	@check-jsonschema --quiet --builtin-schema custom.github-workflows-require-timeout .github/workflows/*.yaml
	@check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	@check-jsonschema --quiet --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yaml
	@towncrier build --draft --version next > /dev/null
	@python tools/generate.py --check

.PHONY: types
types: $(READY) ## Check types
	@mypy

.PHONY: schemas
schemas: $(READY) ## Write what is generated and committed: JSON Schemas for editors, the list of assumptions
	@python tools/generate.py

.PHONY: lock
lock: $(READY) ## Resolve the dependencies anew into the lock files
	@tools/lock.sh

.PHONY: clean
clean: ## Remove what was built; the environments stay
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
