PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
JOBS ?= 2
# Further words for pytest: make test PYTEST="-k noise".
PYTEST ?=
# Which tests: make test MARKS= runs all of them, MARKS=full those that make test leaves to make full.
MARKS ?= not full
TESTS = OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder
# Bytecode is kept, also where the environment says otherwise: collecting the tests takes half the time, and each of the
# processes that tests start half a second less.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test check full bench certify fuzz torture docs clean corpus

demo: $(VENV)/.base
	$(BIN)/integrade demo integrade-demo

test: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(TESTS) -m "$(MARKS)" $(PYTEST)

check: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(TESTS) -m "not slow and not full" $(PYTEST)

full: $(VENV)/.test
	.ci/run
	.ci/full

bench: $(VENV)/.test
	$(BIN)/python benchmarks/bench.py --out bench.json $(if $(COMPARE),--compare $(COMPARE))

corpus: $(VENV)/.test
	$(BIN)/python benchmarks/corpus.py --mirrors $(MIRRORS) --plant 320 --out docs

certify: $(VENV)/.test
	$(BIN)/python benchmarks/certify.py docs/certification.md
	$(BIN)/python benchmarks/certify_noise.py docs/certification.md
	$(BIN)/python benchmarks/certify_placebos.py docs/certification.md
	$(BIN)/python benchmarks/certify_verdicts.py docs/certification.md
	$(BIN)/python benchmarks/certify_basis.py docs/basis.md
	$(BIN)/python benchmarks/certify_tables.py docs/table_audit_figures.md
	INTEGRADE_RENDERINGS=2000 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest tests/integration/test_renderings.py
	INTEGRADE_MUTATIONS=200 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest tests/study/test_checking.py -k run_does_not_fail

fuzz: $(VENV)/.test
	PYTHONPATH=tests MINUTES=$(MINUTES) INPUTS=$(INPUTS) SEED=$(SEED) CASE=$(CASE) ONLY=$(ONLY) JOBS=$(or $(FUZZ_JOBS),1) \
	  $(BIN)/python -m fuzzing.campaign

torture: $(VENV)/.test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/torture/campaign.py --seed $(or $(SEED),15) --times $(or $(TIMES),1) \
	  $(if $(SMALL),--small) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(ONLY),--only $(ONLY))

docs: $(VENV)/.test
	$(BIN)/python docs/build.py
	$(BIN)/python docs/manual.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.base: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install -q -c constraints.txt -e .
	touch $@

$(VENV)/.test: $(VENV)/.base
	$(BIN)/pip install -q -c constraints.txt -e '.[test,lint,docs]'
	touch $@

clean:
	rm -rf $(VENV) integrade-demo .pytest_cache .mypy_cache .ruff_cache
