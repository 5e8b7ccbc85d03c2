#!/usr/bin/env bash
# Builds the fuzz targets (clang, sanitizers) and runs each for SECONDS (default 60), one per core.
#
#   tests/attack/fuzz/run.sh [SECONDS] [TARGET...]      all targets, or those named: pane count_min head text shadow
#
# The build makes the first inputs (make_seeds.cpp). What libFuzzer finds grows in
# build/fuzz/corpus/TARGET and is used by the next run. A crash ends the run: the input is left in
# build/fuzz, and `build/fuzz/tests/attack/fuzz/TARGET_fuzz INPUT` repeats it. Once it is mended,
# the input goes to tests/attack/fuzz/regressions/TARGET, which every run tries first.
#
# TOPK_FUZZ_TREE=TREE: the targets of this tree, which is configured with TOPK_BUILD_FUZZ, in place of
# build/fuzz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
. tests/kit/need_packages.sh

seconds=${1:-60}
shift || true
need_packages clang libclang-rt-dev cmake ninja-build libsqlite3-dev libxxhash-dev

tree=${TOPK_FUZZ_TREE:-build/fuzz}
[ -n "${TOPK_FUZZ_TREE:-}" ] ||
  cmake -S . -B $tree -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug \
    -DTOPK_SANITIZE=ON -DTOPK_BUILD_FUZZ=ON -DTOPK_BUILD_TESTS=OFF > /dev/null
mapfile -t known < "$tree/tests/attack/fuzz/targets.txt"
targets=("${@:-${known[@]}}")
mkdir -p build/fuzz
cmake --build "$tree" -j "${TOPK_JOBS:-$(nproc)}" --target fuzz_seeds "${targets[@]/%/_fuzz}" -- --quiet

# fuzz TARGET: its inputs go to its log; prints a line.
fuzz() {
  local target=$1 built=$tree/tests/attack/fuzz log=build/fuzz/$1.log
  local folders=("build/fuzz/corpus/$1" "$built/seeds/$1") past=(tests/attack/fuzz/regressions/"$1"/*)
  mkdir -p "${folders[0]}"
  if [ -e "${past[0]}" ]; then folders+=("tests/attack/fuzz/regressions/$1"); else past=(); fi
  if ! { [ ${#past[@]} -eq 0 ] || "$built/${target}_fuzz" -timeout=30 "${past[@]}"; } > "$log" 2>&1 ||
      ! "$built/${target}_fuzz" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=2048 \
        -max_len=4096 -print_final_stats=1 -verbosity=1 -artifact_prefix=build/fuzz/"$target-" \
        "${folders[@]}" >> "$log" 2>&1; then
    tail -60 "$log"
    echo "fuzz: $target failed; see $log"
    return 1
  fi
  echo "$target: $(inputs "$target") inputs"
}
inputs() { sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$1.log"; }

export seconds tree
export -f fuzz inputs
printf '%s\n' "${targets[@]}" | xargs -P "${TOPK_JOBS:-$(nproc)}" -I{} bash -c 'fuzz {}'

total=0
for target in "${targets[@]}"; do total=$((total + $(inputs "$target"))); done
echo "fuzz: $total inputs in ${#targets[@]} targets, no crash"
