# Two commands for a new user: `make demo` and `make test`. Both create .venv and install everything on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
endif

.PHONY: demo test bench simulate notebooks sbom docs clean

# Without compiling some 20,000 files of packages, most of which are never imported: Python compiles what it uses. The pip
# that comes with Python 3.11 takes a minute longer to find out what belongs together than the one of today.
define install
@$(PYTHON) -c 'import sys; sys.exit("ThyroSight needs Python 3.11 or newer, this is %d.%d: run make PYTHON=python3.11 ..." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
@echo "Installing ThyroSight and what it needs into $(VENV) (PyTorch is about 5 GB; a few minutes) ..."
@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip 2>/dev/null || true
@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[$(1)]'
@touch $(VENV)/.user
endef

$(VENV)/.user: pyproject.toml
	$(call install,weights)

# Not on top of the one above: pip would find out twice what belongs together.
FOR_TESTS := weights,pacs,server,postgres,client,ray,openvino,test
$(VENV)/.test: pyproject.toml
	$(call install,$(FOR_TESTS))
	@touch $@

demo: $(VENV)/.user
	@$(BIN)/thyrosight demo --out demo $(if $(DATA),--data $(DATA))

# One thread per worker: two workers with two threads each would wait for one another. Types and imports are checked at
# the same time, and tell at the end what they found; each ends the target with its own exit status.
test: export OMP_NUM_THREADS = 1
# Processes that tests start would compile the package again, each of them, where this is set to 1.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.test
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	@mkdir -p build
	{ $(BIN)/lint-imports && $(BIN)/mypy; } > build/types.txt 2>&1 & types=$$!; \
	  $(BIN)/pytest -n auto --dist loadfile; tests=$$?; wait $$types; types=$$?; cat build/types.txt; \
	  test $$types = 0 && exit $$tests

simulate: $(VENV)/.test
	$(BIN)/python benchmarks/simulate_statistics.py

# One table, ours beside the alternatives, written to docs/benchmarks.md (about ten minutes). ONLY="predict cine" prints
# some of it; DATA=FOLDER takes your own pictures. Alternatives that are not installed are left out: pip install monai
bench: $(VENV)/.test
	@$(BIN)/python benchmarks/bench.py $(ONLY)

# Runs the notebooks of docs/notebooks and keeps what they show. ONLY="own-model" runs one.
notebooks: $(VENV)/.test
	@$(BIN)/python benchmarks/notebooks.py $(ONLY)

# What an installation holds: licences (none may forbid handing it on), CycloneDX in build/sbom.json, and known holes,
# for which pip-audit asks a public database; where that cannot be reached, this is said last, and ends with an error.
sbom: $(VENV)/.test
	@$(BIN)/python benchmarks/supply_chain.py
	@test -x build/tools/bin/pip-audit || ($(PYTHON) -m venv build/tools && \
	  build/tools/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom pip-audit)
	@build/tools/bin/cyclonedx-py environment $(VENV) --output-reproducible --output-file build/sbom.json
	@echo "Wrote build/sbom.json"
	@$(BIN)/python benchmarks/supply_chain.py --holes build/tools/bin/pip-audit

docs: $(VENV)/.user
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -e '.[docs]'
	$(BIN)/mkdocs build --strict

clean:
	rm -rf $(VENV) build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis
