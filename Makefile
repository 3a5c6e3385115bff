# Casegate. `make demo` and `make test` need Python 3.11+ and git, nothing else; each sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
PARALLEL ?= 2
NODE := web/build/with-node
WEB_SOURCES := $(shell find web/src web/public web/build web/test -type f) web/index.html web/package.json \
	web/package-lock.json web/.npmrc web/tsconfig.json web/vite.config.ts web/biome.json

.PHONY: setup demo test test-offline hostile faults mutants lint bench web web-types clean

setup: .setup-stamp web

# Set up again only when what it depends on changed.
.setup-stamp: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	# The keys of this installation, where there are none yet: made at set-up, readable by nobody else.
	$(BIN)/casegate keys show > /dev/null
	@touch $@

# The workspace, built into server/static when one of its sources changed.
web: web/.build-stamp

web/.build-stamp: $(WEB_SOURCES) web/.packages-stamp
	$(NODE) npm run --silent build
	@touch $@

web/.packages-stamp: web/package.json web/package-lock.json web/.npmrc | .setup-stamp
	$(NODE) npm ci --silent
	@touch $@

# The types of the API as the server declares it now. `make lint` fails where the committed ones differ.
web-types: .setup-stamp web/.packages-stamp
	$(BIN)/python -m server.openapi > web/openapi.json
	$(NODE) npm run --silent types
	@rm web/openapi.json

demo: setup
	$(BIN)/casegate demo

test: setup lint
	$(NODE) npm test --silent
	$(BIN)/python -m pytest -q -n $(PARALLEL) --dist loadgroup

# The tests in a network namespace with nothing but loopback: what is looked up or connected to is counted, and is 0.
test-offline: setup
	$(BIN)/python tests/offline/run.py -n $(PARALLEL) --dist loadgroup

# Every attack at its full length: injected strings, canaries, mutations, quotes, duties, other tenants' ids.
hostile: setup
	CASEGATE_FULL=1 $(BIN)/python -m pytest -q tests/server/test_server_other_tenants.py tests/receipts/test_receipt_flipped.py \
		tests/server/test_server_admin_walk.py tests/hostile/test_hostile_model.py
	$(BIN)/python tests/execution/walks.py 10000
	$(BIN)/casegate eval duties quotes mutations canary attack

# Kills at named points of every workflow, on both stores, then everything else that can go wrong around a worker.
# KILLS: at how many moments of each workflow; 0: at every pass of every point, which takes a day.
KILLS ?= 60
faults: setup
	$(BIN)/python -m evals.faults kill --most $(KILLS) --out .casegate/faults.jsonl
	$(BIN)/python -m evals.faults kill --most $(KILLS) --out .casegate/faults.jsonl --db postgresql
	for kind in random database disk clocks leases; do $(BIN)/python -m evals.faults endure $$kind || exit 1; done

# Planted faults, and which suite catches each.
mutants: setup
	$(BIN)/python -m evals.mutants

lint: setup
	$(BIN)/python -m server.openapi > web/openapi.json
	$(NODE) npm run --silent check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .setup-stamp .casegate server/static web/node_modules web/.build-stamp web/.packages-stamp
