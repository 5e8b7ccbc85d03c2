#!/usr/bin/env bash
# Builds the dashboard: one page, build/dashboard/index.html, with SQLite and the extension inside
# as WebAssembly.
#
# Installs what is missing (Debian 12): emscripten, some 600 MB. SQLite's source comes from an npm
# package, once, into build/amalgamation. The first build takes some 3 minutes of CPU; later ones
# build only what has changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tests/kit/need_packages.sh

need_packages emscripten node-acorn g++ cmake ninja-build libsqlite3-dev libxxhash-dev
output=build/dashboard
mkdir -p "$output"

# quiet COMMAND...: shows the output only if the command fails.
quiet() { "$@" > "$output/cmake.log" 2>&1 || { cat "$output/cmake.log" >&2; return 1; }; }

# ---- SQLite in one file, of the version that the tests pin, too; the extension in one file

sqlite=$PWD/build/amalgamation
tests/ship/portability/fetch_amalgamation.sh "$sqlite"
quiet cmake -S . -B "$output/native" -G Ninja -DCMAKE_BUILD_TYPE=Release -DTOPK_BUILD_TESTS=OFF
cmake --build "$output/native" --target amalgamation -- --quiet

# ---- the module, then the page

# Emscripten's own scripts need acorn, which Debian keeps where other builds of node do not look.
export NODE_PATH=/usr/share/nodejs${NODE_PATH:+:$NODE_PATH}
unset CMAKE_C_COMPILER_LAUNCHER CMAKE_CXX_COMPILER_LAUNCHER  # ccache does not know emcc

echo "Building $output/index.html"
quiet emcmake cmake -S examples/dashboard -B "$output/wasm" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DTOPK_AMALGAMATION="$PWD/$output/native/amalgamation" -DSQLITE_AMALGAMATION="$sqlite"
cmake --build "$output/wasm" -- --quiet
node examples/dashboard/assemble.mjs examples/dashboard/page/index.html "$output/index.html" \
  examples/dashboard/page "$output/wasm"
