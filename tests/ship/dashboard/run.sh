#!/usr/bin/env bash
# Builds examples/dashboard and drives it in headless Chromium: the numbers drawn are those of a SELECT.
#
#   tests/ship/dashboard/run.sh
#
# Installs what is missing (Debian 12): emscripten and chromium, some 1.5 GB. Ends with "dashboard: N claims hold".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
. tests/kit/need_packages.sh

need_packages sqlite3 chromium
examples/dashboard/build.sh

# The same file must mean the same to the library of this machine.
cmake --build build/dashboard/native --target topk -- --quiet

node tests/ship/dashboard/dashboard_test.mjs "$PWD/build/dashboard" "$PWD/build/dashboard/native/topk.so"
