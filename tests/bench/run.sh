#!/usr/bin/env bash
# Builds as released, runs all benchmarks beside their rivals, writes build/bench/report.md and .svg.
#
#   tests/bench/run.sh --quick      under 2 minutes, 500,000 events
#   tests/bench/run.sh              10 million events; an hour or so
#   tests/bench/run.sh --only aggregates --events 1000000 --rounds 7
#
# CPU time, contestants in turns, medians, ratios. Ctrl-C stops it; what was measured stands on the screen.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/support/need_packages.sh
need_packages gcc g++ cmake ninja-build libsqlite3-dev libxxhash-dev libbenchmark-dev

cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DTOPK_BUILD_BENCH=ON -DTOPK_BUILD_TESTS=OFF > build-bench.log 2>&1 ||
  { cat build-bench.log; exit 1; }
rm -f build-bench.log
cmake --build build/bench -- --quiet
exec build/bench/tests/bench/topk_bench --topk build/bench/topk.so --rivals build/bench/tests/bench/rivals.so --out build/bench "$@"
