#!/usr/bin/env bash
# Puts topk into programs in every way it offers, runs each program, and compares what it prints: a
# static library, find_package, pkg-config, the .deb, the .tar.gz, all sources in one file next to
# SQLite's.
#
#   tests/ship/embed/run.sh                            builds build/embed, then checks with g++ and clang++
#   tests/ship/embed/run.sh BUILD_FOLDER COMPILER...   checks what is built there
#
# Installs what is missing (Debian 12), and fetches SQLite in one file into build/amalgamation,
# once. TOPK_EMBED_SHARE=yes: the one file only beside SQLite's, not as a library to be loaded, and
# find_package only after cmake --install. Prints PASS or FAIL for each claim, ends with "embed: N checks, M failed".
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd) || exit 2
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
here=$root/tests/ship/embed
# shellcheck source=tests/kit/need_packages.sh
. "$root/tests/kit/need_packages.sh"

if [ $# -eq 0 ]; then
  build=$root/build/embed
  compilers=(g++ clang++)
else
  build=$(realpath "$1") || exit 2
  shift
  compilers=("$@")
fi
packages=(g++ gcc cmake ninja-build libsqlite3-dev libxxhash-dev sqlite3 pkg-config dpkg-dev file)
case "${compilers[*]}" in *clang*) packages+=(clang) ;; esac
need_packages "${packages[@]}" || exit 2

checks=0
failures=0
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

pass() { echo "PASS  $1"; checks=$((checks + 1)); }
fail() { echo "FAIL  $1"; checks=$((checks + 1)); failures=$((failures + 1)); }
# holds CLAIM COMMAND...: the command succeeds; what it says is shown only if not.
holds() {
  local claim=$1
  shift
  if "$@" > "$scratch/said" 2>&1; then pass "$claim"; else fail "$claim"; tail -40 "$scratch/said"; fi
}
# same CLAIM EXPECTED_FILE GOT_FILE
same() { holds "$1" diff -u "$2" "$3"; }

sqlite=$root/build/amalgamation
if ! "$root/tests/ship/portability/fetch_amalgamation.sh" "$sqlite"; then
  echo "SQLite in one file could not be fetched" >&2
  exit 2
fi

# launched COMPILER ARGUMENT...: through ccache or the like, where cmake would use it.
launched() { ${CMAKE_CXX_COMPILER_LAUNCHER:+"$CMAKE_CXX_COMPILER_LAUNCHER"} "$@"; }
c_of() { case $1 in *clang*) echo clang ;; *) echo gcc ;; esac; }

if [ "$build" = "$root/build/embed" ]; then
  if ! cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTOPK_BUILD_TESTS=OFF \
      > "$scratch/cmake" 2>&1 || ! cmake --build "$build" -- --quiet; then
    cat "$scratch/cmake"
    echo "embed: the build failed"
    exit 1
  fi
fi
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
cxx=${compilers[0]}
cc=$(c_of "$cxx")

printf '%s\n' '#sqlite|2|2|2|1' '#cpp|1|1|1|1' '[{"item":4,"count":2}]' 2 "$version" > "$scratch/consumer.txt"

# consumer CLAIM PROGRAM: it prints what tests/ship/embed/consumer.c should.
consumer() {
  "$2" > "$scratch/got" 2>&1 || echo "exit code $?" >> "$scratch/got"
  same "$1" "$scratch/consumer.txt" "$scratch/got"
}
# example CLAIM PROGRAM: three runs of examples/embed on one database file.
example() {
  local folder got=$scratch/got command arguments
  folder=$(mktemp -d -p "$scratch")
  : > "$got"
  while read -r command; do
    echo "$command" >> "$got"
    read -ra arguments <<< "${command#\$ most_played }"
    (cd "$folder" && "$2" "${arguments[@]}") >> "$got" 2>&1 || echo "exit code $?" >> "$got"
  done < <(grep '^\$ most_played ' "$root/examples/embed/expected.txt")
  same "$1" "$root/examples/embed/expected.txt" "$got"
}
# loads CLAIM LIBRARY: SQLite's shell loads it.
loads() {
  sqlite3 -batch -init /dev/null :memory: ".load ${2%.so}" \
    "INSERT INTO cms_add(item) VALUES ('a'),('b'),('a'); SELECT item, count FROM topk('1min', 10);" \
    > "$scratch/got" 2>&1
  printf '%s\n' 'a|2' 'b|1' > "$scratch/loads.txt"
  same "$1" "$scratch/loads.txt" "$scratch/got"
}
only_needs() {  # only_needs PROGRAM PATTERN: each library it needs matches
  local others
  others=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vE "$2")
  [ -z "$others" ] || { echo "needs $others"; return 1; }
}
exports_only() {  # exports_only LIBRARY NAME: of topk's symbols; templates of std over its types are std's
  local others
  others=$(nm -DC --defined-only "$1" | cut -d ' ' -f 3- | grep -E '^((vtable|typeinfo|typeinfo name) for )?(topk|sqlite3_)')
  [ "$others" = "$2" ] || { echo "shows $others"; return 1; }
}

# ---- all sources in one file: compiled meanwhile, one compiler after the other

strict=(-std=c++20 -fno-rtti -Wall -Wextra -Werror)
amalgamate() {  # amalgamate COMPILER: into its own folder; the files are what counts
  local out here_cc
  out=$scratch/one.$(basename "$1")
  here_cc=$(c_of "$1")
  mkdir -p "$out"
  launched "$here_cc" -O0 -c -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_DQS=0 "$sqlite/sqlite3.c" -o "$out/sqlite3.o" &
  launched "$1" "${strict[@]}" -O0 -DSQLITE_CORE -I"$sqlite" -c "$build/amalgamation/topk.cpp" -o "$out/topk.o"
  wait
  [ -n "${TOPK_EMBED_SHARE:-}" ] ||
    launched "$1" "${strict[@]}" -O1 -fPIC -c "$build/amalgamation/topk.cpp" -o "$out/loadable.o"
}
for compiler in "${compilers[@]}"; do
  amalgamate "$compiler" > "$scratch/one.$(basename "$compiler").log" 2>&1
done &
compiling=$!

# ---- cmake --install, packages

# shellcheck source=tests/ship/embed/packages.sh
. "$here/packages.sh"

# ---- all sources in one file: what has been compiled meanwhile

wait "$compiling"
compiled() {  # compiled FOLDER OBJECT...
  local object
  cat "$1.log"
  for object in "${@:2}"; do [ -f "$1/$object.o" ] || return; done
}
beside_sqlite() {  # beside_sqlite COMPILER FOLDER
  "$(c_of "$1")" -std=c99 -I"$sqlite" -I"$build/amalgamation" -c "$here/consumer.c" -o "$2/consumer.o" &&
    "$1" "$2/consumer.o" "$2/topk.o" "$2/sqlite3.o" -lpthread -ldl -lm -o "$2/consumer"
}
for compiler in "${compilers[@]}"; do
  name=$(basename "$compiler")
  one=$scratch/one.$name
  holds "$name: one file compiles without a warning, as C++20 without RTTI" compiled "$one" topk sqlite3
  holds "$name: one file links with SQLite's one file" beside_sqlite "$compiler" "$one"
  consumer "$name: a program of SQLite's and topk's one file prints the top items" "$one/consumer"
  holds "$name: the example builds on the two files" "$compiler" -std=c++20 -I"$sqlite" -I"$build/amalgamation" \
    "$root/examples/embed/most_played.cpp" "$one/topk.o" "$one/sqlite3.o" -lpthread -ldl -lm -o "$one/most_played"
  example "$name: the example keeps its list over restarts" "$one/most_played"
  [ -z "${TOPK_EMBED_SHARE:-}" ] || continue
  holds "$name: one file compiles without a warning as a library to be loaded" compiled "$one" loadable
  holds "$name: one file links into a library to be loaded" "$compiler" -shared "$one/loadable.o" -o "$one/topk.so"
  holds "$name: that library shows one symbol of topk's" exports_only "$one/topk.so" sqlite3_topk_init
  loads "$name: that library loads" "$one/topk.so"
done

echo "embed: $checks checks, $failures failed"
[ "$failures" -eq 0 ]
