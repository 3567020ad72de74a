# shellcheck shell=bash
# The part `kubernetes`: a cluster brought up once for all suites, taken down whatever happens. Sourced by tests/run.
#
#   MILLRACE_KUBERNETES=lab|kind|existing   which cluster (default: the first of lab and kind that can be)
#   MILLRACE_OPERATOR=installed             the operator that is there, not the one of this checkout
#   MILLRACE_COLLECT=DIR                    where a failed test leaves what the cluster said

# The packages of suites that share the cluster.
KUBERNETES_SUITES=(--package millrace-kubernetes-tests)
KUBERNETES_NODES=3

need_kubernetes_packages() {
    need_command go golang-go && need_command cc gcc libc6-dev &&
        need_command containerd containerd runc containernetworking-plugins &&
        need_command ip iproute2 && need_command iptables iptables && need_command conntrack conntrack &&
        need_command socat socat && need_command busybox busybox-static && need_command openssl openssl &&
        need_command kcat kcat
}

# Rules of alerts are tested with it, and dashboards on what it scrapes.
need_prometheus() {
    need_command promtool prometheus
}

# The programs that images hold and pages call, and the lab.
build_operator_binaries() {
    limited 1800 cargo build "${LOCKED[@]}" --quiet --bins --package millrace-kubernetes-tests \
        --package millrace-broker --package millrace-operator --package millrace
}

# kubectl, helm and the rest, built once per machine by the lab; prints their folder.
need_kubernetes_programs() {
    need_command go golang-go && need_command cc gcc libc6-dev && need_command busybox busybox-static || return 1
    limited 3600 "${CARGO_TARGET_DIR:-$ROOT/target}/debug/lab" build
}

part_kubernetes() {
    local lab=${CARGO_TARGET_DIR:-$ROOT/target}/debug/lab status=0 mine=
    build_operator_binaries && need_kubernetes_programs >/dev/null || return 1
    # The API inside the process is judged by the real kubectl, which needs no cluster: never left out.
    kubernetes_suites kubectl -E 'binary(kubectl) - test(/^same::/)' || status=1
    export MILLRACE_COLLECT=${MILLRACE_COLLECT:-$CACHE/kubernetes-failures}
    if [ -z "${MILLRACE_KUBERNETES:-}" ] || [ "$MILLRACE_KUBERNETES" = lab ]; then
        # Without them `lab check` says what is missing, and the suites are skipped.
        [ "$(id -u)" != 0 ] || { need_kubernetes_packages && need_prometheus; }
        if "$lab" check; then
            [ "$("$lab" status)" != "no lab is up" ] || mine=yes
        fi
    fi
    if [ -n "$mine" ]; then
        # shellcheck disable=SC2064 # the paths of now
        trap "'$lab' down" EXIT
        kubernetes_suites lifecycle -E 'binary(lifecycle)' || status=1
        limited 600 "$lab" up $KUBERNETES_NODES >/dev/null || return 1
    fi
    kubernetes_suites suites -E 'kind(test) - binary(lifecycle) - binary(operator) - binary(docs) - (binary(kubectl) - test(/^same::/))' || status=1
    kubernetes_suites operator -E 'binary(operator)' || status=1
    # Last: it installs the charts as a user does, and takes them away again.
    kubernetes_suites docs -E 'binary(docs)' || status=1
    return $status
}

# kubernetes_suites NAME ARGUMENT…: tests one after the other; what could not run is counted as skipped.
kubernetes_suites() {
    local name=$1 status=0 RESULTS=$RESULTS/$1
    shift
    mkdir -p "$RESULTS"
    MILLRACE_SKIPPED=$RESULTS/skipped.txt nextest 3600 "${KUBERNETES_SUITES[@]}" "$@" || status=$?
    python3 "$RUNNER/mark_skipped.py" "$RESULTS"
    return $status
}
