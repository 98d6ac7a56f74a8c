# CS Exchange. `make` lists what there is; people and CI use the same recipes.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

ARGS ?=
BIN := .venv/bin
SOURCES := $(wildcard src tests tools benches)
# What the native engine is built from.
NATIVE := $(shell find native -name target -prune -o -type f -print)
# Two workers by default: CI has two cores. `make test WORKERS=8 ARGS="-k journal"`.
WORKERS ?= 2

.PHONY: help
help: ## Show this list
	@echo "usage: make <target> [ARGS=\"...\"]"; echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13 | sed 's/^/  /'

.PHONY: run
run: setup ## Start the whole exchange with its demo (ARGS="--port 9000 --data-dir ./x --no-bots")
	@tools/web.sh build || echo "make run: starting all the same, with the web app of the last build, or else a plain page" >&2
	@exec $(BIN)/cse up $(ARGS)

.PHONY: web
web: ## Build the web app, which `make run` does too when something of it changed
	@tools/web.sh build

# A running exchange is at CSE_URL (http://127.0.0.1:8000); the API reference of it works here, too.
.PHONY: web-dev
web-dev: ## Serve the web app from its source in front of a running exchange (ARGS="--port 5174")
	@exec tools/web.sh dev $(ARGS)

.PHONY: screenshots
screenshots: setup web ## Take pictures of the web app's pages (ARGS: as tests/browser/screenshots.py says)
	@exec $(BIN)/python -m tests.browser.screenshots $(ARGS)

.PHONY: soak-web
soak-web: setup web ## Leave the web app open for long and look at what it takes (ARGS: as tests/browser/soak.py says)
	@exec $(BIN)/python -m tests.browser.soak $(ARGS)

.PHONY: test
test: toolchain setup ## Run every test but the long ones; starts private PostgreSQL and Redis (ARGS="-k journal")
	@tools/install_test_servers.sh
	@$(if $(ARGS),,tools/native.sh test)
	@$(if $(ARGS),,tools/typescript.sh test)
	@$(if $(ARGS),,tools/web.sh test)
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: soak
soak: toolchain setup ## Run the long tests (marked soak)
	@tools/install_test_servers.sh
	@exec $(BIN)/python -m pytest -m soak $(ARGS)

.PHONY: check
check: toolchain setup ## Format, lint, types, import contracts, house rules
	tools/native.sh check
	tools/typescript.sh check
	tools/web.sh check
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/unit/house

.PHONY: fmt
fmt: setup ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	tools/native.sh fmt

.PHONY: bench
bench: setup ## Measure, against a baseline from the same run; results under benches/results
	@tools/install_bench_tools.sh
	@exec $(BIN)/python -m benches $(ARGS)

.PHONY: lock
lock: ## Re-lock uv.lock, keeping pins (UPGRADE=1: newest of all, UPGRADE=name: of one package)
	@UPGRADE="$(UPGRADE)" tools/lock.sh

.PHONY: setup
setup: .venv/.ready .venv/.native ## Make .venv hold what uv.lock pins, and the native engine where Rust is (others do it when needed)

# A stamp newer than its inputs costs nothing: the second start goes straight to the program.
.venv/.ready: uv.lock pyproject.toml sdk/python/pyproject.toml tools/setup.sh tools/uv.sh
	@tools/setup.sh

# No stamp is left where there is no Rust toolchain: the script then looks (and says so) at every start.
.venv/.native: .venv/.ready tools/build_native.sh tools/rust.sh $(NATIVE)
	@tools/build_native.sh

.PHONY: native
native: .venv/.ready ## Build the native engine, also when building it failed before
	@rm -f .venv/.native
	@tools/build_native.sh

# Where there is no Rust, tests and checks get Debian's; where that cannot be, they fail and say what is missing.
.PHONY: toolchain
toolchain:
	@tools/native.sh toolchain

.PHONY: clean
clean: ## Remove what set-up and tools made; never data
	rm -rf .venv .tools native/target sdk/typescript/node_modules sdk/typescript/dist web/node_modules web/packages/*/node_modules src/cse/gateway/http/web_app .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
