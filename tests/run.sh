#!/usr/bin/env bash
# Builds everything, runs every test and a share of every attack. Installs missing Debian packages.
#
#   tests/run.sh               with sanitizers (clang++), as released (g++); in Python, Node, PHP,
#                              Ruby, Perl, Tcl and Go; static analysis, fuzzers, ThreadSanitizer;
#                              the newest SQLite, and s390x under qemu-user
#   tests/run.sh --quick       as released only; TOPK_QUICK=1 says the same
#   tests/run.sh --all [MIN]   each of these at length, the whole by clang++, mutations, other CPUs,
#                              the dashboard in a browser, and an hour (or MIN minutes) of
#                              tests/soak.sh: some hours
#   tests/run.sh [...] STAGE.. these stages only, with what they need; --list prints their names
#
# A stage is one build or one run of tests. Two stages run at once, each on half of the cores, in the
# order given below as soon as what they need has passed:
#
#     fetch ─┬─ hosts ────────────────┐
#            │  release ─┬────────────┴─ tests      asan ─┬─ sanitized      static
#            │           └─ portability                   └─ fuzz           clang (--all)
#            └─ tsan                                                        mutations
#
# Each writes build/logs/STAGE.log, which is shown if it fails. The end lists the stages with their
# time, the slowest tests, and ctest's own summary of the tests as released; after a failure, the first.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
. tests/kit/need_packages.sh

mode=usual
minutes=60
list=no
chosen=()
[ -z "${TOPK_QUICK:-}" ] || mode=quick
while [ $# -gt 0 ]; do
  case $1 in
    --quick) mode=quick ;;
    --all) mode=all; [[ ! ${2:-} =~ ^[1-9][0-9]*$ ]] || { minutes=$2; shift; } ;;
    --list) list=yes ;;
    -*) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    *) chosen+=("$1") ;;
  esac
  shift
done
unset TOPK_QUICK

cores=$(nproc)
lanes=2
# One at a time: the soak measures nothing, but its attacks have a clock.
[ "$mode" != all ] && [ "$cores" -gt 1 ] || lanes=1
export TOPK_JOBS=$((cores / lanes))
logs=build/logs

# ---- what the stages do

# configured TREE COMPILER CMAKE_ARGUMENT...: a lean build, but for --all.
configured() {
  local lean=ON
  [ "$mode" != all ] || lean=OFF
  cmake -S . -B "build/$1" -G Ninja -DCMAKE_CXX_COMPILER="$2" -DTOPK_BUILD_TESTS=ON \
    -DTOPK_LEAN_BUILD=$lean "${@:3}" || { echo "cmake of build/$1 failed"; return 1; }
}
# built TREE [TARGET...]
built() {
  local tree=$1
  shift
  cmake --build "build/$tree" -j "$TOPK_JOBS" --target "${@:-all}" -- --quiet ||
    { echo "the build of build/$tree failed"; return 1; }
}
# tested TREE [CTEST_ARGUMENT...]
tested() {
  ctest --test-dir "build/$1" -j "$TOPK_JOBS" --output-on-failure --no-tests=error "${@:2}"
}

run_fetch() { tests/ship/portability/fetch_amalgamation.sh; }
run_hosts() { tests/ship/hosts/run.sh --prepare; }
run_release() { configured release g++ -DCMAKE_BUILD_TYPE=Release && built release; }
run_tests() {
  # A share of the random programs, damages and faults; others have theirs in the sanitized build.
  [ "$mode" = all ] || export TOPK_MODEL_SEEDS=8 TOPK_CORRUPT_STRIDE=16 TOPK_FAULT_SHARE=8 \
    TOPK_CRASH_STRIDE=39 TOPK_CONCURRENCY_SECONDS=5 TOPK_LONGLIFE_DAYS=120 TOPK_EMBED_SHARE=yes
  # npm packages for this processor only.
  [ "$mode" = all ] || export TOPK_NPM_ARM64=no
  [ "$mode" = quick ] || export TOPK_NEED_HOSTS=1
  tested release || return
  [ "$mode" = all ] || return 0
  # Programs, stories and scripts draw an encoding of text by a seed: here, each has all three.
  local encoding
  for encoding in UTF-8 UTF-16le UTF-16be; do
    export TOPK_ENCODING=$encoding
    tested release -R '^sql_' && build/release/tests/topk_sql_tests || return
  done
}
run_asan() {
  # The fuzzers of the usual run are built with the same layers.
  local fuzz=ON
  [ "$mode" != all ] || fuzz=OFF
  configured asan clang++ -DCMAKE_BUILD_TYPE=Debug -DTOPK_SANITIZE=ON -DTOPK_BUILD_FUZZ=$fuzz && built asan
}
# Some ten times slower: fewer random programs, damages, faults and random streams.
run_sanitized() {
  export TOPK_MODEL_SEEDS=2 TOPK_CORRUPT_STRIDE=135 TOPK_FAULT_SHARE=48 TOPK_PROPERTY_SHARE=4
  [ "$mode" != all ] ||
    export TOPK_MODEL_SEEDS=4 TOPK_CORRUPT_STRIDE=9 TOPK_FAULT_SHARE=6 TOPK_PROPERTY_SHARE=1
  # These are about sizes and figures; what they call has smaller tests.
  local long='^(224 airports|at 200 points|one INSERT of millions|sql_(hostile_flood|partitions_many)$|layers)'
  [ "$mode" != all ] || long='^$'
  tested asan -E "$long"
}
run_static() { tests/ship/static/run.sh $([ "$mode" != all ] || echo --each); }
run_fuzz() {
  if [ "$mode" = all ]; then tests/attack/fuzz/run.sh 300; return; fi
  TOPK_FUZZ_TREE=build/asan tests/attack/fuzz/run.sh 5
}
run_tsan() {
  if [ "$mode" != all ]; then tests/attack/concurrency/tsan.sh 6; return; fi
  tests/attack/concurrency/tsan.sh 120 && COMPILER=g++ tests/attack/concurrency/tsan.sh 60
}
run_clang() {
  configured clang clang++ -DCMAKE_BUILD_TYPE=Release && built clang && tested clang
}
run_portability() {
  if [ "$mode" = all ]; then tests/ship/portability/run.sh; return; fi
  TOPK_QUICK=1 tests/ship/portability/run.sh native s390x
}
run_mutations() { tests/property/mutations.py $([ "$mode" = all ] || echo --share); }
run_dashboard() { tests/ship/dashboard/run.sh; }
run_bench() { tests/bench/run.sh --quick; }
run_soak() { tests/soak.sh "$minutes"; }

# ---- the stages: name, what must have passed, what it is

names=()
declare -A needs=() what=()
stage() {
  names+=("$1")
  needs[$1]=$2
  what[$1]=$3
}
packages=(g++ cmake ninja-build catch2 libsqlite3-dev libxxhash-dev sqlite3 binutils python3)
case $mode in
  quick)
    stage fetch "" "SQLite in one file"
    stage release "" "build as released, g++"
    stage tests "fetch release" "all tests as released" ;;
  *)
    packages+=(clang clang-tidy cppcheck libclang-rt-dev llvm qemu-user g++-s390x-linux-gnu)
    stage fetch "" "SQLite in one file"
    stage release "" "build as released, g++"
    stage asan "" "build with AddressSanitizer and UBSan, clang++"
    stage hosts "" "hosts of other languages, installed"
    stage portability "fetch release" "the newest SQLite, big-endian s390x"
    stage sanitized "asan" "all tests with sanitizers"
    stage static "" "clang-tidy and cppcheck"
    stage tests "fetch release hosts" "all tests as released, hosts among them"
    stage tsan "fetch" "ThreadSanitizer"
    stage fuzz "$([ "$mode" = all ] || echo asan)" "fuzzers"
    stage mutations "" "guarantees broken one at a time"
    ;;&
  all)
    stage clang "fetch" "all of it by clang++"
    stage dashboard "" "the dashboard in a browser"
    stage bench "" "the benchmarks, quick: that they run"
    stage soak "" "kills, power cuts, faults, hostile files, fuzzers, concurrency, programs, long life" ;;
esac

for name in "${names[@]}"; do
  [ $list = no ] || printf '%-12s %-22s %s\n' "$name" "${needs[$name]:+after ${needs[$name]}}" "${what[$name]}"
done
[ $list = no ] || exit 0
declare -A wanted=()
want() {
  local need
  [ -n "${what[$1]:-}" ] || { echo "tests/run.sh: no stage '$1'; --list prints them" >&2; exit 2; }
  wanted[$1]=yes
  for need in ${needs[$1]}; do want "$need"; done
}
[ ${#chosen[@]} -gt 0 ] || chosen=("${names[@]}")
for name in "${chosen[@]}"; do want "$name"; done

# ---- running them

declare -A state=() lane_of=()  # of a stage: running, ok or failed; of a process: its stage
failure=""                # the first

# ready: prints the first stage that may start.
ready() {
  local name need
  for name in "${names[@]}"; do
    [ -n "${wanted[$name]:-}" ] && [ -z "${state[$name]:-}" ] || continue
    for need in ${needs[$name]}; do [ "${state[$need]:-}" = ok ] || continue 2; done
    echo "$name"
    return
  done
}
start() {
  local name=$1
  state[$name]=running
  echo "==== $name: ${what[$name]}"
  # A session of its own, so that an interrupt ends all that it started.
  NAME=$name setsid bash -c 'TIMEFORMAT="%R %U %S"
    { time "run_$NAME" > "'$logs'/$NAME.log" 2>&1 < /dev/null; } 2> "'$logs'/$NAME.time"' &
  lane_of[$!]=$name
}
# took STAGE: "123 s, 200 s of CPU"
took() { awk '{ printf "%d s, %d s of CPU", $1 + 0.5, $2 + $3 + 0.5 }' "$logs/$1.time"; }
finish() {
  local name=$1 code=$2 summary
  if [ "$code" -eq 0 ]; then
    state[$name]=ok
    echo "==== $name: ok, $(took "$name"); $(grep -a . "$logs/$name.log" | tail -1)"
    return
  fi
  state[$name]=failed
  summary=$(grep -a 'tests passed' "$logs/$name.log" | tail -1)
  [ -n "$summary" ] || summary=$(grep -a . "$logs/$name.log" | tail -1)
  failure=${failure:-"$name: $summary"}
  grep -a -v -E '(Passed +[0-9.]+ sec|^ +Start +[0-9]+:)' "$logs/$name.log" | tail -300
  echo "==== $name: FAILED, $(took "$name"); all of it in $logs/$name.log"
}
interrupted() {
  trap '' INT TERM
  for pid in "${!lane_of[@]}"; do kill -TERM -- "-$pid" 2> /dev/null; done
  echo "==== interrupted: ${lane_of[*]}"
  exit 130
}
# slowest: the five tests that took longest, of both builds.
slowest() {
  sed -n -E 's/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: (.*[^ .]) \.* +Passed +([0-9.]+) sec.*/\2 s  \1/p' \
    "$@" 2> /dev/null | sort -rn | head -5
}

need_packages "${packages[@]}" || exit 2
mkdir -p $logs
rm -f $logs/*
export mode minutes
while read -r _ _ function; do export -f "${function?}"; done < <(declare -F)
trap interrupted INT TERM
while :; do
  while [ ${#lane_of[@]} -lt $lanes ]; do
    name=$(ready)
    [ -n "$name" ] || break
    start "$name"
  done
  [ ${#lane_of[@]} -gt 0 ] || break
  wait -n -p ended "${!lane_of[@]}"
  code=$?
  name=${lane_of[$ended]}
  unset "lane_of[$ended]"
  finish "$name" $code
done

# ---- the end

echo
echo "==== ${SECONDS} s in all; stages by their time:"
for name in "${names[@]}"; do
  [ -n "${wanted[$name]:-}" ] || continue
  case ${state[$name]:-} in
    "")
      failure=${failure:-"$name did not run"}
      printf '%8s  %8s  %-12s %s\n' - - "$name" "not run: it needs ${needs[$name]}" ;;
    *) awk -v n="$name" -v w="${what[$name]}" -v s="${state[$name]}" \
      '{ printf "%6d s  %6d s  %-12s %s%s\n", $1 + 0.5, $2 + $3 + 0.5, n, w, s == "ok" ? "" : ": FAILED" }' "$logs/$name.time" ;;
  esac
done | sort -rn | sed '1i\    wall       CPU'
tests=$(slowest $logs/tests.log $logs/sanitized.log)
[ -z "$tests" ] || printf '==== slowest tests:\n%s\n' "$tests"
released=$(grep -a 'tests passed' $logs/tests.log 2> /dev/null | tail -1)
if [ -n "$failure" ]; then
  [ -z "$released" ] || echo "as released: $released"
  echo "==== failed; the first failure:"
  echo "$failure"
  exit 1
fi
echo "${released:-all stages passed}"
