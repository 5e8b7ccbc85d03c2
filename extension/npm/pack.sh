#!/usr/bin/env bash
# Builds the npm packages: sqlite-topk, and one package per platform with the library.
#
#   extension/npm/pack.sh BUILD_FOLDER OUTPUT_FOLDER
#
# BUILD_FOLDER is a CMake build for this machine's processor that contains topk.so. On x64 the
# library for linux-arm64 is built in BUILD_FOLDER-arm64 if Debian's g++-aarch64-linux-gnu is
# installed; otherwise, or with TOPK_NPM_ARM64=no, that package is left out.
set -euo pipefail
: "${2:?usage: pack.sh BUILD_FOLDER OUTPUT_FOLDER}"
build=$(readlink -f "$1")
mkdir -p "$2"
output=$(readlink -f "$2")
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(readlink -f ../..)

cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
version=$(cached CMAKE_PROJECT_VERSION)
[ -n "$version" ] || { echo "$build is not a CMake build folder" >&2; exit 1; }
[ -f "$build/topk.so" ] || { echo "no topk.so in $build: cmake --build $build --target topk" >&2; exit 1; }

staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
rm -f "$output"/sqlite-topk-*.tgz

# pack FOLDER: one tarball.
pack() { (cd "$output" && npm pack --silent "$staging/$1"); }
# stage FOLDER TEMPLATE CPU FILE...
stage() {
  local folder=$staging/$1
  mkdir "$folder"
  sed -e "s/@VERSION@/$version/g" -e "s/@CPU@/$3/g" "$2" > "$folder/package.json"
  cp "${@:4}" "$root/LICENSE" "$folder/"
}

# platform CPU MACHINE LIBRARY: packs it, after checking with readelf that it is for that CPU.
platform() {
  local machine
  machine=$(LC_ALL=C readelf -h "$3" | sed -n 's/ *Machine: *//p')
  [ "$machine" = "$2" ] || { echo "$3 is for $machine, not for $2" >&2; exit 1; }
  stage "$1" platform.json.in "$1" "$3"
  echo "The library of sqlite-topk for Linux on $1." > "$staging/$1/README.md"
  pack "$1"
}

# Only SQLite's and xxHash's own headers: the C library's are those of the other machine.
build_arm64() {
  mkdir -p "$build-arm64/headers"
  cp -u "$(cached TOPK_SQLITE_INCLUDE_DIR)"/{sqlite3,sqlite3ext}.h "$(cached TOPK_XXHASH_INCLUDE_DIR)"/xxh*.h \
    "$build-arm64/headers/"
  cmake -S "$root" -B "$build-arm64" -G "$(cached CMAKE_GENERATOR)" -DCMAKE_BUILD_TYPE=Release -DTOPK_BUILD_TESTS=OFF \
    -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ \
    -DTOPK_SQLITE_INCLUDE_DIR="$build-arm64/headers" -DTOPK_XXHASH_INCLUDE_DIR="$build-arm64/headers"
  cmake --build "$build-arm64" --target topk
}

stage sqlite-topk package.json.in "" index.cjs index.mjs index.d.ts README.md
pack sqlite-topk
case $(uname -m) in
  x86_64)
    platform x64 "Advanced Micro Devices X86-64" "$build/topk.so"
    if [ "${TOPK_NPM_ARM64:-}" = no ]; then
      echo "linux-arm64 is left out: TOPK_NPM_ARM64=no" >&2
    elif command -v aarch64-linux-gnu-g++ > /dev/null; then
      build_arm64 > "$build-arm64.log" 2>&1 || { cat "$build-arm64.log" >&2; exit 1; }
      platform arm64 AArch64 "$build-arm64/topk.so"
    else
      echo "linux-arm64 is left out: g++-aarch64-linux-gnu is not installed" >&2
    fi
    ;;
  aarch64) platform arm64 AArch64 "$build/topk.so" ;;
  *) echo "no package for $(uname -m)" >&2; exit 1 ;;
esac
