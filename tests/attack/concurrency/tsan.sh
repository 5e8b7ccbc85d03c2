#!/usr/bin/env bash
# The thread tests under ThreadSanitizer: extension, tests and SQLite itself built with it.
#
#   tests/attack/concurrency/tsan.sh [SECONDS]     default: 18 for the 8 connections; COMPILER=g++ in place of clang++
#
# Installs what is missing (Debian 12; npm for SQLite's amalgamation, once). Before that, a
# connection that goes from thread to thread without a lock must be reported, in SQLite and in the
# extension. Ends with "tsan: ... no race reported", or the reports.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.." || exit 2
# shellcheck source=tests/kit/need_packages.sh
. tests/kit/need_packages.sh

seconds=${1:-18}
compiler=${COMPILER:-clang++}
needs=(cmake ninja-build catch2 libsqlite3-dev libxxhash-dev)
case $compiler in
  clang*) needs+=(clang libclang-rt-dev llvm g++); c_compiler=${compiler/++/} ;;
  *) needs+=(g++); c_compiler=${compiler/g++/gcc} ;;
esac
need_packages "${needs[@]}" || exit 2
tests/ship/portability/fetch_amalgamation.sh || { echo "tsan: no amalgamation of SQLite" >&2; exit 2; }

tree=build/tsan-$c_compiler
if ! cmake -S . -B "$tree" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" \
    -DCMAKE_C_COMPILER="$c_compiler" -DCMAKE_BUILD_TYPE=Debug \
    -DTOPK_BUILD_TESTS=ON -DTOPK_LEAN_BUILD=ON -DTOPK_SANITIZE=thread > "$tree.log" 2>&1; then
  cat "$tree.log"
  echo "tsan: cmake failed"
  exit 1
fi
cmake --build "$tree" -j "${TOPK_JOBS:-$(nproc)}" --target topk_concurrency_tests -- --quiet || exit 1

# ThreadSanitizer of these compilers can't map its shadow where addresses are spread widely.
run=()
if setarch "$(uname -m)" -R true 2> /dev/null; then run=(setarch "$(uname -m)" -R); fi
tests=$tree/tests/attack/concurrency/topk_concurrency_tests
logs=$tree/reports
rm -rf "$logs"
mkdir -p "$logs"
# under NAME TEST...: runs it; the reports are in $logs/NAME.*
under() {
  local name=$1
  shift
  TSAN_OPTIONS="log_path=$logs/$name exitcode=66 history_size=4 second_deadlock_stack=1" \
    "${run[@]}" "$tests" "$@"
}
reports() { cat "$logs/$1".* 2> /dev/null | grep -c '^WARNING: ThreadSanitizer'; }

under seeded '[unlocked]' > "$logs/seeded" 2>&1
for of in 'topk::.*topk\.so' sqlite3; do
  if ! grep -q "#0 .*$of" "$logs"/seeded.*; then
    cat "$logs/seeded"
    echo "tsan: it does not see a race that is there, in frames of $of: no verdict"
    exit 1
  fi
done
echo "tsan: a race that is there is seen: $(reports seeded) reports"

TOPK_CONCURRENCY_SECONDS=$seconds under found '[threads]' 2>&1 | tee "$logs/found"
code=${PIPESTATUS[0]}
figures=$(sed -n 's/^concurrency, threads: //p' "$logs/found")
if [ "$code" -ne 0 ] || [ "$(reports found)" -ne 0 ]; then
  cat "$logs"/found.* 2> /dev/null | head -400
  echo "tsan: $(reports found) races or lock orders reported, exit code $code; ${figures:-no figures}"
  exit 1
fi
echo "tsan: $figures; no race reported"
