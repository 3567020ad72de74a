# shellcheck shell=bash
# Brings what a part needs and the machine lacks. Sourced by tests/run.
# Everything goes below $CACHE, keyed by the file that pins it; system packages are the exception.

KAFKA_VERSION=4.2.0
NEXTEST_VERSION=0.9.151
# Not the part that replaces itself, which brings a whole TLS library.
NEXTEST_FEATURES=(--no-default-features --features default-no-update)
DENY_VERSION=0.20.2

set_up_builds() {
    export PATH=$CACHE/cargo/bin:$PATH
    export PYTHONDONTWRITEBYTECODE=1
    export GOMODCACHE=$CACHE/go/mod GOCACHE=$CACHE/go/build GOFLAGS=-mod=readonly
    export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}
    LOCKED=()
    # A fresh checkout per run must not mean a fresh build per run.
    if [ "${CI:-}" = true ]; then
        export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target} CARGO_INCREMENTAL=0
        LOCKED=(--locked)
        # Tests know the folder that they were built in: what another checkout left is built anew.
        if [ "$(cat "$CARGO_TARGET_DIR/checkout" 2>/dev/null)" != "$ROOT" ]; then
            find "$ROOT" -name '*.rs' -exec touch {} +
            mkdir -p "$CARGO_TARGET_DIR"
            echo "$ROOT" >"$CARGO_TARGET_DIR/checkout"
        fi
    fi
}

# limited SECONDS COMMAND…: everything that could hang has a limit; its whole process group ends,
# at the limit or when this run is interrupted.
limited() {
    local seconds=$1 status=0
    shift
    timeout --kill-after=20 "$seconds" "$@" &
    # shellcheck disable=SC2064 # the process of now
    trap "kill -TERM $! 2>/dev/null" INT TERM
    wait $! || status=$?
    trap - INT TERM
    return $status
}

# quietly LOG COMMAND…: output only when it failed, and then its end.
quietly() {
    local log=$1
    shift
    "$@" >"$log" 2>&1 && return
    echo "failed: $*" >&2
    tail -n 40 "$log" >&2
    return 1
}

# installed WHAT COMMAND…: says how long it took. On standard error: some callers print a path.
installed() {
    local what=$1 started=$SECONDS
    shift
    "$@" || return
    echo "installed $what in $((SECONDS - started)) s" >&2
}

need_command() { # COMMAND PACKAGE…
    local command=$1
    shift
    command -v "$command" >/dev/null && return
    command -v apt-get >/dev/null || { echo "install $command ($*)" >&2; return 1; }
    local as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    quietly "$CACHE/apt.log" limited 300 "${as_root[@]}" apt-get update &&
        installed "$*" quietly "$CACHE/apt.log" limited 600 "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y --no-install-recommends "$@"
}

# need_cargo_tool NAME VERSION [ARGUMENT…]: built without optimizing, which would take several times
# as long as all that these tools ever do here.
need_cargo_tool() {
    local name=$1 version=$2
    shift 2
    [ "$("$name" --version 2>/dev/null | awk 'NR == 1 { print $2 }')" = "$version" ] && return
    # The build directory would outweigh everything else in the cache.
    local build status=0
    build=$(mktemp -d)
    CARGO_TARGET_DIR=$build CARGO_PROFILE_DEV_DEBUG=0 installed "$name" quietly "$CACHE/$name.log" \
        limited 1800 cargo install --locked --debug --root "$CACHE/cargo" --version "$version" "$name" "$@" ||
        status=1
    rm -rf "$build"
    return $status
}

# need_venv REQUIREMENTS: prints the directory of a virtual environment that holds exactly those.
need_venv() {
    local requirements=$1 venv
    venv=$CACHE/venv-$(fingerprint "$requirements")
    if [ ! -e "$venv/ready" ]; then
        rm -rf "$venv"
        quietly "$CACHE/venv.log" limited 120 python3 -m venv "$venv" &&
            installed "the packages of $requirements" quietly "$CACHE/venv.log" limited 600 "$venv/bin/pip" install --no-deps -r "$requirements" &&
            touch "$venv/ready" || return 1
    fi
    echo "$venv"
}

# need_node_modules DIR: prints where the packages of DIR/package-lock.json are installed.
need_node_modules() {
    local project=$1 home
    home=$CACHE/node-$(fingerprint "$project/package-lock.json")
    if [ ! -e "$home/ready" ]; then
        rm -rf "$home"
        mkdir -p "$home"
        cp "$project"/package*.json "$home"
        installed "the packages of $project" quietly "$CACHE/npm.log" limited 600 npm ci --prefix "$home" --no-audit --no-fund --ignore-scripts &&
            touch "$home/ready" || return 1
    fi
    echo "$home/node_modules"
}

# need_kafka: prints the directory with Apache Kafka's jars, pinned by the tools' own pom.
need_kafka() {
    local pom=$ROOT/tests/clients/tools/pom.xml libs
    libs=$CACHE/kafka-$KAFKA_VERSION-$(fingerprint "$pom")
    if [ ! -e "$libs/ready" ]; then
        need_java || return 1
        rm -rf "$libs"
        installed "Kafka's jars" quietly "$CACHE/maven.log" maven 900 -f "$pom" dependency:copy-dependencies \
            -DincludeScope=runtime "-DoutputDirectory=$libs" &&
            touch "$libs/ready" || return 1
    fi
    echo "$libs"
}

need_java() {
    need_command javac openjdk-17-jdk-headless && need_command mvn maven
}

maven() { # SECONDS ARGUMENT…
    local seconds=$1
    shift
    limited "$seconds" mvn --batch-mode --no-transfer-progress -q "-Dmaven.repo.local=$CACHE/m2" "$@"
}

fingerprint() {
    sha256sum "$1" | cut -c1-12
}
