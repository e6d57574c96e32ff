# make demo    from nothing to a report: environment, install, the main job
# make test    everything the tests need, then all of them
# make test-echem  the readers with their extra, in an environment of its own
# make check   lint, format, strict types
# make bench   side by side with what a user would pick instead, in an environment of its own
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install -q --disable-pip-version-check -c constraints.txt
ENGINES := chgnet diep sevennet tblite gpaw gpaw-point
SITES := FeN4@graphene CoN4@graphene NiN4@graphene FeCoN6@graphene
PACKAGED := $(SITES) $(addsuffix N4@graphene,Cr Mn Cu Zn Ru Rh Pd Ir Pt)
PAIRS := $(addsuffix N6@graphene,CrFe FeMn Fe2 FeNi FeCu FeZn MnCo Co2 CoNi CoCu CoZn Ni2 NiCu Cu2)

.PHONY: demo test test-echem check bench validate packaged clean

demo: $(VENV)/core
	@mkdir -p out
	$(BIN)/adatom predict $(SITES) --reaction ORR --correction plane-waves \
	  --json out/demo.json --report out/demo.html
	@echo "open out/demo.html in a browser"

test: $(VENV)/all
	$(BIN)/python -m pytest --durations=10

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv-bench/ready
	.venv-bench/bin/python -m pytest benchmarks --benchmark-only \
	  --benchmark-columns=min,median,rounds --benchmark-disable-gc -p no:cacheprovider -rs

# Where the peers cannot be had beside adatom, their benchmarks are skipped and say so.
.venv-bench/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	.venv-bench/bin/pip install -q --disable-pip-version-check -c constraints.txt -e '.[bench]' || \
	  echo "the peers (extra bench) cannot be installed here: they are left out"
	@touch $@

# Slow checks whose results stand in the docs, and the stated errors of the engines; needs the
# extras mlip and dft.
validate: $(VENV)/all
	$(BIN)/python validation/basis_error.py --database validation.db
	for engine in $(ENGINES); do \
	  $(BIN)/adatom energies benchmark --engine $$engine --database validation.db \
	    --json src/adatom/thermo/benchmarks/$$engine.json || exit; \
	done
	$(BIN)/python validation/accuracy_tables.py
	$(BIN)/python validation/scaling_coverage.py
	$(BIN)/python validation/fit_coverage.py
	$(BIN)/python validation/synergy_coverage.py
	$(BIN)/python validation/evidence_coverage.py
	$(BIN)/python validation/stem_calibration.py run 200
	$(BIN)/python validation/stem_calibration.py table
	$(BIN)/python validation/stem_calibration.py groups 20
	$(BIN)/python validation/stem_labels.py
	$(BIN)/python validation/stem_chain.py images out/chain
	$(BIN)/python validation/stem_chain.py infer out/chain
	$(BIN)/python validation/stem_chain.py summary out/chain
	$(BIN)/python validation/real_files.py
	$(BIN)/python validation/fuzz_readers.py --seconds 600

# The readers with the extra echem, in an environment of its own: yadg holds pandas below 3.
test-echem:
	$(PYTHON) -m venv .venv-echem
	.venv-echem/bin/pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev,echem]'
	.venv-echem/bin/python -m pytest tests/readers -p no:cacheprovider
	.venv-echem/bin/python validation/fuzz_readers.py --format biologic_mpr --format tdms --seconds 60

# The packaged energies again, from nothing (about eleven hours on two cores); needs the extras
# mlip and dft. An interrupted run resumes from packaged.db.
packaged: $(VENV)/all
	$(BIN)/adatom energies compute $(PACKAGED) --engine gpaw --database packaged.db \
	  --folder out/gpaw-pbe-lcao-dzp
	$(BIN)/adatom energies compute $(PAIRS) --engine gpaw-point --database packaged.db \
	  --folder out/gpaw-point-pbe-lcao-dzp

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "adatom needs Python 3.11 or newer; say: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/core: $(VENV)/python pyproject.toml constraints.txt
	$(PIP) -e .
	@touch $@

$(VENV)/dev: $(VENV)/core
	$(PIP) -e '.[dev]'
	@touch $@

$(VENV)/all: $(VENV)/dev
	$(PIP) -e '.[dev,mlip,stem,xas]'
	@touch $@

clean:
	rm -rf $(VENV) .venv-echem .venv-bench out build dist src/*.egg-info
