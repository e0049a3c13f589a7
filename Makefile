# `make help` lists the targets. Every target sets up what it needs; nothing has to be installed first but Python 3.11+.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PROTOS := $(sort $(wildcard proto/rankd/v1/*.proto))
export PYTHONDONTWRITEBYTECODE ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check bench model proto lock examples-typescript clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 28

$(READY): pyproject.toml requirements/dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "rankd needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(READY) ## Make the virtual environment from the locked requirements

demo: $(READY) ## Found a trial co-op, rank for several viewers, explain, vote, verify and replay
	@$(BIN)/rankd demo

serve: $(READY) ## Start the service with the founding policy and stay up
	@$(BIN)/rankd serve --config examples/rankd.toml

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest

check: $(READY) ## Lint, types, layers, wire contract, stubs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd proto && ../$(BIN)/buf lint
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/stubs.py --check
	$(BIN)/python tools/errors_page.py --check

bench: $(READY) ## Measure, side by side in one run, what docs/performance.md reports (BENCH=--full, BENCH=rank …)
	@$(BIN)/python bench/run.py $(BENCH)

model: $(READY) ## Train and seal models/video anew from KuaiRand-Pure (DATA=../shared/data)
	$(BIN)/rankd model train --from kuairand --data $(or $(DATA),../shared/data) --features training/video/FEATURES.yaml \
	  --plan training/video/plan.yaml --surface video --policy policies/video.yaml --threads 2 --out .make/model --replace
	$(BIN)/rankd model seal .make/model --out models/video --replace

proto: $(READY) ## Generate src/rankd/v1 from proto/
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python tools/stubs.py

lock: $(READY) ## Resolve and pin the requirements again, with hashes
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --all-extras --group dev --output-file requirements/dev.txt pyproject.toml

examples-typescript: ## Install what the TypeScript example needs, as its lock says (npm); its test runs from then on
	cd examples/typescript && npm ci --ignore-scripts

clean: ## Remove what the targets made
	rm -rf $(VENV) var .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache examples/typescript/node_modules examples/typescript/gen examples/typescript/dist
