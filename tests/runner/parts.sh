# shellcheck shell=bash
# What each part runs. Sourced by tests/run; a part runs in its own subshell with $RESULTS set.

# What a command of run_nextest is run under: nothing, or a broker beside it.
BESIDE=()

# step NAME SECONDS COMMAND…: for checks that are one pass or one failure.
step() {
    local name=$1 seconds=$2
    shift 2
    if limited "$seconds" "$@"; then
        echo "passed $name" >>"$RESULTS/all.steps"
    else
        echo "failed $name" | tee -a "$RESULTS/all.steps"
        return 1
    fi
}

# run_nextest SECONDS ARGUMENT…: results as JUnit XML, kept with this run and not in the checkout.
run_nextest() {
    local seconds=$1 config=$RESULTS/nextest.toml
    shift
    need_cargo_tool cargo-nextest $NEXTEST_VERSION "${NEXTEST_FEATURES[@]}" || return 1
    { printf '[store]\ndir = "%s"\n\n' "$RESULTS"; cat "$ROOT/.config/nextest.toml"; } >"$config"
    limited "$seconds" "${BESIDE[@]}" cargo nextest run "${LOCKED[@]}" --config-file "$config" --profile ci "$@"
}

# nextest SECONDS ARGUMENT…: the same, and what it leaves out is told.
nextest() {
    local status=0
    run_nextest "$@" || status=$?
    shift
    # The report leaves out what was not run, and an ignored test should be seen.
    cargo nextest list "${LOCKED[@]}" --run-ignored only --message-format oneline "$@" 2>/dev/null |
        sed 's/^/skipped /' >"$RESULTS/ignored.steps"
    return $status
}

part_tidy() {
    nextest 900 --package millrace-tests --test tidy
}

part_lint() {
    local status=0
    step fmt 60 cargo fmt --all --check || status=1
    step clippy 1800 cargo clippy --workspace --all-targets "${LOCKED[@]}" --quiet -- -D warnings || status=1
    return $status
}

part_deny() {
    need_cargo_tool cargo-deny $DENY_VERSION || return 1
    step deny 300 cargo deny --log-level error "${LOCKED[@]}" check bans licenses sources
}

# Our own client and command line against a broker beside them. No other part can run these.
LIVE='(package(millrace-client) & binary(live)) | (package(millrace-admin) & test(/^live::/)) | (package(=millrace) & binary(commands))'

part_unit() {
    nextest 2700 --workspace -E "not (package(/^millrace-(kubernetes-)?tests$/) & kind(test)) - ($LIVE)"
}

part_live() {
    build_binaries || return 1
    BESIDE=("$(with_broker)" --)
    run_nextest 900 --package millrace-client --package millrace-admin --package millrace --run-ignored only -E "$LIVE"
}

# The binaries that a test starts: the broker under test, and what runs a suite beside it.
build_binaries() {
    local packages=(--package millrace-broker --package millrace-tests)
    if [ "$MILLRACE_TEST_TARGET" = kafka ]; then
        packages=(--package millrace-tests)
        MILLRACE_KAFKA_LIBS=$(need_kafka) || return 1
        export MILLRACE_KAFKA_LIBS
    fi
    limited 1800 cargo build "${LOCKED[@]}" --quiet "${packages[@]}" --bins
}

# Every command of README and docs, in a copy of the tree. What has no program here is counted as skipped.
part_docs() {
    build_operator_binaries || return 1
    MILLRACE_KAFKA_LIBS=$(need_kafka) || return 1
    export MILLRACE_KAFKA_LIBS
    need_command kcat kcat && need_command curl curl && need_command ip iproute2 &&
        need_command promtool prometheus || return 1
    MILLRACE_DOCS_PROGRAMS=$(need_kubernetes_programs) || return 1
    export MILLRACE_DOCS_PROGRAMS
    MILLRACE_SKIPPED=$RESULTS/blocks.steps nextest 3600 --package millrace-tests -E 'binary(reference) | binary(docs)'
}

part_fleet() {
    build_binaries || return 1
    local which='all()'
    # How a process starts and ends is Millrace's own; its answers, and what is left after a crash, hold for both.
    if [ "$MILLRACE_TEST_TARGET" != millrace ]; then
        which='test(/^(answers|crash)::/)'
    else
        if ! may_mount; then
            echo "skipped disk_full: mounting a small file system is not permitted" | tee "$RESULTS/mount.steps"
            which+=' - test(/^disk_full::/)'
        fi
        if ! may_trace; then
            echo "skipped failing_disk: tracing a process is not permitted" | tee "$RESULTS/trace.steps"
            which+=' - test(/^failing_disk::/)'
        fi
    fi
    nextest 1200 --package millrace-tests --test fleet -E "($which) - test(/^metrics::/)"
}

# The program for one machine as its user has it.
part_up() {
    [ "$MILLRACE_TEST_TARGET" = millrace ] || return 0
    limited 1800 cargo build "${LOCKED[@]}" --quiet --package millrace --bins || return 1
    nextest 600 --package millrace-tests --test up
}

part_metrics() {
    [ "$MILLRACE_TEST_TARGET" = millrace ] || return 0
    need_command promtool prometheus && build_binaries || return 1
    nextest 300 --package millrace-tests --test fleet -E 'test(/^metrics::/)'
}

may_mount() {
    local volume status=1
    volume=$(mktemp -d)
    mount -t tmpfs -o size=1m millrace-probe "$volume" 2>/dev/null && umount "$volume" && status=0
    rmdir "$volume"
    return $status
}

may_trace() {
    need_command strace strace || return 1
    local traced said
    sleep 60 &
    traced=$!
    # It would go on for ever, so its status is that of the limit.
    said=$(timeout 2 strace --output=/dev/null --attach=$traced 2>&1)
    kill $traced
    [[ $said == *attached* ]]
}

part_fuzz() {
    nextest 600 --package millrace-tests --test fuzz
}

# beside_broker SECONDS COMMAND…: the command with a broker under test of its own.
beside_broker() {
    local seconds=$1
    shift
    build_binaries || return 1
    limited "$seconds" "$(with_broker)" -- "$@"
}

with_broker() {
    echo "${CARGO_TARGET_DIR:-$ROOT/target}/debug/with-broker"
}

# A suite of pytest in tests/clients/NAME with the packages that its requirements pin.
python_suite() {
    local suite=$ROOT/tests/clients/$1 venv
    venv=$(need_venv "$suite/requirements.txt") || return 1
    beside_broker 900 "$venv/bin/pytest" --rootdir "$suite" -c "$suite/pytest.ini" \
        --junitxml "$RESULTS/$1.xml" "$suite"
}

part_librdkafka() {
    python_suite librdkafka
}

part_kafka_python() {
    python_suite kafka_python
}

part_kcat() {
    need_command kcat kcat || return 1
    python_suite kcat
}

# A project of Maven in tests/clients/NAME; what it builds stays outside the checkout.
java_suite() {
    need_java || return 1
    local pom=$ROOT/tests/clients/$1/pom.xml complete offline=()
    # A run that passed has brought everything: from then on nothing is asked for again.
    complete=$CACHE/m2/complete-$(fingerprint "$pom")
    [ ! -e "$complete" ] || offline=(--offline)
    beside_broker 900 mvn --batch-mode --no-transfer-progress -Dstyle.color=never "${offline[@]}" \
        "-Dmaven.repo.local=$CACHE/m2" -f "$pom" "-Dmillrace.build=$CACHE/build-$1" \
        "-Dmillrace.reports=$RESULTS" test | sed -u 's/\x1b\[[0-9;]*m//g' && touch "$complete"
}

part_java() {
    java_suite java
}

part_tools() {
    java_suite tools
}

part_go() {
    need_command go golang-go || return 1
    local status=0
    beside_broker 900 go test -C "$ROOT/tests/clients/go" -json -count=1 -parallel 8 ./... \
        >"$RESULTS/go.jsonl" || status=$?
    # The stream holds every line of every test: show what failed, and the totals of the package.
    python3 "$RUNNER/go_failures.py" "$RESULTS/go.jsonl"
    return $status
}

part_node() {
    need_command node nodejs && need_command npm npm || return 1
    local suite=$ROOT/tests/clients/node modules
    modules=$(need_node_modules "$suite") || return 1
    NODE_PATH=$modules beside_broker 900 node --test --test-concurrency=3 \
        --test-reporter=dot --test-reporter-destination=stdout \
        --test-reporter=junit "--test-reporter-destination=$RESULTS/node.xml" \
        "$suite"/*.test.js
}
