#!/usr/bin/env bash
# The tests with the newest SQLite, and on other CPUs. Installs what is missing (Debian 12).
#
#   tests/ship/portability/run.sh [native] [i686] [armv7] [aarch64] [s390x] [windows]     default: all
#
# native: every test of build/release against the newest SQLite in place of Debian's; the stories again
# with a library that was built with its headers, in either. i686 and armv7, of 32 bits, aarch64 and
# s390x, big-endian: the tests that finish in minutes there, by qemu-user but for i686, which an x86-64
# runs. windows: topk.dll by MinGW-w64, for what follows, under Wine. Then databases written on each of
# those are opened on each.
# Each part prints its seconds. Ends with "portability: ... all passed", or what failed.
#
#   TOPK_QUICK=1             natively the stories only, with the library as released; elsewhere the
#                            databases only, and those natively by Debian's SQLite
#   TOPK_MODEL_SEEDS=n       random programs of the model; default: 20 natively, 1 elsewhere
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.." || exit 2
# shellcheck source=tests/kit/need_packages.sh
. tests/kit/need_packages.sh
# shellcheck source=tests/ship/portability/cpus.sh
. tests/ship/portability/cpus.sh

parts=("$@")
[ ${#parts[@]} -gt 0 ] && [ "${parts[*]}" != all ] || parts=(native i686 armv7 aarch64 s390x windows)
for part in "${parts[@]}"; do
  case $part in native | i686 | armv7 | aarch64 | s390x | windows) ;; *) sed -n '2,16s/^# \{0,1\}//p' "$0" >&2; exit 2 ;; esac
done

jobs=${TOPK_JOBS:-$(nproc)}
amalgamation=build/amalgamation
headers=$PWD/build/portability/headers
machine=$(uname -m)
done_lines=()
failures=()
builds=()

fail() {
  echo "==== failed: $1" >&2
  failures+=("$1")
}
# timed NAME FUNCTION ARGUMENT...: runs it and prints what it cost.
timed() {
  local TIMEFORMAT="---- $1: %R s; CPU %U s + %S s"
  shift
  time "$@"
}
# configured FOLDER ARGUMENT...
configured() {
  local folder=$1
  shift
  cmake -S . -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@" > "$folder.log" 2>&1 || {
    cat "$folder.log" >&2
    fail "cmake of $folder"
    return 1
  }
}
# built FOLDER TARGET...
built() {
  local folder=$1
  shift
  cmake --build "$folder" -j "$jobs" --target "$@" -- --quiet || { fail "build of $folder"; return 1; }
}
# tested WHERE FOLDER SKIPPED: ctest; adds "N tests on WHERE" to the summary.
tested() {
  local where=$1 folder=$2 skipped=$3 line
  ctest --test-dir "$folder" -j "$jobs" --output-on-failure --no-tests=error -E "$skipped" 2>&1 |
    tee "$folder/portability.log" | grep -v -a -E '(Passed +[0-9.]+ sec|^ +Start +[0-9]+:)'
  [ "${PIPESTATUS[0]}" -eq 0 ] || fail "tests on $where"
  line=$(grep -a 'tests passed' "$folder/portability.log" | tail -1)
  done_lines+=("$(sed -E 's/^.* out of ([0-9]+)$/\1/' <<< "$line") tests on $where")
}

# ---- natively

# Those that link no SQLite, or whose host is the stock shell.
native_skipped='_NOT_BUILT|^(layers|layers_go_red|exports|needs|version|shell|reference|readme|flights|embed|terminal|hosts_[a-z]*)$'

build_newest() {
  local targets=(topk topk_test_sqlite topk_cross_cpu)
  [ -z "${TOPK_QUICK:-}" ] || targets=(topk_test_sqlite)
  configured build/newest -DTOPK_LEAN_BUILD=ON -DTOPK_SQLITE_AMALGAMATION="$amalgamation" &&
    built build/newest "${targets[@]}"
}
build_release() {
  local targets=(all)
  [ -z "${TOPK_QUICK:-}" ] || targets=(topk_sql_tests topk_sql_script topk_cross_cpu)
  configured build/release && built build/release "${targets[@]}"
}
# Programs linked to Debian's SQLite find the newest one in its place.
with_newest() { LD_LIBRARY_PATH=$PWD/build/newest/sqlite "$@"; }
takes_newest() {
  [[ $(with_newest ldd "$1") = *newest/sqlite/libsqlite3* ]] || {
    fail "$1 does not take the newest SQLite"
    return 1
  }
}
test_native() {
  takes_newest build/release/tests/topk_sql_tests || return
  TOPK_MODEL_SEEDS=${TOPK_MODEL_SEEDS:-20} with_newest \
    tested "$machine with SQLite $version" build/release "$native_skipped"
}
# stories LIBRARY WHERE [with_newest]: the C++ stories, then the scripts.
stories() {
  local library=$1 where=$2 log=build/stories.log
  shift 2
  { TOPK_LIBRARY=$PWD/$library "$@" build/release/tests/topk_sql_tests '[story]' &&
    TOPK_LIBRARY=$PWD/$library "$@" build/release/tests/topk_sql_script tests/sql/*.test; } > "$log" 2>&1 || {
    cat "$log"
    fail "stories $where"
  }
  local cases scripts
  cases=$(sed -n -E 's/^(All tests passed|test cases:).* ([0-9]+) test cases?\)?.*/\2/p' "$log" | tail -1)
  scripts=$(sed -n -E 's/^tests.*: ([0-9]+) cases in .*/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
  done_lines+=("$((cases + scripts)) stories $where")
  echo "${done_lines[-1]}"
}
# A library built with the headers of one release in a host of the other.
test_stories() {
  takes_newest build/release/tests/topk_sql_tests || return
  takes_newest build/release/tests/topk_sql_script || return
  if [ -n "${TOPK_QUICK:-}" ]; then
    stories build/release/topk.so "with SQLite $version" with_newest
    return
  fi
  stories build/newest/topk.so "with SQLite $version and its headers" with_newest
  stories build/newest/topk.so "with Debian's SQLite and the headers of $version"
}

# ---- on other CPUs

# What is not built, asks nothing of the CPU, or costs minutes there.
emulated_skipped='_NOT_BUILT|^(layers|layers_go_red)$|^224 airports|^at 200 points'
emulated_skipped+='|^sql_(hostile_flood|partitions_many|weights)$|^one INSERT of millions'

# The headers that all CPUs share, away from this machine's C library.
gather_headers() {
  mkdir -p "$headers/include" "$headers/lib/cmake/Catch2" &&
    cp -r /usr/include/catch2 "$headers/include/" &&
    cp /usr/include/xxhash.h "$headers/include/" &&
    find /usr/lib/cmake/Catch2 -name '*.cmake' ! -name 'Catch2Targets-*' \
      -exec cp -t "$headers/lib/cmake/Catch2" {} +
}
# targets_of CPU: what is built for it.
targets_of() {
  echo topk topk_cross_cpu
  [ -z "${TOPK_QUICK:-}" ] && [ "$1" != windows ] || return 0
  echo topk_unit_tests topk_property_tests topk_sql_tests topk_sql_script
  # A size that a hostile blob states may wrap around in 32 bits.
  case $1 in i686 | armv7) echo topk_corrupt_tests ;; esac
}
build_emulated() {
  local cpu=$1 targets
  mapfile -t targets < <(targets_of "$cpu" | xargs -n 1)
  gather_headers || { fail "headers for $cpu"; return 1; }
  # Where one program runs for some seconds, optimizing costs more than it saves.
  local flags=()
  [ -z "${TOPK_QUICK:-}" ] || flags=(-DCMAKE_BUILD_TYPE=None -DCMAKE_{C,CXX}_FLAGS="-O0 -DNDEBUG")
  configured "build/$cpu" -DTOPK_LEAN_BUILD=ON -DTOPK_SQLITE_AMALGAMATION="$amalgamation" \
    -DCMAKE_PREFIX_PATH="$headers" "${flags[@]}" \
    -DCMAKE_TOOLCHAIN_FILE="$PWD/tests/ship/portability/$cpu.cmake" &&
    built "build/$cpu" "${targets[@]}"
}
test_emulated() {
  local stride=16
  [ -z "$(emulator_of "$1")" ] || stride=135
  TOPK_MODEL_SEEDS=${TOPK_MODEL_SEEDS:-1} TOPK_CORRUPT_STRIDE=${TOPK_CORRUPT_STRIDE:-$stride} tested "$1" "build/$1" "$emulated_skipped"
}

# ---- each database on each CPU

test_cross_cpu() {
  local log=build/cross_cpu.log
  tests/ship/portability/cross_cpu.sh "${builds[@]}" 2>&1 | tee "$log"
  [ "${PIPESTATUS[0]}" -eq 0 ] || fail "cross-cpu"
  done_lines+=("$(sed -n -E 's/^cross-cpu: ([0-9]+ comparisons).*/\1/p' "$log") between CPUs")
}

packages=(g++ cmake ninja-build catch2 libsqlite3-dev libxxhash-dev sqlite3)
for part in "${parts[@]}"; do
  case $part in
    native) ;;
    windows) packages+=("$(compiler_of windows)" wine64) ;;
    *) packages+=("$(compiler_of "$part")" qemu-user) ;;
  esac
done
need_packages "${packages[@]}" || exit 2
mkdir -p build
tests/ship/portability/fetch_amalgamation.sh "$amalgamation" || exit 2
version=$(sed -n 's/^#define SQLITE_VERSION  *"\(.*\)"/\1/p' "$amalgamation/sqlite3.h")

for part in "${parts[@]}"; do
  echo "==== $part"
  if [ "$part" = native ]; then
    timed "native, building with SQLite $version" build_newest || continue
    timed "native, building as released" build_release || continue
    builds+=("$machine:build/$([ -n "${TOPK_QUICK:-}" ] && echo release || echo newest)")
    [ -n "${TOPK_QUICK:-}" ] || timed "native, tests" test_native
    timed "native, stories" test_stories
  else
    timed "$part, building" build_emulated "$part" || continue
    builds+=("$part:build/$part")
    [ -n "${TOPK_QUICK:-}" ] || [ "$part" = windows ] || timed "$part, tests" test_emulated "$part"
  fi
done
if [ ${#builds[@]} -gt 0 ]; then
  echo "==== databases of ${builds[*]%%:*} on each other"
  timed "databases on each other's CPU" test_cross_cpu
fi

figures=$(printf '%s, ' "${done_lines[@]}")
if [ ${#failures[@]} -gt 0 ]; then
  echo "portability: ${figures%, }; FAILED: $(printf '%s; ' "${failures[@]}")"
  exit 1
fi
echo "portability: ${figures%, }; all passed"
