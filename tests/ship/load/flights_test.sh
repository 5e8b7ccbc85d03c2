#!/usr/bin/env bash
# examples/flights prints what its expected.txt says, fast next to exact.  flights_test.sh LIBRARY
set -euo pipefail
library=$(readlink -f "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../../../examples/flights"
database=$(mktemp)
trap 'rm -f "$database"' EXIT
sqlite3 -cmd ".load ${library%.so}" "$database" < load.sql
sqlite3 -cmd ".load ${library%.so}" "$database" < top.sql | diff -u expected.txt -
echo "PASS flights"
