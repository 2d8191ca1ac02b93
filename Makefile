# One command sets up and runs the main job (make demo); one sets up and passes the tests (make test).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MINOR := $(shell $(PYTHON) -c 'import sys; print("%d%d" % sys.version_info[:2])')
CONSTRAINTS := $(wildcard constraints-py$(MINOR).txt)
CONSTRAIN := $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS),)
CHECK := .wheel-check

.PHONY: demo test lint docs bench schema slow clean

$(VENV)/.run: pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAIN) --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAIN) --editable '.[dev]'
	touch $@

$(VENV)/.docs: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(CONSTRAIN) --editable '.[docs]'
	touch $@

demo: $(VENV)/.run
	$(BIN)/socmeasures demo --out demo-output

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=term -m 'not slow and not engines'
	$(MAKE) --no-print-directory wheel-check

# The wheel, installed in a clean environment outside the checkout, runs the demonstration.
.PHONY: wheel-check
wheel-check: $(VENV)/.dev
	rm -rf $(CHECK) dist
	$(BIN)/python -m build --wheel --no-isolation --outdir dist . > /dev/null
	$(PYTHON) -m venv $(CHECK)/venv
	$(CHECK)/venv/bin/python -m pip install --quiet --disable-pip-version-check $(CONSTRAIN) dist/*.whl
	cd $(CHECK) && venv/bin/socmeasures demo --out demo-output && test -s demo-output/report.html
	rm -rf $(CHECK)

slow: $(VENV)/.dev
	$(BIN)/python -m pytest -m slow

# Spark in local mode; needs Java. In its own environment: PySpark changes what pandera loads.
ENGINES := .venv-engines
.PHONY: test-engines
test-engines: pyproject.toml $(CONSTRAINTS)
	test -d $(ENGINES) || $(PYTHON) -m venv $(ENGINES)
	$(ENGINES)/bin/python -m pip install --quiet --disable-pip-version-check $(CONSTRAIN) --editable '.[dev,spark]'
	PYSPARK_PYTHON=$(CURDIR)/$(ENGINES)/bin/python $(ENGINES)/bin/python -m pytest -m engines tests/scoring/test_spark.py

docs: $(VENV)/.docs
	$(BIN)/python docs/make_pages.py
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

schema: $(VENV)/.dev
	$(BIN)/python docs/make_pages.py --schema
	$(BIN)/python docs/module_map.py

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks.run

# Small sizes, under a minute: fails only where something has become three times slower.
.PHONY: bench-small
bench-small: $(VENV)/.dev
	$(BIN)/python -m benchmarks.run --small

clean:
	rm -rf $(VENV) $(ENGINES) $(CHECK) dist build docs/_build demo-output .pytest_cache .mypy_cache .ruff_cache .coverage
