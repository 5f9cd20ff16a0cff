# What a person types; CMake does the work. PRESET chooses another build: `make test PRESET=asan`.
PRESET ?= release
EVERY ?= 1
build := build/$(PRESET)
python := build/oracles/bin/python
sources = $(shell git ls-files '*.cpp' '*.hpp' '*.c' '*.h')

# Compilers run through ccache where it is installed; it must be told that precompiled headers are no obstacle.
ifneq ($(shell command -v ccache),)
export CMAKE_C_COMPILER_LAUNCHER := ccache
export CMAKE_CXX_COMPILER_LAUNCHER := ccache
export CCACHE_SLOPPINESS := pch_defines,time_macros
endif

.PHONY: help build demo test bench bench-ops fuzz size format format-check lint deps oracles test-oracles conformance zoo install clean

help:
	@echo "make build         the command line, build/release/slipway, and the library beside it"
	@echo "make demo          build it, enlarge photographs three times with SRCNN, say how good they are"
	@echo "make test          build and run the tests"
	@echo "make bench         measure SRCNN beside ONNX Runtime; needs the oracles"
	@echo "make bench-ops     measure single operators beside ONNX Runtime; writes docs/performance.md"
	@echo "make fuzz          look for files that bring a reader down: TARGET=model SECONDS=60"
	@echo "make size          measure the library; writes docs/size.md"
	@echo "make install       install below PREFIX (default /usr/local), DESTDIR as usual"
	@echo "make format        format the sources; make format-check only looks"
	@echo "make lint          clang-tidy over the sources, or over those in FILES"
	@echo "make deps          the Debian packages that a build needs; build, demo and test call it"
	@echo "make oracles       PyTorch, ONNX Runtime and onnx in build/oracles (a large download)"
	@echo "make test-oracles  compare with them (EVERY=8: an eighth of the longest suites)"
	@echo "make conformance   run the ONNX standard's own tests; writes docs/conformance.md"
	@echo "make zoo           convert and judge 112 networks; writes docs/zoo.md (hours; ZOO=--short: two minutes)"
	@echo "make clean         remove build/"

deps:
	@scripts/install-packages build

$(build)/build.ninja: | deps
	cmake --preset $(PRESET)

build: deps $(build)/build.ninja
	cmake --build $(build) --target products

demo: deps $(build)/build.ninja
	cmake --build $(build) --target slipway_cli slipway_gain
	@scripts/demo $(build)

test: deps $(build)/build.ninja
	cmake --build $(build)
	ctest --test-dir $(build) --output-on-failure --no-tests=error -j $(shell nproc)

bench: oracles build
	SLIPWAY_CLI=$(build)/slipway $(python) benchmarks/srcnn.py

# Before everything else on the machine, where that is allowed: a processor lost for a moment is a case measured wrong.
bench-ops: oracles deps $(build)/build.ninja
	cmake --build $(build) --target slipway_race
	$(shell chrt -f 1 true 2>/dev/null && echo chrt -f 1) $(python) benchmarks/ops/race.py --program $(build)/slipway_race --output docs/performance.md

fuzz:
	scripts/fuzz $(or $(TARGET),model) $(or $(SECONDS),60)

size: build
	scripts/size-table --build $(build)

install: build
	DESTDIR=$(DESTDIR) cmake --install $(build) --prefix $(or $(PREFIX),/usr/local)

format:
	@clang-format-19 -i $(sources)

format-check:
	@clang-format-19 --dry-run -Werror $(sources)

# As many at a time as there are processors; the first file with a finding ends it (255 stops xargs).
lint: $(build)/build.ninja
	@printf '%s\n' $(or $(FILES),$(filter src/%.cpp,$(sources))) | xargs -P $(shell nproc) -I FILE \
	  sh -c 'clang-tidy-19 -p $(build) --quiet FILE || exit 255'

# The stamp is younger than the list of packages when the environment holds them.
build/oracles/complete: requirements-oracles.txt
	@scripts/install-packages oracles
	python3 -m venv build/oracles
	$(python) -m pip install --quiet --requirement $<
	touch $@

oracles: build/oracles/complete

test-oracles: oracles deps $(build)/build.ninja
	cmake --build $(build) --target slipway_cli slipway_shared slipway_roundtrip slipway_gain slipway_inference slipway_program
	SLIPWAY_CLI=$(build)/slipway SLIPWAY_LIBRARY=$(build)/libslipway.so \
	SLIPWAY_ROUNDTRIP=$(build)/slipway_roundtrip SLIPWAY_GAIN=$(build)/slipway_gain \
	SLIPWAY_INFERENCE=$(build)/slipway_inference SLIPWAY_PROGRAM=$(build)/slipway_program \
	  $(python) -m pytest -q --numprocesses auto --maxprocesses 8 tests/oracles tests/types --every $(EVERY)

conformance: oracles deps $(build)/build.ninja
	cmake --build $(build) --target slipway_cli
	$(python) tests/conformance/report.py --slipway $(build)/slipway

build/oracles/zoo: requirements-zoo.txt build/oracles/complete
	$(python) -m pip install --quiet --requirement $<
	touch $@

zoo: build/oracles/zoo deps $(build)/build.ninja
	cmake --build $(build) --target slipway_cli
	$(python) tests/zoo/report.py --slipway $(build)/slipway $(ZOO)

clean:
	rm -rf build
