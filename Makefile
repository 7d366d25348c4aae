# Pas vu à la télé. `make run` is all it takes; everything is set up on the way and only once.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# html-validate wants Node.js 20.19; Debian 12 has an older one.
NODE_SERVES := node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null && command -v npm >/dev/null

.DEFAULT_GOAL := help
.PHONY: help run test test-browser demo check bench shots setup clean lock
.PHONY: campaign campaign-intake campaign-writers campaign-publish campaign-mutations campaign-addresses campaign-media

help: ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 24

run: setup ## Set up what is missing, then start the product on http://127.0.0.1:8080
	@$(BIN)/pasvu run

test: $(VENV)/.dev node_modules/.package-lock.json ## Set up what is missing, then run the whole test suite
	@$(BIN)/python scripts/test.py

test-browser: $(VENV)/.dev node_modules/.package-lock.json ## The panel's part of it alone, in a real Chromium
	@$(BIN)/python scripts/test.py tests/browser

demo: setup ## Run the whole road once, on footage it makes itself and a sped-up clock
	@$(BIN)/pasvu demo

check: $(VENV)/.dev ## Format, lint, types, import contracts, translations, reference, secrets of no registry
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/check_translations.py
	@$(BIN)/python scripts/write_reference.py --check
	@$(BIN)/python scripts/check_locks.py

bench: $(VENV)/.dev ## Every benchmark: a table of ratios
	@for name in audience curves_in_browser panel sending ingest_cpu; do \
	  echo "== benchmarks/$$name.py"; $(BIN)/python benchmarks/$$name.py || exit 1; done

shots: $(VENV)/.dev node_modules/.package-lock.json ## Pictures of every screen of the panel, both widths and both lights, into shots/
	@$(BIN)/python -m pytest tests/browser/shots.py
	@echo "Look at them: shots/"

campaign: $(VENV)/.dev ## The long forms of the fault tests (kills, hostile files); not part of `make test`
	@PASVU_CAMPAIGN=60 $(BIN)/python -m pytest tests/road/test_kills.py
	@$(MAKE) --no-print-directory campaign-intake
	@$(MAKE) --no-print-directory campaign-writers
	@$(MAKE) --no-print-directory campaign-publish
	@$(MAKE) --no-print-directory campaign-mutations
	@$(MAKE) --no-print-directory campaign-addresses
	@$(MAKE) --no-print-directory campaign-media

campaign-intake: $(VENV)/.dev ## A thousand kills of intake; every shape of an unfinished copy, twenty times
	@PASVU_CAMPAIGN_INTAKE=1000 PASVU_CAMPAIGN_SHAPES=20 $(BIN)/python -m pytest -s \
	  tests/road/test_intake_kills.py tests/road/test_unfinished.py tests/road/test_hostile_names.py

campaign-writers: $(VENV)/.dev ## rsync, Syncthing, SFTP, Samba, WebDAV, recorders: what they write is taken whole and once
	@$(BIN)/python -m pytest -s -q -p no:xdist tests/road/real_writers.py

campaign-publish: $(VENV)/.dev ## Two hundred jobs under two hundred kills of their workers and every fault of the line
	@PASVU_CAMPAIGN_PUBLISH=$${PASVU_CAMPAIGN_PUBLISH:-200} $(BIN)/python -m pytest -s -p no:xdist \
	  tests/road/test_publish_kills.py

campaign-mutations: $(VENV)/.dev ## Six hundred damaged films and traps: none escapes, none hangs, each has its reason
	@PASVU_CAMPAIGN=600 $(BIN)/python -m pytest -q -s tests/ingest/test_jail_mutations.py

campaign-media: $(VENV)/.dev ## Twelve films of known truth: trim, chapters, level, exact cuts; then the memory of twelve hours
	@PASVU_CAMPAIGN_MEDIA=12 $(BIN)/python -m pytest -s tests/ingest/test_media_campaign.py
	@$(BIN)/python benchmarks/ingest_memory.py 1 3 12

campaign-addresses: $(VENV)/.dev ## A hundred hostile addresses: nothing but the public internet is connected to
	@PASVU_CAMPAIGN=1 $(BIN)/python -m pytest -q -s tests/ingest/test_hostile_addresses.py

setup: $(VENV)/.ready ## Virtual environment, packages, the panel's files; a second time does nothing

# Python and venv are the only things a person must bring: say so before pip says something obscure.
$(VENV)/.ready: requirements.lock pyproject.toml package-lock.json scripts/build_assets.py $(wildcard src/pasvu/web/translations/*/*/*.po)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or newer is needed: apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv is missing: apt install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up (a few minutes the first time)…"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@command -v npm >/dev/null 2>&1 || test -x $(BIN)/npm \
	  || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	@$(BIN)/python scripts/build_assets.py
	@touch $@

$(VENV)/.dev: $(VENV)/.ready requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(NODE_SERVES) || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-node.lock
	@touch $@

# axe and html-validate, for the tests of the panel alone; npm writes this file itself when it is done.
node_modules/.package-lock.json: package-lock.json | $(VENV)/.dev
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent --ignore-scripts --no-audit --no-fund

lock: $(VENV)/.dev ## Write the lock files anew
	@sh scripts/lock.sh

clean: ## Remove what set-up made; data (pasvu-home) is left alone
	rm -rf $(VENV) node_modules src/pasvu/web/static/vendor dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
