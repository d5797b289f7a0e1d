# hdrlog: build, test and show. Everything needed and missing is installed (see .ci/deps);
# only Maven, git, make and a JDK >= 25 are expected, and of these Maven would be installed too.

.DEFAULT_GOAL := jar
.PHONY: demo jar test fuzz bench kernels idle readme clean help deps deps-tests deps-kernels

# The java on the path may be an older one: the build wants 25, the agent itself runs from 17.
JAVA_HOME := $(shell .ci/find-jdk 25)
ifeq ($(JAVA_HOME),)
$(error no JDK >= 25 found: install one or set JAVA_HOME to it)
endif
export JAVA_HOME

# Downloads are tried again: a first build fetches some hundred files.
MVN := mvn -Dmaven.wagon.http.retryHandler.count=5 -Dmaven.wagon.http.retryHandler.requestSentEnabled=true
NO_TESTS := -Dmaven.test.skip=true -Dspotless.check.skip=true

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | sort | expand -t 10

demo: deps ## build, start a service with the agent, send it traffic, show the records
	@echo "building (JAVA_HOME=$(JAVA_HOME)); the first build downloads what it needs"
	@$(MVN) -q package $(NO_TESTS)
	@if [ -t 1 ] && [ -z "$$NO_COLOR" ]; then colour=true; else colour=false; fi; \
	"$(JAVA_HOME)/bin/java" -cp "it-tests/target/classes:it-tests/target/variants/harness/lib/*" \
	  -Dhdrlog.it.root=. -Ddemo.colour=$$colour io.hdrlog.it.demo.Demo

jar: deps ## build shade/target/hdrlog.jar, running no tests
	@$(MVN) -q -pl shade -am package $(NO_TESTS)
	@ls -l shade/target/hdrlog.jar

test: deps-tests ## run every test, integration tests with real servers and the real kernel included
	$(MVN) verify

# How many inputs, in how many seconds at most (0: as long as they take; the corpus is kept, so that
# the next run goes on), and what Jazzer may count as covered: the parsers, not what tries them.
FUZZ_INPUTS ?= 10000000
FUZZ_SECONDS ?= 0
FUZZ_INCLUDES := io.hdrlog.core.wire.**:io.hdrlog.core.http.**:com.twitter.hpack.**
FUZZ_EXCLUDES := io.hdrlog.core.wire.Fuzz**:io.hdrlog.core.wire.Seen**

fuzz: deps ## feed the parsers $(FUZZ_INPUTS) odd inputs, coverage-guided; prints executions and memory
	@$(MVN) -q -pl agent test-compile dependency:build-classpath -Dspotless.check.skip=true \
	  -Dmdep.includeScope=test -Dmdep.outputFile=target/fuzz.classpath
	@cd agent/target && mkdir -p fuzz/corpus && cp="classes:test-classes:$$(cat fuzz.classpath)" && \
	"$(JAVA_HOME)/bin/java" -cp "$$cp" io.hdrlog.core.wire.FuzzTarget fuzz/seeds && \
	"$(JAVA_HOME)/bin/java" -Xmx512m -XX:+UseSerialGC -cp "$$cp" com.code_intelligence.jazzer.Jazzer \
	  --target_class=io.hdrlog.core.wire.FuzzTarget --instrumentation_includes='$(FUZZ_INCLUDES)' \
	  --instrumentation_excludes='$(FUZZ_EXCLUDES)' -max_total_time=$(FUZZ_SECONDS) \
	  --reproducer_path=fuzz -artifact_prefix=fuzz/ -print_final_stats=1 -runs=$(FUZZ_INPUTS) \
	  -max_len=4096 fuzz/corpus fuzz/seeds

test-wire: deps-tests ## the wire stream's tests, with 20,000 requests a server and a download of 1 GB
	$(MVN) verify -Dtest=NoUnitTest -Dsurefire.failIfNoSpecifiedTests=false -Dit.test='Wire*IT,Http2IT' \
	  -Dfailsafe.failIfNoSpecifiedTests=false -Dhdrlog.it.wire.requests=20000 -Dhdrlog.it.wire.download=1000000000 \
	  -Dhdrlog.it.wire.connections=10000

bench: deps-tests jar ## measure what the agent costs (it-tests/bench)
	@it-tests/bench/run $(BENCH)

kernels: deps-kernels ## boot Debian's kernels and write down what each gives (it-tests/kernels)
	@$(MVN) -q package $(NO_TESTS)
	@it-tests/kernels/run

idle: deps-tests ## ten minutes with a thousand idle connections: CPU, wake-ups, memory (make test: ten seconds)
	@$(MVN) -q verify -Dspotless.check.skip=true -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
	  -Dit.test=IdleIT -Dfailsafe.failIfNoSpecifiedTests=false -Dhdrlog.it.idle.s=600

readme: deps ## write README.md's generated parts anew
	@$(MVN) -q -pl agent test -Dtest=OptionTableTest -Dhdrlog.readme.update=true

clean: ## remove all that was built
	@rm -rf target */target

deps:
	@.ci/deps build

deps-tests:
	@.ci/deps tests

deps-kernels:
	@.ci/deps kernels
