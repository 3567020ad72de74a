# shellcheck shell=bash
# What every benchmark begins with: where things are, and the commit that is measured. Sourced by each `run`.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
RUNNER=$ROOT/tests/runner
CACHE=${MILLRACE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/millrace}
export ROOT RUNNER CACHE
mkdir -p "$CACHE"
# shellcheck source=../runner/install.sh
. "$RUNNER/install.sh"

cd "$ROOT"
set_up_builds
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
MILLRACE_BENCH_COMMIT=$(git describe --always --dirty 2>/dev/null || echo unknown)
export TARGET MILLRACE_BENCH_COMMIT
