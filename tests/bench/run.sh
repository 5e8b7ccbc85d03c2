#!/usr/bin/env bash
# Builds as released, measures topk and its rivals, writes build/bench/report.md, report.json, pictures.
#
#   tests/bench/run.sh              the quick mode, as --quick: under 2 minutes, 200,000 events
#   tests/bench/run.sh --full       10 million events, growth to 100 million; some hours
#   tests/bench/run.sh --only ingest --events 2000000 --rounds 7
#   tests/bench/run.sh --list       the sections
#   tests/bench/run.sh --out DIR    the report goes there
#
# CPU time, contestants in turns, medians, ratios. Standard error shows which section is running and
# for how long; the report grows on standard output, so Ctrl-C keeps what was measured.
set -euo pipefail
here=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/kit/need_packages.sh
need_packages gcc g++ cmake ninja-build libsqlite3-dev libxxhash-dev libbenchmark-dev >&2

mkdir -p build
cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DTOPK_BUILD_BENCH=ON -DTOPK_BUILD_TESTS=OFF > build/bench.log 2>&1 ||
  { cat build/bench.log >&2; exit 1; }
cmake --build build/bench --target topk_bench -- --quiet >&2
bench=$PWD/build/bench
cd "$here"
TMPDIR=$(mktemp -d)  # gigabytes in the full mode: gone however it ends
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
"$bench/tests/bench/topk_bench" --topk "$bench/topk.so" --rivals "$bench/tests/bench/rivals.so" --out "$bench" "$@"
