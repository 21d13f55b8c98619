PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
TORCH := $(shell grep '^torch==' constraints.txt)
TORCH_CPU_INDEX := https://download.pytorch.org/whl/cpu

# Where this is set, each of the many processes that the tests start compiles every module anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help train test test-slow test-browser test-cluster check format bench docs clean

help: ## List what make can do here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

train: $(VENV)/.train ## Install, train the tutorial's model, print its accuracy (ARGS="--seed 1" adds options)
	@$(BIN)/tenfold train --recipe tutorial-mlp $(ARGS)

test: $(VENV)/.dev ## Install and run the tests (ARGS="-k idx" adds options)
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

test-slow: $(VENV)/.dev ## The long tests, some on all of MNIST (TENFOLD_DATA); takes minutes
	$(BIN)/pytest -n auto --dist worksteal -m slow $(ARGS)

test-browser: $(VENV)/.dev ## The tests in Chromium, where it is installed
	$(BIN)/pytest -m browser -rs $(ARGS)

test-cluster: $(VENV)/.dev ## The tests of tenfold batch and sweep on Dask clusters, started on this machine
	$(BIN)/pytest -m cluster $(ARGS)

check: $(VENV)/.dev ## Lint, formatting, types, import contracts, no CUDA without a GPU
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if [ -z "$$(command -v nvidia-smi)" ] && $(BIN)/python -m pip list 2>/dev/null | grep '^nvidia-'; then \
		echo "CUDA packages were installed on a machine without a GPU."; exit 1; fi

format: $(VENV)/.dev ## Format the code and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## Measure, and print the tables of docs/benchmarks.md (ARGS="--write" renews them there)
	$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/.dev ## Renew docs/commands.md from --help
	$(BIN)/python -m tests.commands_page

clean: ## Remove the virtual environment and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tenfold needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

# For Linux, PyPI's torch brings gigabytes of CUDA. Without an NVIDIA card its CPU build is taken
# instead: where pip is set up to look for it, or else from PyTorch's own index.
$(VENV)/.torch: constraints.txt | $(BIN)/python
	@if [ "$$(uname -s)" = Linux ] && [ -z "$$(command -v nvidia-smi)" ]; then \
		$(PIP) '$(TORCH)+cpu' 2>/dev/null || $(PIP) --extra-index-url $(TORCH_CPU_INDEX) '$(TORCH)'; fi
	@touch $@

$(VENV)/.train: pyproject.toml constraints.txt $(VENV)/.torch
	@echo "Installing into $(VENV) …"
	@$(PIP) --editable '.[train]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt $(VENV)/.torch
	@echo "Installing into $(VENV) …"
	@$(PIP) --editable '.[train,serve,postgres,scale,dev]'
	@touch $@
