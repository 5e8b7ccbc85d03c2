#!/usr/bin/env bash
# Gets the newest SQLite in one C file, out of the npm package of better-sqlite3, which ships it.
#
#   tests/ship/portability/fetch_amalgamation.sh [FOLDER]     default: build/amalgamation
#
# Nothing of the package is run. The version and its SHA-256 are pinned here; a later one:
#   TOPK_SQLITE_PACKAGE=better-sqlite3@VERSION TOPK_SQLITE_PACKAGE_SHA256=... (of the .tgz)
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
folder=$(realpath -m "${1:-$root/build/amalgamation}")

package=${TOPK_SQLITE_PACKAGE:-better-sqlite3@12.11.1}
sha256=${TOPK_SQLITE_PACKAGE_SHA256:-ebf0ed75a7a59dbcb3b24bbd014ef49d9f15bc328e4adcbf516f2a8fadfa2835}

if [ "$(cat "$folder/package" 2> /dev/null)" != "$package $sha256" ]; then
  if ! command -v npm > /dev/null; then
    # shellcheck source=tests/kit/need_packages.sh
    . "$root/tests/kit/need_packages.sh"
    need_packages npm
  fi
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  (cd "$scratch" && npm pack --silent --ignore-scripts "$package" > /dev/null)
  archive=("$scratch"/*.tgz)
  found=$(sha256sum "${archive[0]}" | cut -d ' ' -f 1)
  if [ "$found" != "$sha256" ]; then
    echo "$package has SHA-256 $found, expected $sha256: not used" >&2
    exit 1
  fi
  rm -rf "$folder"
  mkdir -p "$folder"
  for name in sqlite3.c sqlite3.h sqlite3ext.h; do
    tar -xzOf "${archive[0]}" "package/deps/sqlite3/$name" > "$folder/$name"
  done
  echo "$package $sha256" > "$folder/package"
fi
version=$(sed -n 's/^#define SQLITE_VERSION  *"\(.*\)"/\1/p' "$folder/sqlite3.h")
echo "SQLite $version of $package is in $folder"
