# Casegate. `make demo` and `make test` need Python 3.11+ and git, nothing else; each sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
PARALLEL ?= 2

.PHONY: setup demo test lint bench clean

setup: .setup-stamp

# Set up again only when what it depends on changed.
.setup-stamp: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	# The keys of this installation, where there are none yet: made at set-up, readable by nobody else.
	$(BIN)/casegate keys show > /dev/null
	@touch $@

demo: setup
	$(BIN)/casegate demo

test: setup lint
	$(BIN)/python -m pytest -q -n $(PARALLEL) --dist loadgroup

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .setup-stamp .casegate
