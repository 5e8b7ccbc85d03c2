#!/usr/bin/env bash
# Makes flights.csv from the npm package it comes from. Needs npm, node and tar.
#
#   examples/flights/make_csv.sh [output.csv]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
output=$(realpath -m "${1:-$here/flights.csv}")
package=vega-datasets@3.2.1
sha256=52f0ddd892d4569284b845e17323abc9afb7d303ec8f63251634a20327a610bb  # of flights-20k.json

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm pack --silent "$package" > /dev/null
tar -xzf vega-datasets-*.tgz package/data/flights-20k.json
echo "$sha256  package/data/flights-20k.json" | sha256sum --check --quiet

node > "$output" << 'SCRIPT'
const rows = JSON.parse(require('fs').readFileSync('package/data/flights-20k.json', 'utf8'));
// '2001/01/01 00:47' -> '2001-01-01 00:47'
const lines = rows.map(row => row.date.replaceAll('/', '-') + ',' + row.origin);
lines.sort();  // by date, then origin: both have one width
process.stdout.write('date,origin\n' + lines.join('\n') + '\n');
SCRIPT
echo "$(($(wc -l < "$output") - 1)) rows in $output"
