# Two commands are enough: `make run` and `make test`. Either sets up everything it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := $(VENV)/.ready-tests
RAY := .venv-ray
RAY_READY := $(RAY)/.ready
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test test-cluster lint format bench screenshots architecture wheel clean help libraries
.DEFAULT_GOAL := help

help:
	@echo "make run          set up what running needs, and open the window"
	@echo "make test         set up what tests need too, lint, type-check and test"
	@echo "make test-cluster  test studies on a Ray cluster, which takes some hundred MB"
	@echo "make lint         ruff, mypy and the import contracts alone"
	@echo "make bench        print the measurements that the documentation quotes"
	@echo "make screenshots  make the documentation's pictures from the running application"
	@echo "make architecture draw the rooms of the code for docs/architecture.md"
	@echo "make wheel        build the wheel into dist/"

# What running needs, at the versions of requirements.lock; renewed when those change.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "LEO Studio needs Python 3.11 or newer; try: make PYTHON=python3.12 ..." >&2; exit 2; }
	@echo "Setting up $(VENV) (once; a few minutes on a slow network) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q engine leo_studio  # or the first start would, for a second
	@touch $@

# What tests and tools need comes on top, into the same environment, and changes nothing in it.
$(TOOLS): requirements-test.lock $(READY)
	@echo "Adding what tests and tools need ..."
	@$(PIP) -r requirements-test.lock -c requirements.lock
	@touch $@

# Ray is large, so what tests of it need has an environment of its own, which sees the other one.
$(RAY_READY): requirements-ray.lock $(TOOLS)
	@echo "Setting up $(RAY) (some hundred MB) ..."
	@$(PYTHON) -m venv $(RAY)
	@$(BIN)/python -c 'import sysconfig as s; \
	  print("import site; site.addsitedir(%r)" % s.get_path("purelib"))' \
	  > "$$($(RAY)/bin/python -c 'import sysconfig as s; print(s.get_path("purelib"))')/base.pth"
	@$(RAY)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  -r requirements-ray.lock
	@touch $@

# Before the minutes that setting up takes: what no Python package can bring.
libraries:
	@$(PYTHON) leo_studio/startup/platform_libraries.py

run: libraries $(READY)
	@$(BIN)/leo-studio

lint: $(TOOLS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# A worker that dies ends the tests: pytest-xdist loses its place where it replaces one, and waits
# for ever. So does a test that hangs for 15 minutes; it says where each of its threads is.
ENDING := --max-worker-restart 0 -o faulthandler_timeout=900 -o faulthandler_exit_on_timeout=true

test: lint
	@$(PYTHON) leo_studio/startup/platform_libraries.py --platform offscreen
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ENDING)

# Studies on a real Slurm are a part of `make test` where its packages are installed.
# Ray leaves files open, which pytest would take for mistakes of ours.
test-cluster: $(RAY_READY)
	$(RAY)/bin/python -m pytest -p no:unraisableexception tests/cluster/test_ray.py

format: $(TOOLS)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(TOOLS)
	$(BIN)/python benchmarks/step.py
	$(BIN)/python benchmarks/regression.py
	$(BIN)/python benchmarks/evaluate.py
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/import_memory.py
	$(BIN)/python benchmarks/inspection.py
	$(BIN)/python benchmarks/latents.py
	$(BIN)/python benchmarks/tsne.py
	$(BIN)/python benchmarks/onnx.py
	$(BIN)/python benchmarks/window.py
	$(BIN)/python benchmarks/first_minutes.py
	$(BIN)/python benchmarks/images.py
	$(BIN)/python -m benchmarks.large_store
	$(BIN)/python benchmarks/cores.py

screenshots: $(READY)
	$(BIN)/python docs/make_screenshots.py

architecture: $(TOOLS)
	$(BIN)/python docs/make_architecture.py

wheel: $(TOOLS)
	$(BIN)/python -m build --no-isolation --wheel

clean:
	rm -rf $(VENV) $(RAY) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
