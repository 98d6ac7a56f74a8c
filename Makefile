# CS Exchange. `make` lists what there is; people and CI use the same recipes.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

ARGS ?=
BIN := .venv/bin
SOURCES := $(wildcard src tests tools benches)
# Two workers by default: CI has two cores. `make test WORKERS=8 ARGS="-k journal"`.
WORKERS ?= 2

.PHONY: help
help: ## Show this list
	@echo "usage: make <target> [ARGS=\"...\"]"; echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12 | sed 's/^/  /'

.PHONY: run
run: setup ## Start the whole exchange with its demo (ARGS="--port 9000 --data-dir ./x --no-bots")
	@exec $(BIN)/cse up $(ARGS)

.PHONY: test
test: setup ## Run every test but the long ones; starts private PostgreSQL and Redis (ARGS="-k journal")
	@tools/install_test_servers.sh
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: soak
soak: setup ## Run the long tests (marked soak)
	@tools/install_test_servers.sh
	@exec $(BIN)/python -m pytest -m soak $(ARGS)

.PHONY: check
check: setup ## Format, lint, types, import contracts, house rules
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/unit/house

.PHONY: fmt
fmt: setup ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

.PHONY: bench
bench: setup ## Measure, against a baseline from the same run; results under benches/results
	@exec $(BIN)/python -m benches $(ARGS)

.PHONY: lock
lock: ## Re-lock uv.lock, keeping pins (UPGRADE=1: newest of all, UPGRADE=name: of one package)
	@UPGRADE="$(UPGRADE)" tools/lock.sh

.PHONY: setup
setup: .venv/.ready ## Make .venv hold what uv.lock pins (every other target does it when needed)

# A stamp newer than its inputs costs nothing: the second start goes straight to the program.
.venv/.ready: uv.lock pyproject.toml tools/setup.sh tools/uv.sh
	@tools/setup.sh

.PHONY: clean
clean: ## Remove what set-up and tools made; never data
	rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
