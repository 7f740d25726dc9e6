# What a person does here. `make help` lists it; each target installs what it lacks (scripts/bootstrap.sh).

SWIFT ?= swift
CONFIGURATION ?= release
# Further flags of `sluice serve`, for example: make run FLAGS='--port 9090 --database /var/lib/sluice/sluice.sqlite'
FLAGS ?=
# How long each fuzzer runs.
SECONDS ?= 60
# How many requests the soak sends.
REQUESTS ?= 10000000
# The Swift runtime linked in: a release costs some 6 % less CPU a decision, and runs where no Swift is installed.
LINKING = $(if $(filter release,$(CONFIGURATION)),--static-swift-stdlib)
BIN = $(shell $(SWIFT) build -c $(CONFIGURATION) --show-bin-path)

.DEFAULT_GOAL := help
.PHONY: help run build test demo bench bench-crowd fuzz soak check check-sanitizers format completions install-dependencies clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 32

run: build ## Build it and serve on 127.0.0.1:8080, on the database sluice.sqlite
	@echo
	@echo "Try, in another terminal:"
	@echo
	@port=$$(printf '%s' '$(FLAGS)' | sed -n 's/.*--port[= ]*\([0-9][0-9]*\).*/\1/p'); \
	echo "    curl -sS --json @examples/claim.json http://127.0.0.1:$${port:-8080}/v1/decisions"
	@echo
	@echo "Callers on this machine need no token to post and read (anonymousRoles: auto); sluice serve by itself lets nobody in without one."
	@echo
	@SLUICE_ANONYMOUS_ROLES="$${SLUICE_ANONYMOUS_ROLES:-auto}" exec "$(BIN)/sluice" serve $(FLAGS)

build: ## Build the program (CONFIGURATION=debug for a debug build)
	@sh scripts/bootstrap.sh build
	$(SWIFT) build -c $(CONFIGURATION) $(LINKING) --product sluice

test: ## Build everything and run every test
	@sh scripts/bootstrap.sh build test
	$(SWIFT) build --build-tests
	@$(SWIFT) test --skip-build --disable-xctest

demo: build ## Decide 400 example results on a server of its own, and show where they went
	@sh scripts/bootstrap.sh demo
	@python3 scripts/demo.py "$(BIN)/sluice"

bench: build ## Measure decisions a second, latency, CPU and memory
	@sh scripts/bootstrap.sh bench
	@python3 scripts/bench.py "$(BIN)/sluice" $(FLAGS)

bench-crowd: build ## Measure four times the load that is best, and 10,000 idle connections beside work
	@sh scripts/bootstrap.sh bench
	@python3 scripts/crowd.py "$(BIN)/sluice" $(FLAGS)

fuzz: ## Fuzz what reads foreign bytes, each part for SECONDS=60 (Fuzz/README.md)
	@sh scripts/bootstrap.sh build
	cd Fuzz && $(SWIFT) build -c release --sanitize=fuzzer
	@sh scripts/fuzz.sh $(SECONDS)

soak: build ## Send REQUESTS=10000000 of mixed kinds; say what memory and descriptors became
	@sh scripts/bootstrap.sh demo
	@python3 scripts/soak.py "$(BIN)/sluice" $(REQUESTS)

check-sanitizers: ## Run tests and a short soak under the Thread and the Address Sanitizer
	@sh scripts/bootstrap.sh build demo
	@for sanitizer in thread address; do sh scripts/sanitize.sh $$sanitizer "$(SWIFT)" || exit 1; done

check: ## Lint the sources, the scripts and openapi.yaml
	@sh scripts/bootstrap.sh check
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests Fuzz/Package.swift $(wildcard Fuzz/Sources/fuzz-*)
	sh -n scripts/bootstrap.sh && sh -n scripts/fuzz.sh && sh -n scripts/sanitize.sh && bash -n .ci/run
	@PATH="$$PATH:.build/tools/bin"; if command -v openapi-spec-validator >/dev/null; then openapi-spec-validator openapi.yaml; \
	else echo "openapi.yaml is not checked: openapi-spec-validator is not installed (pip install openapi-spec-validator)"; test -z "$$CI"; fi

format: ## Format the Swift sources in place
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests Fuzz/Package.swift $(wildcard Fuzz/Sources/fuzz-*)

completions: build ## Write completion scripts for bash, zsh and fish to .build/completions
	@mkdir -p .build/completions
	@for shell in bash zsh fish; do "$(BIN)/sluice" --generate-completion-script $$shell > .build/completions/sluice.$$shell; done
	@ls .build/completions/*

install-dependencies: ## Install what any of these targets needs
	@sh scripts/bootstrap.sh build test demo bench

clean: ## Remove what was built (databases stay)
	$(SWIFT) package clean
	rm -rf .build/completions .build/bench
