#!/usr/bin/env bash
# The npm packages: packed, installed from their tarballs alone, and used.
#
#   npm_test.sh BUILD_FOLDER WORK_FOLDER
#
# BUILD_FOLDER has topk.so; WORK_FOLDER/node_modules has better-sqlite3, and typescript or not.
set -euo pipefail
build=$(readlink -f "$1")
work=$(readlink -f "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
root=$PWD
expected=$root/examples/plays.expected.txt
# Inside the work folder, so that Node finds its better-sqlite3.
scratch=$work/npm-scratch
rm -rf "$scratch"
mkdir -p "$scratch"
fail() { echo "FAIL  $*" >&2; exit 1; }

extension/npm/pack.sh "$build" "$scratch/tarballs" > "$scratch/packed.txt" 2> "$scratch/left_out.txt" ||
  { cat "$scratch/left_out.txt" >&2; fail "pack.sh"; }
version=$(sed -n 's/^ *VERSION \([0-9.]*\)$/\1/p' CMakeLists.txt)
cpu=$(node -p process.arch)
for name in sqlite-topk "sqlite-topk-linux-$cpu"; do
  grep -qx "$name-$version.tgz" "$scratch/packed.txt" || fail "no $name-$version.tgz: $(cat "$scratch/packed.txt")"
done
found=$(tar tzf "$scratch/tarballs/sqlite-topk-$version.tgz" | sort | tr '\n' ' ')
[ "$found" = "package/LICENSE package/README.md package/index.cjs package/index.d.ts package/index.mjs package/package.json " ] ||
  fail "sqlite-topk holds $found"
found=$(tar tzf "$scratch/tarballs/sqlite-topk-linux-$cpu-$version.tgz" | sort | tr '\n' ' ')
[ "$found" = "package/LICENSE package/README.md package/package.json package/topk.so " ] ||
  fail "sqlite-topk-linux-$cpu holds $found"

# The libraries come from the tarballs, too, as they would from the registry: npm takes that of this
# processor and leaves out the other.
mkdir "$scratch/app"
cd "$scratch/app"
node - "$version" ../tarballs/*.tgz > package.json << 'JS'
const [version, ...tarballs] = process.argv.slice(2);
const app = { private: true, dependencies: {}, optionalDependencies: {} };
for (const tarball of tarballs) {
  const name = tarball.split('/').pop().slice(0, -`-${version}.tgz`.length);
  app[name === 'sqlite-topk' ? 'dependencies' : 'optionalDependencies'][name] = `file:${tarball}`;
}
console.log(JSON.stringify(app));
JS
npm install --no-audit --no-fund --loglevel=error > ../install.txt 2>&1 || { cat ../install.txt >&2; fail "npm install"; }
found=$(cd node_modules && echo sqlite-topk*)
[ "$found" = "sqlite-topk sqlite-topk-linux-$cpu" ] || fail "installed: $found"

# Used as the README of the package says, as a module and as CommonJS.
cat > use.mjs << 'JS'
import assert from 'node:assert';
import { createRequire } from 'node:module';
import path from 'node:path';
import Database from 'better-sqlite3';
import * as topk from 'sqlite-topk';

const require = createRequire(import.meta.url);
const common = require('sqlite-topk');
const { version } = JSON.parse(require('node:fs').readFileSync('node_modules/sqlite-topk/package.json', 'utf8'));
assert.strictEqual(common.getLoadablePath(), topk.getLoadablePath());
assert.strictEqual(path.dirname(topk.getLoadablePath()),
  path.resolve(`node_modules/sqlite-topk-linux-${process.arch}`));
for (const { load } of [topk, common]) {
  const db = new Database(':memory:');
  load(db);
  assert.strictEqual(db.prepare('SELECT topk_version()').pluck().get(), version);
  db.exec("INSERT INTO cms_add(item) VALUES ('#sqlite'), ('#cpp'), ('#sqlite')");
  assert.deepStrictEqual(db.prepare("SELECT item, count, lower, upper FROM topk('1min', 10)").all(),
    [{ item: '#sqlite', count: 2, lower: 2, upper: 2 }, { item: '#cpp', count: 1, lower: 1, upper: 1 }]);
}
console.log(topk.getLoadablePath());
JS
library=$(node use.mjs)

# The example, with the library that came by npm.
cp "$root/examples/node/plays.mjs" .
node plays.mjs "$library" | diff -u "$expected" - || fail "examples/node with the installed library"

# Node's own SQLite, from Node 22.5 on.
cat > builtin.mjs << 'JS'
import { load } from 'sqlite-topk';
let sqlite;
try { sqlite = await import('node:sqlite'); } catch { console.log('no node:sqlite'); process.exit(); }
const db = new sqlite.DatabaseSync(':memory:', { allowExtension: true });
load(db);
db.exec("INSERT INTO cms_add(item) VALUES ('#sqlite'), ('#cpp'), ('#sqlite')");
const [{ item, count }] = db.prepare("SELECT item, count FROM topk('1min', 1)").all();
if (item !== '#sqlite' || count !== 2) throw new Error(`${item} ${count}`);
console.log('node:sqlite');
JS
builtin=$(node --no-warnings builtin.mjs)

types="types not checked, no typescript"
if [ -x "$work/node_modules/.bin/tsc" ]; then
  cat > types.mts << 'TS'
import { getLoadablePath, load } from 'sqlite-topk';
const path: string = getLoadablePath();
load({ loadExtension(file: string) { return path + file; } });
load({ loadExtension(_file: string, _entrypoint?: string): void {} });
// @ts-expect-error: a connection cannot be left out
load();
// @ts-expect-error: nor be a thing that loads nothing
load({ open: true });
TS
  "$work/node_modules/.bin/tsc" --noEmit --strict --module nodenext types.mts || fail "types"
  types="types"
fi

# Its own words where the library is missing: another platform, a package left out.
expect_error() {  # expect_error PART CODE
  node -e "$2" > ../error.txt 2>&1 && fail "no error: $1"
  grep -qF "$1" ../error.txt || fail "expected '$1', got: $(cat ../error.txt)"
}
expect_error "sqlite-topk: there is no library for sunos-$cpu, only for linux-arm64 and linux-x64" \
  'Object.defineProperty(process, "platform", { value: "sunos" }); require("sqlite-topk").getLoadablePath()'
npm install --omit=optional --no-audit --no-fund --loglevel=error > ../install.txt 2>&1 || fail "npm install --omit=optional"
expect_error "the package sqlite-topk-linux-$cpu is not installed" 'require("sqlite-topk").getLoadablePath()'

arm64=", linux-arm64 packed"
[ "$cpu" = arm64 ] || [ -f "../tarballs/sqlite-topk-linux-arm64-$version.tgz" ] || arm64=", linux-arm64 left out"
echo "sqlite-topk $version from its tarballs: better-sqlite3, $builtin, $types$arm64"
