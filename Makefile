# Everything a person needs; `make` alone explains it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
RITORNELLO := $(BIN)/ritornello
WAREHOUSE ?= ./warehouse
CONF ?=
SEED ?= 7
GENERATED_AS_OF := 2025-01-06
SET ?=
OPTIONS = $(foreach file,$(CONF),--conf "$(file)") $(SET)
ARTISTS = $(if $(OUT),--out "$(OUT)") $(if $(TOPN),--top-n $(TOPN)) $(if $(ALPHAS),--alphas $(ALPHAS)) \
  $(if $(K),--k $(K)) $(if $(filter command,$(origin SEED)),--seeds $(SEED))
LOCKED := --generate-hashes --no-annotate --no-emit-index-url --no-header --python-version 3.11 --quiet

# a variable that no target knows is a slip: without this, Input=… would make invented listeners
KNOWN := PYTHON VENV WAREHOUSE CONF SEED SET INPUT AS_OF HORIZON DATA FORMAT PROTOCOL ITEMS METHODS OUT TOPN ALPHAS K \
  PORT WORKERS TESTS NIGHTS SEQUENCES LENGTH REPLAY SHELL
GIVEN := $(foreach name,$(.VARIABLES),$(if $(findstring command line,$(origin $(name))),$(name)))
UNKNOWN := $(filter-out $(KNOWN) MAKEFLAGS MAKEOVERRIDES -*-command-variables-*-,$(GIVEN))
ifneq ($(strip $(UNKNOWN)),)
$(error make knows no variable $(strip $(UNKNOWN)): see make help)
endif
# nor may a target pass over a variable of another: run with DATA= would make invented listeners too
EVERYWHERE := PYTHON VENV WAREHOUSE CONF SEED SET SHELL
OF_run := INPUT AS_OF HORIZON FORMAT
OF_compare := DATA FORMAT PROTOCOL ITEMS METHODS OUT
OF_sequence := $(OF_compare)
OF_artists := INPUT OUT TOPN ALPHAS K
OF_studio := PORT
OTHERS := $(filter-out $(EVERYWHERE) $(OF_$(MAKECMDGOALS)) MAKEFLAGS MAKEOVERRIDES -*-command-variables-*-,$(GIVEN))
ifneq ($(and $(OF_$(MAKECMDGOALS)),$(strip $(OTHERS))),)
$(error make $(MAKECMDGOALS) does not use $(strip $(OTHERS)): it takes $(OF_$(MAKECMDGOALS)))
endif

.PHONY: help
help: ## explain every target
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | sort | awk 'BEGIN {FS = ":.*?## "}; {printf "  make %-12s %s\n", $$1, $$2}'
	@echo
	@echo "  make run INPUT=<folder, file or URI> [AS_OF=<day or instant>] [HORIZON=<days>|to_end] [FORMAT=] [WAREHOUSE=<URI>]"
	@echo "           the night on your own listening: a delivery, or a log of any format of docs/formats.md"
	@echo
	@echo "  CONF=\"a.yaml b.yaml\"            files of settings, for every target that runs a command; later ones win"
	@echo "  SET=\"--set als.rank=8 …\"        single settings (.venv/bin/ritornello settings lists them)"
	@echo "  SEED=7                          the seed of invented listening, of artists and of sequences"
	@echo "  WAREHOUSE=./warehouse           where the tables are"
	@echo
	@echo "  make itself ends with 2 after any error, and prints the code of the command. A scheduler should"
	@echo "  call .venv/bin/ritornello, whose exit codes are in its --help."

.PHONY: setup
setup: $(VENV)/.ready .jars/.ready ## the Python environment and the jars, pinned

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 is missing: install it, or name one with make PYTHON=<path>"; exit 2; }
	@echo "setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.sequence: $(VENV)/.ready conf/sequence.lock
	@echo "adding the packages of the sequential models to $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r conf/sequence.lock
	@touch $@

.PHONY: sequence-tools
sequence-tools: $(VENV)/.sequence ## JAX and what else the sequential models train with, pinned

.jars/.ready: $(VENV)/.ready conf/jars.lock
	@$(BIN)/python -m ritornello.jars .jars
	@touch $@

.PHONY: jars
jars: .jars/.ready ## fetch the pinned jars into .jars

.jars/.s3: .jars/.ready conf/jars-s3.lock
	@$(BIN)/python -m ritornello.jars .jars jars-s3.lock
	@touch $@

.PHONY: jars-s3
jars-s3: .jars/.s3 ## fetch also the jars that s3a:// needs (270 MB), into the same folder

.PHONY: run
ifneq ($(origin INPUT),undefined)
run: setup
	@$(RITORNELLO) refresh $(OPTIONS) --warehouse "$(WAREHOUSE)" --input "$(INPUT)" $(if $(FORMAT),--format $(FORMAT)) $(if $(AS_OF),--as-of "$(AS_OF)") $(if $(HORIZON),--horizon "$(HORIZON)")
else
run: setup ## a whole night: generated data, or your own with INPUT=
	@$(RITORNELLO) generate $(OPTIONS) --set generator.seed=$(SEED) --out build/generated/seed-$(SEED)
	@$(RITORNELLO) refresh $(OPTIONS) --warehouse "$(WAREHOUSE)" --input build/generated/seed-$(SEED) --as-of $(or $(AS_OF),$(GENERATED_AS_OF)) $(if $(HORIZON),--horizon "$(HORIZON)")
	@echo "next: $(RITORNELLO) listeners, then $(RITORNELLO) recommend <one of them>"
endif

.PHONY: compare
compare: setup ## methods side by side on a data set: DATA=<folder> [FORMAT=] [PROTOCOL=] [ITEMS=] [METHODS=] [OUT=]
	@[ -n "$(DATA)" ] || { echo "DATA is required, e.g. make compare DATA=build/generated/seed-7"; exit 2; }
	@$(RITORNELLO) compare $(OPTIONS) --data "$(DATA)" $(if $(FORMAT),--format $(FORMAT)) \
	  $(if $(PROTOCOL),--protocol $(PROTOCOL)) $(if $(ITEMS),--items $(ITEMS)) \
	  $(if $(METHODS),--methods "$(METHODS)") $(if $(OUT),--out "$(OUT)")

SEQUENTIAL := sasrec,sasrec_pps,gsasrec,gsasrec_pps,bert4rec,bert4rec_pps,gated,gated_pps
BESIDE := most_popular,personal_most_popular_last_50_first_seen,personal_most_popular_last_150,decayed_popularity_30d

.PHONY: sequence
ifneq ($(origin DATA),undefined)
sequence: setup sequence-tools
	@$(RITORNELLO) compare $(OPTIONS) --data "$(DATA)" $(if $(FORMAT),--format $(FORMAT)) $(if $(PROTOCOL),--protocol $(PROTOCOL)) --items $(or $(ITEMS),30000) \
	  --methods "$(or $(METHODS),$(BESIDE),$(SEQUENTIAL))" $(if $(OUT),--out "$(OUT)")
else
sequence: setup sequence-tools ## sequential models, each with and without personalised popularity: [DATA=<folder>] [FORMAT=] [ITEMS=] [METHODS=]
	@$(RITORNELLO) generate $(OPTIONS) --set generator.seed=7 --out build/generated/seed-7
	@$(RITORNELLO) compare $(OPTIONS) --data build/generated/seed-7 --items $(or $(ITEMS),5000) \
	  --methods "$(or $(METHODS),$(BESIDE),$(SEQUENTIAL))" $(if $(OUT),--out "$(OUT)")
endif

.PHONY: artists
ifneq ($(origin INPUT),undefined)
artists: setup
	@$(RITORNELLO) artists $(OPTIONS) --input "$(INPUT)" $(ARTISTS)
else
artists: setup ## artists by ALS and LambdaRank: [INPUT=<folder>] [OUT=] [TOPN=] [ALPHAS=] [K=] [SEED= or SEED=42,43]
	@$(RITORNELLO) generate $(OPTIONS) --set generator.seed=7 --out build/generated/seed-7
	@$(RITORNELLO) artists --set artists.ease_items=3000 $(OPTIONS) --input build/generated/seed-7 $(ARTISTS)
endif

.PHONY: studio
studio: setup ## playlists to try in a browser: WAREHOUSE=<folder or URI> [PORT=8866], this machine only
	@$(BIN)/python -m ritornello.studio.serve notebooks/studio.ipynb --conf "$(CONF)" --warehouse "$(WAREHOUSE)" --port $(or $(PORT),8866)

# a file stays in one process, and the files keep the order of tests/conftest.py
PYTEST = $(BIN)/python -m pytest -n $(or $(WORKERS),2) --dist loadgroup --no-loadscope-reorder

.PHONY: test
test: setup sequence-tools ## all tests that need no servers (RITORNELLO_DATA adds real data)
	@$(PYTEST) -m "not integration and not long" $(TESTS)

.PHONY: integration
integration: setup build/ritornello.zip build/environment.pex ## whole comparisons; tests on a cluster and in a browser (installs Debian's Chromium where it may)
	@tests/integration/chromium.sh
	@$(PYTEST) -m "integration and not long" $(or $(TESTS),tests/integration)

.PHONY: long
long: setup jars-s3 build/ritornello.zip build/environment.pex ## the longest tests: nights in a row, S3, Airflow's nights, signals, faults of the machine, the wheel
	@tests/integration/airflow.sh
	@tests/integration/s3.sh
	@$(PYTEST) -m long $(TESTS)

.PHONY: nights
nights: setup ## nights in a row against a model in plain Python: [NIGHTS=40] [SEED=] [SET="--set night.als_every_days=2"]
	@PYTHONPATH=tests $(BIN)/python tests/sequences/nights.py --nights $(or $(NIGHTS),40) --seed $(if $(filter command,$(origin SEED)),$(SEED),1) $(SET)

.PHONY: sequences
sequences: setup ## random sequences of operations against the same model: [SEQUENCES=20] [LENGTH=10] [SEED=1] [REPLAY="late:12 refresh:13"]
	@PYTHONPATH=tests $(BIN)/python tests/sequences/lives.py --sequences $(or $(SEQUENCES),20) --length $(or $(LENGTH),10) \
	  --seed $(if $(filter command,$(origin SEED)),$(SEED),1) $(if $(REPLAY),--replay "$(REPLAY)")

.PHONY: mutants
mutants: setup ## how soon the sequences notice wrong incremental code: [SEQUENCES=50] [SEED=1]
	@PYTHONPATH=tests $(BIN)/python tests/sequences/mutants.py --most $(or $(SEQUENCES),50) \
	  --seed $(if $(filter command,$(origin SEED)),$(SEED),1)

.PHONY: check
check: setup ## lint, format, types, the house in figures, and that every test can be imported
	@$(BIN)/ruff check lib jobs tests
	@$(BIN)/ruff format --check lib jobs tests
	@$(BIN)/mypy
	@$(BIN)/python tests/house.py
	@$(BIN)/python tests/pages.py --check
	@tests=$$($(BIN)/python -m pytest --collect-only -q 2>&1) || { echo "$$tests"; exit 1; }

.PHONY: format
format: setup ## format the sources
	@$(BIN)/ruff check --fix --quiet lib jobs tests
	@$(BIN)/ruff format lib jobs tests

.PHONY: docs
docs: setup ## write from the code: conf/local.yaml, docs/tables.md, methods.md, formats.md, house.md, docstrings of jobs/
	@$(RITORNELLO) settings --out conf/local.yaml
	@$(RITORNELLO) tables --out docs/tables.md
	@$(RITORNELLO) methods --out docs/methods.md
	@$(RITORNELLO) formats --out docs/formats.md
	@$(BIN)/python tests/pages.py

.PHONY: lock
lock: $(VENV)/.ready ## compile the three lock files anew from pyproject.toml
	@$(BIN)/uv pip compile pyproject.toml --extra dev --extra studio $(LOCKED) -o requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --constraints requirements.lock $(LOCKED) -o conf/executors.lock
	@$(BIN)/uv pip compile pyproject.toml --extra sequence --constraints requirements.lock $(LOCKED) -o conf/sequence.lock

.PHONY: package
package: build/ritornello.zip build/environment.pex ## wheel, zip for --py-files, environment for --files

build/ritornello.zip: $(VENV)/.ready $(shell find lib -type f -not -name '*.pyc' 2>/dev/null) pyproject.toml
	@mkdir -p build
	@$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir build/dist
	@cp build/dist/ritornello-*.whl $@
	@echo "built $@ and the wheel in build/dist"

build/environment.pex: $(VENV)/.ready conf/executors.lock
	@mkdir -p build
	@$(BIN)/python -m ritornello.packaging build/environment build/environment.pex
	@echo "built $@"

.PHONY: image
image: package jars-s3 ## the image that conf/schedules/kubernetes.yaml names (needs Docker)
	@docker build --tag "$$(sed -n 's/^ *image: //p' conf/schedules/kubernetes.yaml)" --file conf/schedules/Dockerfile .

.PHONY: clean
clean: ## remove what was built here (not the warehouse)
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache
