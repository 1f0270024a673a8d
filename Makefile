# Needs Python 3.11 or later, pip, git and make; installs everything else into .venv, at the pinned versions.
PYTHON ?= python3
VENV ?= .venv

BIN := $(VENV)/bin
REQUIREMENTS := requirements-dev.txt
# The pip of $(PYTHON) fills the environment, so that needs neither ensurepip nor a pip of its own.
INSTALL = $(PYTHON) -m pip --python $(BIN)/python install -qq --disable-pip-version-check
# pyright --verifytypes looks for packages with the python that it finds on PATH, whatever --pythonpath says.
PYRIGHT = PATH="$(abspath $(BIN)):$$PATH" pyright

# The store in Redis can be tested only where there is a Redis. CI has one.
UNTESTED = $(if $(shell command -v redis-server),,--omit="*/oauth/_redis_store.py")

# Where Prism and Schemathesis are installed, which know stemp from the OpenAPI document alone.
CONTRACT := .cache/contract

# Where Sphinx is installed, and the site is built.
DOCS := .cache/docs

.DEFAULT_GOAL := help
.PHONY: help demo docs test test-these browser contract test-all-pythons test-pyodide test-lowest build install-check release-check bundles sbom release-tag api lint types typing check chaos faults celery bench sync format lock clean

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

demo: $(VENV)/package  ## run the till against the embedded sandbox
	@$(BIN)/stemp demo

docs: $(DOCS)/installed $(DOCS)/extra/pyodide  ## build the documentation site into .cache/docs/html; warnings are errors
	@$(DOCS)/venv/bin/python -m sphinx -b html --fresh-env --fail-on-warning --keep-going --quiet --jobs auto docs $(DOCS)/html
	@echo "$(DOCS)/html/index.html"

test: $(VENV)/package  ## run the tests; every branch must be covered
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m coverage run -m pytest
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report $(UNTESTED)

browser: $(VENV)/package docs  ## drive the pages and the example app in Chromium, which has to be installed
	@$(BIN)/python -m pytest -m browser

contract: $(VENV)/package $(CONTRACT)/installed  ## drive the clients against Prism, and Schemathesis against the sandbox; needs npm
	@STEMP_CONTRACT="$(abspath $(CONTRACT))" $(BIN)/python -m pytest -m contract tests/contract

# Tests of the development tools, whose results are the same on each Python.
TOOLS = --ignore=tests/typing --ignore=tests/audit/test_other_checkers.py --ignore=tests/check/test_live.py --ignore=tests/webhooks/test_typing.py --ignore=tests/test_make_sync.py --ignore=tests/docs/test_types.py
test-all-pythons: TESTS = tests $(TOOLS)
test-all-pythons:  ## run the tests on the other Python versions of the classifiers, or those in TESTS=
	@found=$$($(PYTHON) .ci/pythons.py --others) || exit 1; \
	echo "$$found" | while read -r version python; do \
	    echo "== Python $$version"; \
	    $(MAKE) --no-print-directory PYTHON="$$python" VENV=.cache/venv-$$version TESTS="$(TESTS)" test-these \
	        </dev/null || exit 1; \
	done

test-pyodide: $(VENV)/package  ## run the tests that need no threads on Pyodide, which is CPython 3.14
	@PYTHON="$(PYTHON)" $(BIN)/python .ci/pyodide/run.py

# Left out are the tests of the development tools, which are not installed here, and what needs newer dependencies, a
# browser or much time.
TESTS = tests --ignore=tests/cli/mcp --ignore=tests/browser $(TOOLS) --ignore=tests/chaos
test-lowest:  ## run the tests with the oldest versions that pyproject.toml allows, on the oldest Python; or those in TESTS=
	@oldest=$$($(PYTHON) .ci/pythons.py --oldest) || exit 1; \
	$(MAKE) --no-print-directory PYTHON="$$oldest" VENV=.cache/venv-lowest REQUIREMENTS=requirements-lowest.txt \
	    TESTS="$(TESTS)" test-these

test-these: $(VENV)/package
	@$(BIN)/python -m pytest $(TESTS)

build: $(VENV)/package  ## build the wheel and the sdist into dist, check that a second build is the same, and what an index would show
	@$(BIN)/python .ci/release.py build
	@$(BIN)/twine check --strict dist/*

install-check: build  ## install the wheel in clean environments, without extras and with all
	@$(PYTHON) .ci/release.py check --quick

# These take minutes. They use what `make build` has built, so that what was checked is what is published.
release-check:  ## install the wheel in dist on each Python, without extras, with each and with all
	@$(PYTHON) .ci/release.py check

bundles:  ## make a zipapp and a program of the wheel in dist, and try both
	@$(PYTHON) .ci/release.py bundles

sbom:  ## write the SBOM of the wheel in dist to .cache/release
	@$(PYTHON) .ci/release.py sbom

release-tag: $(VENV)/package  # that the tag to publish is the one of the version and of this repository; in CI
	@$(BIN)/python .ci/release.py tag "$(GITHUB_REF_NAME)" "$(GITHUB_SERVER_URL)/$(GITHUB_REPOSITORY)"
	@$(BIN)/python .ci/api.py --release

api: $(VENV)/package  ## record public names, and the scopes of each method and preset, in .ci/api.json
	@$(BIN)/python .ci/api.py --write

lint: $(VENV)/package  ## check style, format, words, layers, the generated twin and the record of the API
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/python .ci/make_sync.py --check
	@$(BIN)/stemp scopes matrix --format markdown | diff docs/scopes.md - || { echo "run make sync" >&2; exit 1; }
	@$(BIN)/python .ci/api.py
	@$(BIN)/python .ci/words.py
	@$(BIN)/zizmor -qq --offline --no-progress --persona pedantic --min-severity low .github/workflows

types: $(VENV)/package $(VENV)/benchmarks  ## check types with mypy and pyright, and that all public types are known
	@$(BIN)/mypy
	@$(PYRIGHT) --warnings
	@report=$$($(PYRIGHT) --verifytypes stemp_sdk --ignoreexternal) || { echo "$$report"; exit 1; }; \
	    echo "$$report" | grep 'completeness score'

typing: $(VENV)/package  ## print how five type checkers judge thousands of lines, in each mode; takes minutes
	@$(BIN)/python -m tests.typing.report

check: lint types install-check test-all-pythons test-pyodide test-lowest test  ## what CI checks, but for browser and contract, which need Chromium and npm

chaos: $(VENV)/package  ## kill workers and end calls at random, and write benchmarks/RELIABILITY.md; takes tens of minutes
	@STEMP_CHAOS=full STEMP_CHAOS_REPORT=benchmarks/RELIABILITY.md \
	    $(BIN)/python -m pytest -o faulthandler_timeout=3600 --capture=no --durations=0 $(wildcard tests/chaos/test_*.py) tests/chaos/webhooks.py

faults: $(VENV)/package  ## break responses at every byte, and send every status, to every operation that adds; takes minutes
	@STEMP_FAULTS=full $(BIN)/python -m pytest tests/faults

celery: $(VENV)/package  ## run bulk work in four Celery workers, one of which is killed; needs redis-server
	@$(BIN)/python -m examples.celery_bulk

bench: $(VENV)/package $(VENV)/benchmarks  ## measure each budget beside bare httpx and other SDKs
	@$(BIN)/python -m benchmarks

sync: $(VENV)/package  ## generate each _sync from _async, the descriptions of fields, and docs/scopes.md
	@$(BIN)/python .ci/make_sync.py
	@$(BIN)/stemp scopes matrix --format markdown --output docs/scopes.md

format: $(VENV)/package  ## repair style and format where that can be done safely
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

# Isolated: neither the settings nor the index of the machine may reach the files. From Python 3.11, the oldest.
PIP_COMPILE = CUSTOM_COMPILE_COMMAND="make lock" .cache/lock/bin/pip-compile --quiet --upgrade --pip-args=--isolated \
    --generate-hashes --no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe

# The extra "all" names the package itself, which has no hash.
EXTRAS = $(shell sed -n 's/^all = .*\[\(.*\)\]".*/\1/p' pyproject.toml | tr , " ")

lock:  ## pin the newest development tools, with hashes
	@$(PYTHON) -m venv --clear .cache/lock
	@.cache/lock/bin/python -m pip install -qq --disable-pip-version-check pip-tools
	@$(PIP_COMPILE) $(EXTRAS:%=--extra=%) --output-file requirements-dev.txt pyproject.toml .ci/requirements-dev.in
	@$(PIP_COMPILE) --output-file .ci/requirements-release.txt .ci/requirements-release.in
	@$(PIP_COMPILE) --output-file requirements-lowest.txt .ci/requirements-lowest.in
	@$(PIP_COMPILE) --constraint requirements-dev.txt --output-file benchmarks/requirements.txt .ci/requirements-bench.in
	@$(PIP_COMPILE) --output-file tests/contract/requirements.txt .ci/requirements-contract.in
	@$(PIP_COMPILE) --extra cli --extra sandbox --extra testing --output-file docs/requirements.txt pyproject.toml .ci/requirements-docs.in
	@npm install --prefix tests/contract --package-lock-only --save-exact --omit-lockfile-registry-resolved --silent @stoplight/prism-cli

clean:  ## remove what make made
	@rm -rf .venv .cache docs/reference .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(VENV)/requirements: $(REQUIREMENTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=…")'
	@echo "Setting up $(VENV)"
	@$(PYTHON) -m venv --clear --without-pip $(VENV)
	@$(INSTALL) --require-hashes --requirement $(REQUIREMENTS)
	@touch $@

# The build backend is among the requirements, so it is pinned too.
$(VENV)/package: $(VENV)/requirements pyproject.toml
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/benchmarks: $(VENV)/requirements benchmarks/requirements.txt
	@$(INSTALL) --require-hashes --requirement benchmarks/requirements.txt
	@touch $@

# Sphinx has an environment of its own, as it needs other versions of some packages than the development tools.
$(DOCS)/installed: docs/requirements.txt
	@echo "Setting up $(DOCS)"
	@$(PYTHON) -m venv --clear --without-pip $(DOCS)/venv
	@$(PYTHON) -m pip --python $(DOCS)/venv/bin/python install -qq --disable-pip-version-check \
	    --require-hashes --requirement docs/requirements.txt
	@touch $@

# Pyodide and the package, for the playground. Its node is that of the development tools.
$(DOCS)/extra/pyodide: $(VENV)/package .ci/pyodide/package-lock.json requirements-dev.txt $(shell find stemp_sdk -name '*.py')
	@PYTHON="$(PYTHON)" $(BIN)/python .ci/pyodide/bundle.py $@

# Schemathesis has an environment of its own, as it brings a plugin for pytest.
$(CONTRACT)/installed: tests/contract/requirements.txt tests/contract/package-lock.json
	@echo "Setting up $(CONTRACT)"
	@$(PYTHON) -m venv --clear --without-pip $(CONTRACT)/venv
	@$(PYTHON) -m pip --python $(CONTRACT)/venv/bin/python install -qq --disable-pip-version-check \
	    --require-hashes --requirement tests/contract/requirements.txt
	@cp tests/contract/package.json tests/contract/package-lock.json $(CONTRACT)
	@npm ci --prefix $(CONTRACT) --ignore-scripts --no-audit --no-fund --silent
	@touch $@
