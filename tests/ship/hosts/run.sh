#!/usr/bin/env bash
# The one topk.so in Python, Node, PHP, Ruby, Perl, Tcl and Go: runs the examples and compares what
# they print. And DuckDB and PostgreSQL, which add up what it exports.
#
#   tests/ship/hosts/run.sh                    every host that is installed
#   tests/ship/hosts/run.sh php go             these only
#   tests/ship/hosts/run.sh --prepare          installs the hosts (Debian 12; better-sqlite3 and DuckDB from npm), runs nothing
#   tests/ship/hosts/run.sh --need-all         installs them, runs all; a skipped one fails
#   tests/ship/hosts/run.sh --library FILE ... another library than build/release/topk.so, which is built if it is missing
#
# One line for each host: ok, skipped with the reason, or failed with what differs. With
# TOPK_NEED_HOSTS=1 a skipped one fails, too. Exits with 77 if all were skipped.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.." || exit 2
root=$PWD
. tests/kit/need_packages.sh

all_hosts=(python progress traps php ruby perl tcl go node npm duckdb postgresql)
work=$root/build/hosts
library=""
prepare=no
run=yes
need_all=${TOPK_NEED_HOSTS:-}
hosts=()
while [ $# -gt 0 ]; do
  case $1 in
    --prepare) prepare=yes run=no ;;
    --need-all) prepare=yes need_all=1 ;;
    --library) library=${2:?--library FILE}; shift ;;
    -*) echo "unknown option $1" >&2; exit 2 ;;
    *) [[ " ${all_hosts[*]} " = *" $1 "* ]] || { echo "unknown host $1, known: ${all_hosts[*]}" >&2; exit 2; }
       hosts+=("$1") ;;
  esac
  shift
done
[ ${#hosts[@]} -gt 0 ] || hosts=("${all_hosts[@]}")
mkdir -p "$work"

# ---- installing

# better-sqlite3 13 does not run on Node 20, nor 12 on Node 18.
better_sqlite3_version() {
  case $(node -p 'process.versions.node.split(".")[0]') in
    1?) echo 11.10.0 ;;
    *) echo 12.11.1 ;;
  esac
}

# Into build/hosts/node_modules, where it stays; compiled if there is no binary for this Node.
install_better_sqlite3() {
  local wanted have
  wanted=$(better_sqlite3_version)
  have=$(cd "$work" && node -p 'require("better-sqlite3"); require("better-sqlite3/package.json").version' 2> /dev/null)
  [ "$have" != "$wanted" ] || return 0
  echo "Installing from npm: better-sqlite3@$wanted into build/hosts"
  # The headers that Debian's libnode-dev has: node-gyp would fetch its own.
  [ ! -f /usr/include/node/node.h ] || export npm_config_nodedir=/usr
  [ -f "$work/package.json" ] || echo '{"private": true}' > "$work/package.json"
  # Not optimized: nothing here is timed, and 9 MB of C take minutes otherwise.
  (cd "$work" && CFLAGS=-O0 CXXFLAGS=-O0 npm install --no-audit --no-fund --loglevel=error "better-sqlite3@$wanted" typescript@5)
}

duckdb_version=1.5.6-r.1
duckdb_in_hosts() {
  (cd "$work" && node -p 'require("@duckdb/node-api/package.json").version' 2> /dev/null)
}
install_duckdb() {
  [ "$(duckdb_in_hosts)" != "$duckdb_version" ] || return 0
  echo "Installing from npm: @duckdb/node-api@$duckdb_version into build/hosts"
  (cd "$work" && npm install --no-audit --no-fund --loglevel=error "@duckdb/node-api@$duckdb_version")
}

prepare_hosts() {
  local packages=(g++ make cmake ninja-build libsqlite3-dev libxxhash-dev sqlite3 binutils python3
    php-cli php-sqlite3 ruby ruby-sqlite3 perl libdbd-sqlite3-perl tcl libsqlite3-tcl
    golang-go golang-github-mattn-go-sqlite3-dev gcc libc6-dev postgresql-15)
  [ "$(uname -m)" != x86_64 ] || packages+=(g++-aarch64-linux-gnu)
  # Node may have come from elsewhere, with npm and its headers inside.
  command -v node > /dev/null || packages+=(nodejs libnode-dev)
  command -v npm > /dev/null || packages+=(npm)
  need_packages "${packages[@]}" && install_better_sqlite3 && install_duckdb
}

if [ "$prepare" = yes ]; then
  prepare_hosts || { echo "the hosts could not be installed" >&2; exit 2; }
fi
[ "$run" = yes ] || exit 0

# ---- the library

if [ -z "$library" ]; then
  library=$root/build/release/topk.so
  if [ ! -f "$library" ]; then
    echo "Building build/release/topk.so"
    CMAKE_GENERATOR=Ninja cmake -S . -B build/release -DCMAKE_BUILD_TYPE=Release -DTOPK_BUILD_TESTS=OFF > build/release.log 2>&1 &&
      cmake --build build/release --target topk -- --quiet ||
      { cat build/release.log >&2; exit 2; }
  fi
fi
library=$(readlink -f "$library") || exit 2
[ -f "$library" ] || { echo "no such library: $library" >&2; exit 2; }

# ---- the hosts: each function prints what its example prints; first it says why it can't

python=/usr/bin/python3  # another one, first in PATH, may be built without extension loading
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT

skip() { echo "$*" > "$scratch/reason"; return 77; }
# needs COMMAND PACKAGES TEST...: whether the command is there and the test of its SQLite succeeds.
needs() {
  command -v "$1" > /dev/null || { skip "$1 is not installed (Debian: $2)"; return; }
  [ $# -eq 2 ] || "${@:3}" > "$scratch/version" 2>&1 || skip "$1 has no SQLite (Debian: $2)"
}

# Each example runs twice: in memory, and with a file, which is then read by another process.
host_python() {
  needs "$python" python3 "$python" -c 'import sqlite3, sys
print("Python", sys.version.split()[0] + ", SQLite", sqlite3.sqlite_version)
sqlite3.Connection.enable_load_extension' || return
  "$python" examples/python/plays.py "$library" "$@"
}
host_php() {
  needs php "php-cli php-sqlite3" \
    php -r 'echo "PHP ", PHP_VERSION, ", SQLite ", SQLite3::version()["versionString"], "\n";' || return
  php -d sqlite3.extension_dir="$(dirname "$library")" examples/php/plays.php "$@"
}
host_ruby() {
  needs ruby "ruby ruby-sqlite3" \
    ruby -e 'require "sqlite3"; puts "Ruby #{RUBY_VERSION}, sqlite3 #{SQLite3::VERSION}"' || return
  ruby examples/ruby/plays.rb "$library" "$@"
}
host_perl() {
  needs perl "libdbd-sqlite3-perl" \
    perl -MDBD::SQLite -e 'print "Perl $^V, DBD::SQLite $DBD::SQLite::VERSION\n"' || return
  perl examples/perl/plays.pl "$library" "$@"
}
host_tcl() {
  echo 'puts "Tcl [info patchlevel], sqlite3 [package require sqlite3]"' > "$scratch/version.tcl"
  needs tclsh "tcl libsqlite3-tcl" tclsh "$scratch/version.tcl" || return
  tclsh examples/tcl/plays.tcl "$library" "$@"
}
go_driver=github.com/mattn/go-sqlite3
host_go() {
  export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$work/go-cache GOFLAGS=
  needs go "golang-go golang-github-mattn-go-sqlite3-dev" go list -tags libsqlite3 "$go_driver" || return
  go version | sed 's/.*go\([0-9.]*\) .*/Go \1/' > "$scratch/version"
  [ -x "$scratch/plays-go" ] || go build -tags libsqlite3 -o "$scratch/plays-go" examples/go/plays.go || return
  "$scratch/plays-go" "$library" "$@"
}
has_better_sqlite3() {
  needs node nodejs || return
  (cd "$work" && node -e 'const { version } = require("better-sqlite3/package.json");
const [{ v }] = new (require("better-sqlite3"))(":memory:").prepare("SELECT sqlite_version() AS v").all();
console.log(`Node ${process.versions.node}, better-sqlite3 ${version}, SQLite ${v}`)') > "$scratch/version" 2>&1 ||
    skip "better-sqlite3 is not in build/hosts (tests/ship/hosts/run.sh --prepare)"
}
host_node() {
  has_better_sqlite3 || return
  # Node looks for packages next to the script.
  cp examples/node/plays.mjs "$work/" && node "$work/plays.mjs" "$library" "$@"
}

# ---- tests of more than an example: they print their own findings

test_progress() {
  needs "$python" python3 || return
  "$python" tests/ship/hosts/rebuild_progress_test.py "$library"
}
test_traps() {
  needs "$python" python3 || return
  "$python" tests/ship/hosts/traps_test.py "$library"
}
test_npm() {
  has_better_sqlite3 || return
  needs npm npm || return
  tests/ship/hosts/npm_test.sh "$(dirname "$library")" "$work"
}
# States added up by the statement of sql/recipes/sums.sql.
test_duckdb() {
  needs "$python" python3 && needs node nodejs || return
  [ -n "$(duckdb_in_hosts)" ] ||
    { skip "@duckdb/node-api is not in build/hosts (tests/ship/hosts/run.sh --prepare)"; return; }
  (cd "$work" && "$python" "$root/tests/ship/hosts/sums_test.py" "$library" duckdb)
}
test_postgresql() {
  needs "$python" python3 || return
  compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null ||
    { skip "PostgreSQL is not installed (Debian: postgresql-15)"; return; }
  "$python" tests/ship/hosts/sums_test.py "$library" postgresql
}

# ---- running

ok=0 skipped=0 failed=0
report() {  # report HOST CODE
  case $2 in
    0) ok=$((ok + 1)); echo "ok       $1: $(tail -1 "$scratch/version")" ;;
    77)
      skipped=$((skipped + 1))
      echo "skipped  $1: $(cat "$scratch/reason")" ;;
    *) failed=$((failed + 1)); echo "failed   $1:"; sed 's/^/    /' "$scratch/found" ;;
  esac
}

# again DATABASE: what the example printed, by the stock shell out of the file that it left.
again() {
  sqlite3 -batch -init /dev/null -cmd ".load ${library%.so}" "$1" "SELECT format('%d. %s: %d plays, between %d and %d', \
    rank, item, count, lower, upper) FROM topk('1hour', 5, 'plays', 'fast', 'latest')"
}

run_example() {
  local host=$1 database=$scratch/$1.db code
  "host_$host" > "$scratch/printed" 2> "$scratch/found"
  code=$?
  [ $code -ne 77 ] || return 77
  diff -u examples/plays.expected.txt "$scratch/printed" >> "$scratch/found" && [ $code -eq 0 ] || return 1
  # PHP's library is a setting, so its first argument is the database as well.
  "host_$host" "$database" > "$scratch/printed" 2>> "$scratch/found" &&
    diff -u examples/plays.expected.txt "$scratch/printed" >> "$scratch/found" &&
    again "$database" 2>> "$scratch/found" | diff -u examples/plays.expected.txt - >> "$scratch/found"
}

for host in "${hosts[@]}"; do
  echo "$host" > "$scratch/version"
  if declare -F "host_$host" > /dev/null; then
    run_example "$host"
  else
    "test_$host" > "$scratch/found" 2>&1
  fi
  code=$?
  [ $code -ne 0 ] || declare -F "host_$host" > /dev/null || tail -1 "$scratch/found" > "$scratch/version"
  report "$host" $code
done

echo "hosts: $ok ok, $skipped skipped, $failed failed"
[ "$failed" -eq 0 ] || exit 1
[ "$skipped" -eq 0 ] || [ -z "$need_all" ] || { echo "none may be skipped" >&2; exit 1; }
[ "$ok" -gt 0 ] || exit 77
