# Two commands: `make up` starts a desk from this checkout, `make test` runs everything.

SHELL      := /bin/bash
PYTHON3    ?= python3
PORT       ?= 9977
DATA       ?= .desk
VENV       := .venv
PYTHON     := $(VENV)/bin/python
NIGHTDESK  := $(VENV)/bin/nightdesk
PIP        := $(PYTHON) -m pip --disable-pip-version-check --quiet --quiet
LOCK       := $(PYTHON) -m uv pip compile --universal --python-version 3.11 --upgrade --generate-hashes \
                --no-emit-index-url --no-emit-find-links --no-header --quiet
STAMPS     := $(VENV)/.stamps
PAGE       := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help up down test check lint bench campaign lock package clean

help: ## Say what each target does
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(STAMPS)/installed ## Start a desk from this checkout and print its address; running already, print that
	@$(NIGHTDESK) up --detach --data "$(DATA)" --port "$(PORT)"

down: ## Stop the desk that `make up` started
	@if [ -x $(NIGHTDESK) ]; then $(NIGHTDESK) down --data "$(DATA)"; else echo "no desk is running: nothing is installed"; fi

# Lint runs beside the tests, which mostly wait for servers, and is told after them.
test: $(STAMPS)/dev $(STAMPS)/servers ## Run everything: lint, types, every test, browser and servers included
	@status=0; told=$$(mktemp); \
	$(MAKE) --no-print-directory lint > "$$told" 2>&1 & lint=$$!; \
	$(PYTHON) -m pytest -m "not campaign" || status=1; \
	wait $$lint || status=1; \
	cat "$$told"; rm -f "$$told"; \
	exit $$status

check: $(STAMPS)/dev lint ## Run the quick part: ruff, mypy, house tests
	$(PYTHON) -m pytest -q tests/house

lint: $(STAMPS)/dev ## Run ruff and mypy alone
	$(VENV)/bin/ruff format --check src tests benchmarks hatch_build.py
	$(VENV)/bin/ruff check src tests benchmarks hatch_build.py
	$(VENV)/bin/mypy src tests hatch_build.py

bench: $(STAMPS)/dev ## Measure speed and size, and print the figures
	@$(PYTHON) -m benchmarks

campaign: $(STAMPS)/dev $(STAMPS)/servers ## Run the long forms: kills and hangs by the hundred, the picture of the README
	$(PYTHON) -m pytest -m campaign --timeout 7200

lock: | $(PYTHON) ## Choose the newest versions the project allows, and write them with their hashes
	$(PIP) install 'uv>=0.9,<1'
	$(LOCK) pyproject.toml --group build --output-file requirements.lock
	$(LOCK) pyproject.toml --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock
	$(LOCK) --group page --output-file requirements-page.lock

package: $(STAMPS)/dev ## Build the source archive and the wheel into dist/
	$(PYTHON) -m build

clean: down ## Stop the desk and remove what was built and installed here; the data in .desk stays
	rm -rf $(VENV) dist build src/nightdesk/static web/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -not -path './web/node_modules/*' -prune -exec rm -rf {} +

# ------------------------------------------------------------ what the targets stand on

# Debian's python3 comes without ensurepip; root may fetch it.
$(PYTHON):
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Nightdesk needs Python 3.11 or newer"; exit 1; }
	@$(PYTHON3) -c 'import ensurepip, venv' 2>/dev/null || tools/install-packages python3-venv
	$(PYTHON3) -m venv $(VENV)

$(STAMPS)/locked: requirements.lock | $(PYTHON)
	@echo "installing what Nightdesk needs into $(VENV) ..."
	@$(PIP) install --require-hashes --requirement requirements.lock
	@mkdir -p $(STAMPS) && touch $@

# Node.js for the page: the system's, or the one from the lock where that is missing or too old.
$(STAMPS)/node: requirements-page.lock $(STAMPS)/locked
	@$(PYTHON) -c 'import hatch_build, sys; sys.exit(hatch_build.system_node() is None)' \
	  || $(PIP) install --require-hashes --requirement requirements-page.lock
	@touch $@

# The editable install builds the page too (hatch_build.py).
$(STAMPS)/installed: $(STAMPS)/locked $(STAMPS)/node pyproject.toml hatch_build.py $(PAGE)
	@echo "building the page and installing Nightdesk ..."
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(PYTHON) -m compileall -q src || true  # a start reads bytecode, where it may not be written later too
	@touch $@

$(STAMPS)/dev: $(STAMPS)/installed requirements-dev.lock
	@echo "installing what the tests need ..."
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

# Tests talk to real servers and a real browser; where they cannot be installed, tests skip (and fail with CI set).
$(STAMPS)/servers: | $(PYTHON)
	@tools/install-packages --optional chromium curl libatomic1 dbus-daemon dbus-bin dunst xvfb gcc libc6-dev \
	  postgresql postgresql-contrib prometheus prometheus-node-exporter redis-server
	@mkdir -p $(STAMPS) && touch $@
