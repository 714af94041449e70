# Everything here needs Python >= 3.11 and a network, nothing else: the first target run makes .venv,
# installs uv into it and syncs the pinned, hashed requirements.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
# Every process of the tests and of the demo starts anew: their libraries are compiled once, here.
SYNC := $(BIN)/uv pip sync -q --no-config --compile-bytecode --python $(BIN)/python --require-hashes
WORKERS ?= 2
WORDS := locale/es/LC_MESSAGES/django.mo
COMPILE := $(BIN)/uv pip compile -q --no-config --universal --generate-hashes --no-emit-index-url --python-version 3.11

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak audit services messages lock format

help: ## list the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: .venv/base $(WORDS) ## run the whole product with a believable clinic (RESET=1 starts over, PORT=8000)
	$(BIN)/python manage.py demo --port $(PORT) $(if $(RESET),--reset)

test: .venv/dev $(WORDS) ## run the tests against real services
	$(BIN)/pytest -n $(WORKERS)

check: .venv/dev ## lint, types, layers, migrations, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	git ls-files -z -- '*/templates/*.html' | xargs -0 -r $(BIN)/djade --check --target-version 5.2

bench: .venv/bench $(WORDS) ## measure against floors and references taken in the same run
	$(BIN)/python -m benchmarks

soak: .venv/dev $(WORDS) ## the race, kill and property tests at full size
	SOAK=1 $(BIN)/pytest -m soak

audit: ## Lighthouse over the public pages of a running `make demo` (needs Node; PORT=8000)
	@command -v npm >/dev/null || { echo "make audit needs Node 20 or newer, with npm, and a Chromium"; exit 2; }
	cd audit && npm ci --silent && CHROME_PATH="$${CHROME_PATH:-$$(command -v chromium || command -v google-chrome)}" node run.mjs http://localhost:$(PORT)

services: .venv/base ## run the private PostgreSQL and Valkey in the foreground
	$(BIN)/python manage.py services

format: .venv/dev ## format and fix what ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: .venv/base ## gather what is to be translated into locale/*/LC_MESSAGES/django.po
	$(BIN)/python -m config.messages

%.mo: %.po .venv/base
	$(BIN)/python -m config.messages compile

lock: .venv/uv ## pin the newest versions that pyproject.toml allows
	$(COMPILE) --no-header --upgrade requirements/uv.in -o requirements/uv.txt
	$(COMPILE) --no-header --upgrade pyproject.toml -o requirements/base.txt
	$(COMPILE) --no-header --upgrade --group dev -c requirements/base.txt pyproject.toml -o requirements/dev.txt
	$(COMPILE) --no-header --upgrade --group dev --group bench -c requirements/dev.txt pyproject.toml -o requirements/bench.txt

# Each level holds the one before it. A stamp is older than its pins exactly when they changed.
.venv/uv: requirements/uv.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python >= 3.11 is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/base: requirements/base.txt .venv/uv
	$(SYNC) $<
	@touch $@

.venv/dev: requirements/dev.txt .venv/base
	$(SYNC) $<
	@touch $@

.venv/bench: requirements/bench.txt .venv/dev
	$(SYNC) $<
	@touch $@
