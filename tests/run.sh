#!/usr/bin/env bash
# Installs what is missing (Debian 12), builds everything, runs every test and a share of every attack.
#
#   tests/run.sh                 with sanitizers (clang++), as released (g++), by clang++; in Python, Node, PHP, Ruby,
#                                Perl, Tcl and Go; static analysis, fuzzers, ThreadSanitizer; with the newest
#                                SQLite, and on s390x under qemu-user
#   TOPK_QUICK=1 tests/run.sh    as released only
#
# Ends with ctest's own summary of the release build, or with what failed first.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
. tests/kit/need_packages.sh

jobs=$(nproc)
released=""  # ctest's summary of the release build
failure=""   # the first

fail() { failure=${failure:-$1}; }

# timed NAME COMMAND...: says what runs, and what it took.
timed() {
  local begun=$SECONDS
  echo "==== $1"
  "${@:2}"
  echo "==== $1: $((SECONDS - begun)) s"
}

# tree NAME COMPILER TARGETS TESTS CMAKE_ARGUMENT...: configures build/NAME, builds TARGETS, runs what matches TESTS.
tree() {
  local name=$1 compiler=$2 tests=$4 targets
  read -ra targets <<< "$3"
  shift 4
  if ! cmake -S . -B "build/$name" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" \
      -DTOPK_BUILD_TESTS=ON "$@" > "build/$name.log" 2>&1; then
    cat "build/$name.log"
    fail "$name: cmake failed"
  elif ! cmake --build "build/$name" -j "$jobs" --target "${targets[@]}" -- --quiet; then
    fail "$name: the build failed"
  else
    ctest --test-dir "build/$name" -j "$jobs" --output-on-failure --no-tests=error -R "$tests" 2>&1 |
      tee "build/$name.log"
    local code=${PIPESTATUS[0]} line
    line=$(grep -a 'tests passed' "build/$name.log" | tail -1)
    [ "$code" -eq 0 ] || fail "${line:-$name: ctest failed}"
    [ "$name" != release ] || released=$line
  fi
}

# attack COMMAND...: its last line is its own summary.
attack() { "$@" || fail "$* failed"; }

need_packages g++ cmake ninja-build catch2 libsqlite3-dev libxxhash-dev sqlite3 || exit 2
mkdir -p build
if [ -z "${TOPK_QUICK:-}" ]; then
  need_packages clang libclang-rt-dev llvm || exit 2
  timed "with sanitizers" tree asan clang++ all . -DCMAKE_BUILD_TYPE=Debug -DTOPK_SANITIZE=ON
  timed "the library by clang++" tree clang clang++ \
    "topk topk_static amalgamation" '^(exports|needs|version|shell|reference|embed)$' -DCMAKE_BUILD_TYPE=Release
  timed "static analysis" attack tests/ship/static/run.sh
  timed "fuzzers" attack tests/attack/fuzz/run.sh 60
  timed "ThreadSanitizer" attack tests/attack/concurrency/tsan.sh 10
  timed "the hosts of other languages" attack tests/ship/hosts/run.sh --prepare
  export TOPK_NEED_HOSTS=1
fi
timed "as released" tree release g++ all . -DCMAKE_BUILD_TYPE=Release
if [ -z "${TOPK_QUICK:-}" ]; then
  timed "the newest SQLite, and a big-endian CPU" attack env TOPK_QUICK=1 tests/ship/portability/run.sh native s390x
fi
if [ -n "$failure" ]; then
  [ -z "$released" ] || echo "as released: $released"
  echo "==== failed; the first failure:"
  echo "$failure"
  exit 1
fi
echo "$released"
