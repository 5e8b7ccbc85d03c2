#!/usr/bin/env bash
# From a clone to the busiest airports: installs what is missing (Debian 12), builds the extension,
# loads 20,000 departures into a database file, asks for the top 10, and again after reopening it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
. tests/kit/need_packages.sh

need_packages g++ cmake ninja-build libsqlite3-dev libxxhash-dev sqlite3

echo "Building build/release/topk.so: a minute or two of CPU"
CMAKE_GENERATOR=Ninja cmake -S . -B build/release -DCMAKE_BUILD_TYPE=Release -DTOPK_BUILD_TESTS=OFF > /dev/null
cmake --build build/release --target topk -- --quiet

database=$root/build/quickstart.db
first=$root/build/quickstart.first.txt
again=$root/build/quickstart.again.txt
rm -f "$database" "$database"-journal "$database"-wal "$database"-shm

# The stock shell without the user's settings; stops at the first error.
shell() { sqlite3 -bail -batch -init /dev/null -cmd ".load $root/build/release/topk" "$database"; }

cd examples/flights
echo "Loading examples/flights/flights.csv into build/quickstart.db"
echo
cat load.sql top.sql | shell > "$first"
cat "$first"

echo
shell < top.sql > "$again"
if ! cmp -s "$first" "$again"; then
  echo "After reopening the file the answer differs:" >&2
  diff "$first" "$again" >&2 || true
  exit 1
fi
echo "Opened the file again in a new process: the same answer, row for row."
echo
echo "Try next: sqlite3 -cmd '.load build/release/topk' build/quickstart.db \"SELECT * FROM topk('1day', 5, 'departures', 'hybrid', 'latest')\""
