#!/usr/bin/env bash
# Installs what is missing (Debian 12), builds everything, runs every test.
#
#   tests/run.sh                 with sanitizers (g++), as released (g++), and with clang++
#   TOPK_QUICK=1 tests/run.sh    as released only
#
# Ends with ctest's own summary: that of the first build that failed, else that of the release build.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
. tests/support/need_packages.sh

jobs=$(nproc)
summary=""
failed=0

# tree NAME COMPILER TEST_ARGUMENTS CMAKE_ARGUMENT...: configures, builds and tests build/NAME.
tree() {
  local name=$1 compiler=$2 tests=$3 line
  shift 3
  echo "==== $name: $compiler $*"
  if ! cmake -S . -B "build/$name" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" \
      -DTOPK_BUILD_TESTS=ON "$@" > "build/$name.log" 2>&1; then
    cat "build/$name.log"
    line="$name: cmake failed"
  elif ! cmake --build "build/$name" -j "$jobs" -- --quiet; then
    line="$name: the build failed"
  else
    # shellcheck disable=SC2086  # several arguments, or none
    if ctest --test-dir "build/$name" -j "$jobs" --output-on-failure --no-tests=error \
        $tests 2>&1 | tee "build/$name.log"; then
      line=$(grep -a 'tests passed' "build/$name.log" | tail -1)
      [ "$failed" -ne 0 ] || summary=$line
      return 0
    fi
    line=$(grep -a 'tests passed' "build/$name.log" | tail -1)
    line=${line:-$name: ctest failed}
  fi
  [ "$failed" -ne 0 ] || summary=$line
  failed=1
}

need_packages g++ cmake ninja-build catch2 libsqlite3-dev libxxhash-dev sqlite3 || exit 2
mkdir -p build
if [ -z "${TOPK_QUICK:-}" ]; then
  need_packages clang || exit 2
  tree asan g++ "" -DCMAKE_BUILD_TYPE=Debug -DTOPK_SANITIZE=ON
  tree clang clang++ "-E random.programs" -DCMAKE_BUILD_TYPE=Release
fi
tree release g++ "" -DCMAKE_BUILD_TYPE=Release
[ "$failed" -eq 0 ] || echo "==== failed; the first failure:"
echo "$summary"
exit "$failed"
