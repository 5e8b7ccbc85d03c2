#!/usr/bin/env bash
# Puts topk into programs in every way it offers, runs each program, and compares what it prints: a static
# library, find_package, pkg-config, the .deb, the .tar.gz, all sources in one file beside SQLite's.
#
#   tests/ship/embed/run.sh                            builds build/embed, then checks with g++ and clang++
#   tests/ship/embed/run.sh BUILD_FOLDER COMPILER...   checks what is built there
#
# Installs what is missing (Debian 12), and fetches SQLite in one file into build/amalgamation, once. Prints
# PASS or FAIL for each claim, ends with "embed: N checks, M failed".
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
  launched "$1" "${strict[@]}" -O2 -fPIC -c "$build/amalgamation/topk.cpp" -o "$out/loadable.o"
}
for compiler in "${compilers[@]}"; do
  amalgamate "$compiler" > "$scratch/one.$(basename "$compiler").log" 2>&1
done &
compiling=$!

# ---- cmake --install

prefix=$scratch/prefix
holds "cmake --install" cmake --install "$build" --prefix "$prefix"
pc=$(dirname "$(find "$prefix" -name topk.pc)")
lib=$(dirname "$pc")

holds "the static library links into a program in C++" \
  "$cxx" -std=c++20 -Wall -Wextra -Werror -I"$prefix/include" "$root/examples/embed/most_played.cpp" \
  "$lib/libtopk.a" -lsqlite3 -static-libstdc++ -static-libgcc -o "$scratch/static"
example "a program with the static library keeps its list over restarts" "$scratch/static"
holds "with -static-libstdc++ it needs SQLite and the C library alone" \
  only_needs "$scratch/static" '^(libsqlite3|libc|libm|ld-linux.*)\.so'
holds "the static library links into a shared one" \
  "$cxx" -shared -o "$scratch/all.so" -Wl,--whole-archive "$lib/libtopk.a" -Wl,--no-whole-archive
holds "which shows one symbol of topk's" exports_only "$scratch/all.so" sqlite3_topk_init

read -ra flags <<< "$(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs topk)"
holds "a program in C builds with pkg-config" "$cc" -std=c99 -Wall -Wextra -Wpedantic -Werror "$here/consumer.c" \
  "${flags[@]}" -o "$scratch/pkgconfig"
consumer "a program built with pkg-config prints the top items" "$scratch/pkgconfig"
loads "the installed topk.so loads" "$(PKG_CONFIG_PATH=$pc pkg-config --variable=loadable topk)"

build_example() {  # build_example PREFIX OUT: the installed example, with the package of that prefix
  cmake -S "$(dirname "$(find "$1" -name most_played.cpp)")" -B "$2" \
    -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_PREFIX_PATH="$1" &&
    cmake --build "$2" && grep "^topk_DIR:PATH=$1" "$2/CMakeCache.txt"
}
found_package() {  # found_package CLAIM PREFIX
  local out
  out=$(mktemp -d -p "$scratch")
  holds "$1: the example builds with find_package" build_example "$2" "$out"
  example "$1: the example keeps its list over restarts" "$out/most_played"
}
found_package "cmake --install" "$prefix"

holds "two copies of SQLite: the program builds" "$cxx" -std=c++20 -Wall -Wextra -Werror -I"$prefix/include" \
  "$here/two_copies.cpp" "$lib/libtopk.a" -lsqlite3 -ldl -o "$scratch/two_copies"
other=$(ldconfig -p | sed -n 's/.*libsqlite3\.so\.0 .*=> //p' | head -1)
cp "$other" "$scratch/libother.so"
holds "two copies of SQLite: topk serves one and tells the other" \
  "$scratch/two_copies" "$scratch/libother.so" "$lib/topk.so"

# ---- packages

packed() {  # packed GENERATOR: into its own folder
  (cd "$build" && cpack -G "$1" -B "$scratch/$1")
}
holds "cpack makes the .tar.gz" packed TGZ
mkdir -p "$scratch/moved"
holds "the .tar.gz unpacks anywhere" \
  tar -xzf "$(find "$scratch/TGZ" -maxdepth 1 -name '*.tar.gz')" -C "$scratch/moved" --strip-components=1
found_package ".tar.gz" "$scratch/moved"
loads ".tar.gz: topk.so loads" "$(find "$scratch/moved" -name topk.so)"

if command -v dpkg-deb > /dev/null; then
  holds "cpack makes the .deb files" packed DEB
  mod=$(find "$scratch/DEB" -maxdepth 1 -name 'libsqlite3-mod-topk_*.deb')
  dev=$(find "$scratch/DEB" -maxdepth 1 -name 'libtopk-dev_*.deb')
  field() { dpkg-deb -f "$1" "$2"; }
  fields() {
    [ "$(field "$mod" Architecture)" = "$(dpkg --print-architecture)" ] &&
      [ "$(field "$mod" Version)" = "$version-1" ] &&
      field "$mod" Depends | grep -q '^libc6 (>= [0-9.]*)$' &&
      field "$dev" Depends | grep -qF "libsqlite3-mod-topk (= $version-1), libsqlite3-dev" &&
      [ "$(field "$mod" Description | wc -l)" -gt 3 ]
  }
  holds "the .deb files say version, architecture and what they need" fields
  system=$scratch/system
  mkdir -p "$system"/var/lib/dpkg/{info,updates}
  touch "$system/var/lib/dpkg/status"
  holds "dpkg installs the .deb files into an empty system" dpkg --root="$system" --log=/dev/null --force-depends \
    --force-not-root --force-script-chrootless -i "$mod" "$dev"
  installed() {
    [ "$(dpkg --root="$system" -l libsqlite3-mod-topk libtopk-dev | grep -c "^ii ")" = 2 ] &&
      [ -z "$(dpkg --root="$system" --verify)" ]
  }
  holds "dpkg finds them installed and whole" installed
  found_package ".deb" "$system/usr"
  loads ".deb: topk.so loads" "$(find "$system/usr" -name topk.so)"
  read -ra flags <<< "$(PKG_CONFIG_PATH=$(dirname "$(find "$system" -name topk.pc)") pkg-config --cflags --libs topk)"
  holds ".deb: a program in C builds with pkg-config" "$cc" -std=c99 "$here/consumer.c" "${flags[@]}" -o "$scratch/deb"
  consumer ".deb: a program built with pkg-config prints the top items" "$scratch/deb"
else
  echo "SKIP  .deb: this system has no dpkg"
fi

# ---- all sources in one file: what has been compiled meanwhile

wait "$compiling"
compiled() { cat "$1.log"; [ -f "$1/topk.o" ] && [ -f "$1/loadable.o" ] && [ -f "$1/sqlite3.o" ]; }
beside_sqlite() {  # beside_sqlite COMPILER FOLDER
  "$(c_of "$1")" -std=c99 -I"$sqlite" -I"$build/amalgamation" -c "$here/consumer.c" -o "$2/consumer.o" &&
    "$1" "$2/consumer.o" "$2/topk.o" "$2/sqlite3.o" -lpthread -ldl -lm -o "$2/consumer"
}
for compiler in "${compilers[@]}"; do
  name=$(basename "$compiler")
  one=$scratch/one.$name
  holds "$name: one file compiles without a warning, as C++20 without RTTI, linked and loadable" compiled "$one"
  holds "$name: one file links with SQLite's one file" beside_sqlite "$compiler" "$one"
  consumer "$name: a program of SQLite's and topk's one file prints the top items" "$one/consumer"
  holds "$name: the example builds on the two files" "$compiler" -std=c++20 -I"$sqlite" -I"$build/amalgamation" \
    "$root/examples/embed/most_played.cpp" "$one/topk.o" "$one/sqlite3.o" -lpthread -ldl -lm -o "$one/most_played"
  example "$name: the example keeps its list over restarts" "$one/most_played"
  holds "$name: one file links into a library to be loaded" "$compiler" -shared "$one/loadable.o" -o "$one/topk.so"
  holds "$name: that library shows one symbol of topk's" exports_only "$one/topk.so" sqlite3_topk_init
  loads "$name: that library loads" "$one/topk.so"
done

echo "embed: $checks checks, $failures failed"
[ "$failures" -eq 0 ]
