# Perene: `make dev` starts everything on this machine, `make test` runs what CI runs.
# Node, Go and make are needed; `make setup` fetches the rest on Debian and Ubuntu.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The race detector needs a C compiler, and pays where goroutines share state:
# not in the engine, the nouns and the workflows, which run on one thread. The
# operations of the api share little and are many: make test-race tries them.
CC_FOUND := $(shell command -v gcc cc clang 2>/dev/null | head -n 1)
RACE := $(if $(CC_FOUND),-race)
WITHOUT_RACE := /(flow|models|workflows)(/|$$)|/api$$

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)

# Go need not ask git, which refuses a checkout that belongs to somebody else: VERSION says it.
export GOFLAGS := $(filter-out -buildvcs=false,$(GOFLAGS)) -buildvcs=false

# The seed of random tests. With the same one every run draws the same cases, so that a red run is the change's doing and
# not the draw's; make soak draws new ones, and so does go test without make.
RAPID_SEED ?= 20261121

.PHONY: help
help: ## Name every target
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  %-20s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo '  make dev RESET=1 starts over; LANG=pt-BR or LANG=en chooses the language of the table; ARGS=… goes to devstack up'

# ---------------------------------------------------------------- run

.PHONY: setup
setup: ## Check what this machine needs, and install it as root on Debian and Ubuntu
	@scripts/setup test

.PHONY: dev
dev: build ## Build and start everything; Ctrl-C ends it (RESET=1 starts over)
	@bin/devstack up --people examples/demo/people.json $(if $(filter 1 yes true,$(RESET)),--reset) $(if $(filter command,$(firstword $(origin LANG))),--lang $(LANG)) $(ARGS)

.PHONY: testdb
testdb: bin/devstack ## A throw-away Postgres for tests; prints the variable to export
	@bin/devstack postgres --fast --shell

# ---------------------------------------------------------------- build

.PHONY: build
build: bin/perene bin/devstack temporal ## Build the console, perene and devstack, and get Temporal

# Releases and the image use the profile cmd/perene/perene.pgo, and so does make bench. Development builds go without, so
# that they share one build cache with the tests.
PGO ?= off

.PHONY: bin/perene
bin/perene: web
	@scripts/compile perene 'the first time some 3 minutes on two cores, then seconds' ./cmd/perene -- -pgo=$(PGO) -ldflags '-X main.version=$(VERSION)' -o bin/perene

DEVSTACK_FILES := $(shell find devstack -name '*.go' -not -name '*_test.go' -not -path '*/testdata/*') devstack/go.mod devstack/go.sum
bin/devstack: $(DEVSTACK_FILES)
	@cd devstack && ../scripts/compile devstack 'seconds' . -- -pgo=off -o ../bin/devstack && touch ../bin/devstack

.PHONY: temporal
temporal: bin/temporal-ui ## Temporal's server, its SQL tool and Temporal Web: from their releases, or compiled

# The last one of the three.
bin/temporal-ui: deploy/versions.env deploy/temporal/checksums.txt tools/temporal/go.mod tools/temporal/go.sum scripts/temporal
	@scripts/temporal

bin/golangci-lint: tools/lint/go.mod tools/lint/go.sum
	@echo '· build golangci-lint'
	@cd tools/lint && go build -o ../../bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

bin/workflowcheck bin/govulncheck: bin/%: tools/check/go.mod tools/check/go.sum
	@echo '· build $*'
	@cd tools/check && go build -o ../../bin/$* $(if $(filter workflowcheck,$*),go.temporal.io/sdk/contrib/tools/workflowcheck,golang.org/x/vuln/cmd/govulncheck)

# node_modules follow their lock file.
%/node_modules/.package-lock.json: %/package-lock.json
	@echo '· npm ci in $*'
	@cd $* && npm ci --no-audit --no-fund --loglevel=error --prefer-offline --fetch-retries=5 && touch node_modules/.package-lock.json

WEB_FILES := $(shell find web -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)
.PHONY: web
web: $(if $(wildcard web/package.json),web/dist/index.html) ## Build the console
web/dist/index.html: $(WEB_FILES) web/node_modules/.package-lock.json
	@echo '· build the console'
	@mkdir -p bin
	@(cd web && npm run --silent build && touch dist/index.html) >bin/web-build.log 2>&1 || { cat bin/web-build.log; exit 1; }

# ---------------------------------------------------------------- test

.PHONY: test
test: ## Everything CI runs; ends with how many steps passed
	@scripts/test

.PHONY: test-go
test-go: bin/devstack $(if $(wildcard web/package.json),web/dist/index.html) ## Go tests with a private Postgres, -race where it pays
	@bin/devstack postgres --fast -- $(MAKE) test-go-here

.PHONY: test-go-here
test-go-here: ## The same beside a Postgres that PERENE_TEST_DATABASE_URL names
	@bad=0; export RAPID_SEED=$(RAPID_SEED); \
	go test -timeout 30m $(RACE) $$(go list ./... | grep -vE '$(WITHOUT_RACE)') || bad=1; \
	go test -timeout 30m $$(go list ./... | grep -E '$(WITHOUT_RACE)') || bad=1; \
	exit $$bad

.PHONY: test-race
test-race: bin/devstack ## The api's operations with the race detector: minutes
	@bin/devstack postgres --fast -- go test -timeout 30m $(RACE) ./api

.PHONY: soak
soak: bin/devstack ## Random tests with a new seed, CHECKS cases of each property (SEED=… repeats a run)
	@seed=$(or $(SEED),$$(date +%s)); echo "SEED=$$seed"; export RAPID_SEED=$$seed; \
	bin/devstack postgres --fast -- bash -c 'bad=0; \
	go test -count=1 -timeout 10h ./flow ./channels ./internal/phone -args -rapid.checks=$(or $(CHECKS),20000) || bad=1; \
	go test -count=20 $(RACE) -run TestNothingIsLostOrDoubled ./sender || bad=1; \
	PERENE_TRY_ALL=1 go test -count=1 -timeout 10h -run "TestInjectionsAreWords|TestAWriteChangesOnlyWhatItNames" ./api || bad=1; exit $$bad'

.PHONY: fuzz
fuzz: ## Native fuzzing of every target for MIN minutes over all (30)
	@MIN=$(or $(MIN),30) scripts/fuzz

.PHONY: test-devstack
test-devstack: temporal ## Tests of devstack: starts, kills and restarts real stacks
	@cd devstack && go vet ./... && go test -timeout 30m $(RACE) ./internal/process ./internal/ports ./internal/postgres && go test -timeout 30m . ./internal/stack ./internal/temporal
	@cd tools/temporal && go vet ./... && go test -timeout 30m ./...

.PHONY: test-web
test-web: web/node_modules/.package-lock.json ## Console: types, lint and unit tests
	@cd web && npm run --silent typecheck && npm run --silent lint && npm run --silent test

.PHONY: test-e2e
test-e2e: build e2e/node_modules/.package-lock.json ## A browser against a stack of its own on free ports
	@cd e2e && npm test

.PHONY: test-alerts
test-alerts: ## Every alert rule on made-up series: when it fires and when not
	@scripts/alerts

.PHONY: test-stack
test-stack: build ## What operators see of a stack of its own: nothing personal outside Postgres, saved queries, dashboard, alerts
	@go test -count=1 -timeout 30m -tags stack $(if $(RUN),-v -run '$(RUN)') ./internal/house

.PHONY: canary
canary: ## Words, names, numbers and secrets through a stack of its own: found nowhere but in Postgres
	@$(MAKE) test-stack RUN='Personal|Canary'

.PHONY: verify-dashboards
verify-dashboards: ## A real Prometheus on a stack of its own: dashboards and alerts find their series
	@$(MAKE) test-stack RUN='Dashboards|AlertsTell'

.PHONY: bench
bench: PGO := cmd/perene/perene.pgo
bench: build ## Measure turns, latency, commits and WAL (QUICK=1 takes minutes, PROFILE=cpu leaves profiles)
	@go run ./bench $(if $(QUICK),-quick) $(if $(PROFILE),-profile $(PROFILE)) $(ARGS)

.PHONY: chaos
chaos: build ## Kill and stop parts under load, then reconcile (PLAN=p1, SEED=…, MIN=…; PLAN=list names plans)
	@$(if $(CONTINUE_AFTER),PERENE_CONTINUE_AFTER=$(CONTINUE_AFTER)) go run ./chaos $(if $(PLAN),-plan $(PLAN)) $(if $(SEED),-seed $(SEED)) $(if $(MIN),-min $(MIN)) $(ARGS)

# ---------------------------------------------------------------- check

.PHONY: check
check: ## Lint, unit tests and generated files of what changed since BASE (main), in some two minutes
	@scripts/check

.PHONY: lint
lint: lint-go lint-workflows lint-vulnerabilities ## All linters of the Go code

.PHONY: lint-go
lint-go: bin/golangci-lint ## golangci-lint over the program and devstack
	@bin/golangci-lint run ./...
	@cd devstack && ../bin/golangci-lint run --config ../.golangci.yml ./...

.PHONY: lint-workflows
lint-workflows: bin/workflowcheck ## Workflows do nothing that replay could not repeat
	@bin/workflowcheck -config tools/check/workflowcheck.yaml -show-pos ./workflows/...

.PHONY: lint-vulnerabilities
lint-vulnerabilities: bin/govulncheck ## Known vulnerabilities, when their database can be reached (STRICT=1 fails when not)
	@STRICT=$(STRICT) scripts/vulnerabilities

.PHONY: parts
parts: web/node_modules/.package-lock.json ## Lists of parts of a release, as CycloneDX, in dist/parts
	@scripts/parts

.PHONY: pin-images
pin-images: ## Ask the registry for the digests of all images and write them where images are named
	@scripts/pin-images

.PHONY: rules
rules: ## Count the product's rules by state and list what is missing (STATE=partly or absent)
	@scripts/rules $(STATE)

.PHONY: generate
generate: bin/perene ## Write every generated file anew
	@scripts/generate

.PHONY: verify
verify: bin/perene ## Fail when a generated file is not what generate would write
	@scripts/generate --check

.PHONY: fmt
fmt: bin/golangci-lint ## Format the Go code
	@bin/golangci-lint fmt ./...

.PHONY: clean
clean: ## Delete what was built; .dev, the data of make dev, stays
	rm -rf bin web/dist web/node_modules e2e/node_modules e2e/artifacts e2e/test-results
