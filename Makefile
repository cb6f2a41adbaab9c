# `make run` on a bare Debian or Ubuntu: Python, PostGIS, packages, demo city, server.
# KANDI_DATABASE_URL set: that database is used and no cluster is made. KANDI_VAR moves var/.

HOST = 127.0.0.1
PORT = 8000
PYTEST_ARGS = -n 2

PYTHON = .venv/bin/python
PIP = flock client $(PYTHON) -m pip -q --disable-pip-version-check
INSTALLED = .venv/installed
INSTALLED_DEV = .venv/installed-dev
PROJECT = setup.cfg pyproject.toml constraints.txt
NODE_MODULES = client/node_modules/.package-lock.json
NPM = PYTHON='$(abspath $(PYTHON))' bash client/npm.sh
NPM_CI = ci --ignore-scripts >/dev/null
APPS = $(patsubst %/package-lock.json,%/built,$(wildcard client/*/package-lock.json))

# The apps are built beside each other and beside what pip fetches.
MAKEFLAGS += --jobs=2

help: ## print this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | sort | awk -F '\t' '{printf "make %-8s %s\n", $$1, $$2}'

run: up ## set up what is missing, then serve on http://127.0.0.1:8000
	@echo "kandi: serving on http://$(HOST):$(PORT) (Ctrl-C ends it, make stop stops the database)"
	@exec .venv/bin/kandi serve --host $(HOST) --port $(PORT)

up: $(INSTALLED) $(NODE_MODULES) $(APPS) database ## everything that run does, without serving
	@bash server/install.sh sheets
	@echo "kandi: bringing the database to the newest schema"
	@.venv/bin/kandi db upgrade
	@echo "kandi: loading the demo city (skipped when it is there)"
	@.venv/bin/kandi demo load

database: $(PYTHON) ## start the private PostgreSQL cluster, created if missing
	@if [ -n "$${KANDI_DATABASE_URL:-}" ]; then \
	    echo "kandi: using the database of KANDI_DATABASE_URL"; \
	else \
	    bash server/install.sh postgres $(PYTHON) && $(PYTHON) -m server.cluster up; \
	fi

# Hundreds of databases come and go: nobody waits for the disk. `make run` waits for it again.
test: export KANDI_CLUSTER_FSYNC = off
test: $(INSTALLED_DEV) $(NODE_MODULES) $(APPS) client/phone/built-mp client/phone/checked client/console/checked database ## run all tests (PYTEST_ARGS='-n 0 -k name' for some)
	@for step in browser sheets redis; do bash server/install.sh $$step || exit 1; done
	@echo "kandi: running the tests"
	@$(PYTHON) -m pytest $(PYTEST_ARGS)

client: $(NODE_MODULES) $(APPS) client/phone/built-mp ## build the apps of /m/ and /console/ and the mini program

bench: $(INSTALLED_DEV) database ## measure us and the peers side by side (SIZE=20k, 200k or 2m)
	@command -v wrk >/dev/null && command -v pgbench >/dev/null || \
	    { echo "kandi: bench needs wrk, nginx and pgbench (apt install wrk nginx-light postgresql-contrib)"; exit 1; }
	@SIZE=$(SIZE) $(PYTHON) -m tests.bench $(BENCH_ARGS)

soak: $(INSTALLED_DEV) database ## the promises about writes and cases in full size: some hours
	@KANDI_SOAK=20 KANDI_SOAK_EDITS=500 $(PYTHON) -m pytest -n 0 tests/disposal/test_crash.py \
	    tests/disposal/test_machine.py tests/database/test_freshness.py tests/database/test_worker.py
	@KANDI_SOAK_ROUNDS=200 KANDI_SOAK_RACERS=10 KANDI_SOAK_KEYS=500 KANDI_SOAK_RETRIES=10 \
	    KANDI_SOAK_STEPS=50000 KANDI_SOAK_TAMPERS=200 KANDI_SOAK_INPUTS=1000 KANDI_SOAK_KILLS=40 \
	    $(PYTHON) -m pytest -n 2 tests/api/test_edits.py tests/api/test_retries.py \
	    tests/api/test_people_retries.py \
	    tests/api/test_isolation.py tests/database/test_audit_tampers.py \
	    tests/api/test_accounts_openapi.py

advisories: $(INSTALLED_DEV) ## ask PyPI and npm for known holes in what is pinned; needs a network
	@$(PYTHON) -m tests.advisories

lint: $(INSTALLED_DEV) ## check style, types and the import arrows
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

stop: ## stop the private cluster, keep its data
	@$(ANY_PYTHON); "$$python" -m server.cluster stop

clean: ## stop the cluster and delete all that make made, its data with it
	@$(ANY_PYTHON); "$$python" -m server.cluster destroy
	@rm -rf var .venv build ./*.egg-info client/node_modules client/*/node_modules client/*/dist client/*/built* client/*/checked
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

ANY_PYTHON = python=$(PYTHON); [ -x "$$python" ] || python=python3

$(PYTHON):
	@python=$$(bash server/install.sh python) && \
	    echo "kandi: making .venv with $$python" && \
	    "$$python" -m venv .venv

$(INSTALLED): $(PYTHON) $(PROJECT)
	@echo "kandi: installing Kandi and what it needs into .venv (pinned in constraints.txt)"
	@$(PIP) install -e '.[redis]' -c constraints.txt
	@touch $@

$(INSTALLED_DEV): $(PYTHON) $(PROJECT)
	@echo "kandi: installing Kandi with the tools of its developers into .venv"
	@$(PIP) install -e '.[dev,redis]' -c constraints.txt
	@touch $(INSTALLED) $@

$(NODE_MODULES): client/package.json client/package-lock.json | $(PYTHON)
	@echo "kandi: installing the pages of the API's description into client/node_modules"
	@$(NPM) . $(NPM_CI)
	@touch $@

# Installed packages are kept, not a step on the way.
.PRECIOUS: client/%/node_modules/.package-lock.json

# What an app is built from: its own files and the core that all apps share. Its steps
# come after its build for browsers: two builds at once would share caches below its node_modules.
.SECONDEXPANSION:
SOURCES = $$(shell find client/core/src client/$$* -type f -not -path '*/node_modules/*' \
    -not -path '*/dist/*' -not -name 'built*' -not -name checked 2>/dev/null)

client/%/node_modules/.package-lock.json: client/%/package.json client/%/package-lock.json | $(PYTHON)
	@echo "kandi: installing what client/$* needs (some minutes the first time)"
	@$(NPM) $* $(NPM_CI)
	@touch $@

client/%/built: client/%/node_modules/.package-lock.json client/precompress.mjs $(SOURCES)
	@echo "kandi: building client/$*"
	@$(NPM) $* run build >client/$*/node_modules/build.log 2>&1 || \
	    { cat client/$*/node_modules/build.log; exit 1; }
	@touch $@

client/%/checked: client/%/node_modules/.package-lock.json client/core/test/* $(SOURCES) | client/%/built
	@echo "kandi: checking the types and the logic of client/$*"
	@$(NPM) $* run check >client/$*/node_modules/check.log 2>&1 || \
	    { cat client/$*/node_modules/check.log; exit 1; }
	@touch $@

client/%/built-mp: client/%/node_modules/.package-lock.json $(SOURCES) | client/%/built
	@echo "kandi: building client/$* for WeChat"
	@$(NPM) $* run mp >client/$*/node_modules/build-mp.log 2>&1 || \
	    { cat client/$*/node_modules/build-mp.log; exit 1; }
	@touch $@

.PHONY: help run up database client test bench soak advisories lint stop clean
