# Everything is done from here; CI runs the same targets.
# Needs only Python 3.11 or newer, make, and the package registries as pip is set up to reach them.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check
SHEET  ?= data/branch/day-0.jsonl
PYTEST_ARGS ?=
TEST_PROCESSES ?= 2
SEEDS ?= 10000
VISITS ?=
KAFKA_TESTS ?= tests/system
JARS   := build/kafka/libs
QUIX   := build/quixstreams

.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-days test-unit mutants clauses test-thorough test-short lint format fuzz simulate test-kafka chaos schemas bench pins audit-deps sbom clean

help:  ## Say what can be made
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.runtime  ## Make .venv with the pinned requirements and the command `servicelane`

demo: setup  ## Set up and play the sample day: ten cars from the gate to the last follow-up call
	$(BIN)/servicelane play $(SHEET)

up: setup  ## Run the whole system here, until Ctrl-C
	$(BIN)/servicelane up

test: $(VENV)/.dev  ## All tests but the heavy days and those that need a real Apache Kafka
	$(BIN)/python -m pytest -m "not kafka and not days and not short_form" -n $(TEST_PROCESSES) --dist worksteal $(PYTEST_ARGS)

test-days: $(VENV)/.dev  ## The heavy days of the sample branch to their last line, and days of other seasons (a quarter of an hour)
	$(BIN)/python -m pytest -m days tests/system $(PYTEST_ARGS)

test-unit: $(VENV)/.dev  ## The tests that need no server: domain, contracts, audit, house
	$(BIN)/python -m pytest -m unit -n $(TEST_PROCESSES) --dist worksteal $(PYTEST_ARGS)

mutants: $(VENV)/.dev  ## Take each rule of the domain files out in turn; its clause's tests have to notice (ONLY=W11, ONLY=check.py)
	$(BIN)/python -m tests.mutants $(if $(ONLY),--only $(ONLY))

clauses: $(VENV)/.dev  ## Print each clause of the procedure with its tests
	@$(BIN)/python -m tests.house.named_clauses

test-thorough: $(VENV)/.dev  ## The tests that search at random, much longer
	SERVICELANE_TEST_SEARCH=thorough $(BIN)/python -m pytest -k "no_way_past or any_order or settlement or money or calendar or stock or moves" $(PYTEST_ARGS)

lint: $(VENV)/.dev  ## ruff, mypy (strict) and the walls between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## Let ruff put things right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test-kafka: $(VENV)/.dev $(JARS)/.complete  ## The system tests again, on a real Apache Kafka (needs Java 17 and Maven)
	SERVICELANE_TEST_BROKER=apache $(BIN)/python -m pytest -m "not days" $(KAFKA_TESTS) tests/kafka $(PYTEST_ARGS)

fuzz: $(VENV)/.dev  ## Every command and refusal once, hostile messages into the topics, then 20,000 calls, valid and not, in sequences and by operation: no 5xx, nothing undocumented (SHORT=1: 4 minutes)
	$(BIN)/python -m tests.fuzz $(if $(SHORT),--short) $(FUZZ_ARGS)

bench: $(VENV)/.bench $(QUIX)/.ready  ## Measure speed as ratios to bare programs: ONLY=intake for one figure, SHORT=1 for three minutes
	$(BIN)/python -m bench $(if $(SHORT),--short) $(foreach name,$(ONLY),--only $(name))

simulate: $(VENV)/.dev  ## Journal, relay, intake and timers under seeded chance and faults, 10,000 times; SEED=n plays one, ALOUD=1 with its logs
	$(BIN)/python -m tests.simulate $(if $(SEED),--seed $(SEED) $(if $(ALOUD),--aloud),--seeds $(SEEDS))

chaos: SHEET = data/branch/load-300.jsonl
chaos: $(VENV)/.dev $(JARS)/.complete  ## Cars played on Apache Kafka while a monkey strikes, then the audit (SHORT=1 four minutes, VISITS=6, SEED=1); all 300 take two hours
	$(BIN)/python -m tests.chaos --sheet $(SHEET) $(if $(VISITS),--visits $(VISITS)) --seed $(or $(SEED),1) $(if $(SHORT),--short)

test-short: $(VENV)/.dev  ## The short forms of fuzz and chaos as tests (chaos where Apache Kafka's jars are); simulate's is in `test`
	$(BIN)/python -m pytest -m short_form tests/fuzz tests/chaos $(PYTEST_ARGS)

schemas: $(VENV)/.dev  ## Write the JSON Schema of each new event type, and build/asyncapi.json
	$(BIN)/servicelane schemas

pins: $(VENV)/.dev  ## Compute requirements*.txt anew from pyproject.toml (uv is fetched into .venv)
	$(PIP) install --quiet uv
	$(BIN)/uv $(PIN) -o requirements.txt
	$(BIN)/uv $(PIN) --extra dev -c requirements.txt -o requirements-dev.txt
	$(BIN)/uv $(PIN) --extra bench -c requirements.txt -o requirements-bench.txt
	echo quixstreams | $(BIN)/uv pip compile - $(HASHED) -o requirements-quixstreams.txt

HASHED := --quiet --upgrade --universal --python-version 3.11 --prerelease if-necessary-or-explicit \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header
PIN := pip compile pyproject.toml $(HASHED) --extra build

audit-deps: $(VENV)/.dev  ## Known vulnerabilities of the pins; status 2 where they could not be looked up
	$(BIN)/python -m deploy.audit_dependencies

sbom: $(VENV)/.dev  ## Write build/sbom.json, the bill of materials (CycloneDX) of the pins
	@mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --output-reproducible --spec-version 1.6 -o build/sbom.json

clean:  ## Remove everything that was made, the stack's data in var/ too
	rm -rf $(VENV) build var *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "servicelane needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || echo missing)." >&2; \
		echo "Name another: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt pyproject.toml | $(BIN)/python
	@echo "setting up $(VENV): a minute"
	@$(PIP) install --quiet --require-hashes -r requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "adding what tests and lint need"
	@$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.runtime
	@echo "adding what the benchmark compares with"
	@$(PIP) install --quiet --require-hashes -r requirements-bench.txt
	@touch $@

# an environment of its own: it wants a pydantic older than the pinned one
$(QUIX)/.ready: requirements-quixstreams.txt | $(BIN)/python
	@$(PYTHON) -m venv $(QUIX)
	@$(QUIX)/bin/python -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements-quixstreams.txt
	@touch $@

$(JARS)/.complete: tests/kafka/pom.xml
	@command -v java >/dev/null && command -v mvn >/dev/null || { echo "Apache Kafka needs java and mvn" >&2; exit 1; }
	mvn --quiet --batch-mode -f tests/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(JARS)
	@touch $@
