#!/usr/bin/env bash
# README.md and the pages of sql/guide print what they show, run, and name everything there is.
#
#   readme_test.sh LIBRARY            README.md and every page of sql/guide
#   readme_test.sh LIBRARY PAGE...    these pages only, without what all of them together must name
#
# Of a page's blocks of code: one that begins with .load is pasted into sqlite3, and the block that
# follows at once is its output; the sql blocks are one script, each statement of which works: it
# ends at a line that ends in ';' or in ';' and a comment; in the others each line begins with a
# script of ours, or feeds one, or is a command of CMake. Ends with "readme: N checks, M failed".
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd) || exit 2
. "$root/tests/ship/reference/registered_names.sh"
library=$(readlink -f "${1:?usage: readme_test.sh path/to/topk.so [PAGE...]}") || exit 2
shift
pages=("$root/README.md" "$root"/sql/guide/*.md)
is_whole=1
if [ $# -gt 0 ]; then
  mapfile -t pages < <(readlink -f "$@")
  is_whole=0
fi
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cp "$library" "$work/topk.so"
cd "$work" || exit 2

checks=0
failures=0
page=README.md
# holds CLAIM COMMAND...: the command succeeds; its output is shown only if it does not.
holds() {
  local claim=$1
  shift
  checks=$((checks + 1))
  "$@" > said 2>&1 && return
  echo "FAIL  $page: $claim"
  sed 's/^/      /' said
  failures=$((failures + 1))
}
shell() { sqlite3 -batch -init /dev/null "$@" 2>&1; }
# Whether some page, or the page named, has the words.
says() { grep -qF -- "$1" "${2:-all}"; }
cat "${pages[@]}" > all

# ---- what the statements of the pages use: the table history, and the stream plays as the README creates it

cat > setup.sql << 'SQL'
.load ./topk
CREATE TABLE history(song, played_at INTEGER, country);
INSERT INTO history SELECT 'song ' || (value * value % 13), unixepoch() - 4 * value, iif(value % 3, 'de', 'fr')
FROM generate_series(1, 3000);
SQL
{
  grep '^CREATE VIRTUAL TABLE plays USING topk_stream(windows' "$root/README.md"
  echo "INSERT INTO plays(item, ts, partition) SELECT song, played_at, country FROM history;"
} > plays.sql
holds "it creates the stream plays" test "$(wc -l < plays.sql)" -eq 2

# ---- blocks of code: block.1, block.2, ..., each with its language and the lines between it and the one before

seen=""
check_output() {  # check_output N: block N is what the block before printed
  seen+=" output"
  sed 's/ *$//' printed > printed.trimmed
  holds "block $1 is the output of the block before it" diff -u "block.$1" printed.trimmed
}

check_commands() {  # check_commands FILE
  local line command script target
  seen+=" commands"
  while read -r line; do
    while read -r command; do
      case $command in
        cmake\ * | "sudo cmake "* | cpack\ *)
          target=$(sed -n 's/.*--target \([a-z_]*\).*/\1/p' <<< "$command")
          [ -z "$target" ] ||
            holds "CMake knows the target of: $command" grep -rqE "[(]$target[ )]|[(]$target\$" \
              "$root/CMakeLists.txt" "$root/extension" --include=CMakeLists.txt --include='*.cmake'
          ;;
        *)
          script=$(grep -oE '(examples|tests|extension)/[a-z_/]*\.sh' <<< "$command")
          holds "a script of ours: $command" test -x "$root/${script:-no script}"
          ;;
      esac
    done <<< "${line// && /$'\n'}"
  done < <(grep . "$1")
}

# check_sql FILE: all sql blocks of a page. The lines of a statement are joined for what is
# reported.
check_sql() {
  local number=0 statement
  seen+=" sql"
  {
    cat setup.sql
    grep -q 'CREATE VIRTUAL TABLE plays' "$1" || cat plays.sql
    echo ".print @@0"
    awk 'NF { print } /;[ ]*(--.*)?$/ { print ".print @@" ++n }' "$1"
  } > script
  awk 'NF { sub(/^ +/, ""); line = line (line == "" ? "" : " ") $0 }
       /;[ ]*(--.*)?$/ { print line; line = "" }
       END { if (line != "") print line }' "$1" > statements
  rm -f page.db*
  shell page.db < script > printed
  while read -r statement; do
    number=$((number + 1))
    awk -v from="@@$((number - 1))" -v to="@@$number" '$0 == to { exit } on { print } $0 == from { on = 1 }' printed > one
    holds "without an error: $statement" bash -c '! grep -i error one'
    case $statement in
      SELECT* | PRAGMA*) holds "with rows: $statement" test -s one ;;
      *) holds "without rows: $statement" test ! -s one ;;
    esac
  done < statements
  holds "its last sql block ends" grep -qx "@@$number" printed
}

check_blocks() {  # check_blocks PAGE
  local n language apart is_pasted=0
  rm -f block.*
  awk -v out=block '
    /^```/ {
      if (inside) { inside = 0; apart = 0; close(file) }
      else { inside = 1; file = out "." ++n; print substr($0, 4), apart > (file ".kind"); close(file ".kind"); printf "" > file }
      next
    }
    inside { print > file; next }
    { ++apart }' "$1"
  : > page.sql
  for ((n = 1; ; n++)); do
    [ -f "block.$n" ] || break
    read -r language apart < <(sed 's/^ /- /' "block.$n.kind")
    if [ "$is_pasted" -eq 1 ] && [ "$apart" -eq 0 ]; then
      check_output "$n"
      is_pasted=0
    elif grep -q '^\.load ' "block.$n"; then
      rm -f pasted.db*
      shell pasted.db < "block.$n" > printed
      holds "block $n runs in the stock shell" test -s printed
      is_pasted=1
    elif [ "$language" = sql ]; then
      cat "block.$n" >> page.sql
    else
      check_commands "block.$n"
    fi
  done
  [ ! -s page.sql ] || check_sql page.sql
}

# ---- what a page points to: links from its own folder, other paths from the top

slugs() {  # of the headings of a page, as GitHub makes them
  sed -n 's/^#\+ //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

check_links() {  # check_links PAGE
  local folder target file
  folder=$(dirname "$1")
  while read -r target; do
    file=$1
    [ -z "${target%%#*}" ] || file=$folder/${target%%#*}
    holds "$target is there" test -e "$file"
    [[ $target != *'#'* ]] || holds "$target is a heading" grep -qx -- "${target#*#}" <(slugs "$file")
  done < <(grep -oE '\]\([^)]*\)' "$1" | sed 's/^](//; s/)$//' | grep -v '^https://' | sort -u)
  while read -r target; do
    holds "$target is there" test -e "$root/$target"
  done < <(sed 's/](\([^)]*\))//g' "$1" | grep -oE '\b(examples|extension|sql|tests)/[A-Za-z0-9_./-]*' |
    sed 's/\.$//' | sort -u)
}

# ---- each page

for file in "${pages[@]}"; do
  page=${file#"$root/"}
  holds "it begins with its title" grep -q '^# ' <(head -1 "$file")
  check_blocks "$file"
  check_links "$file"
  holds "prose is at most 100 columns wide" awk '
    /^```/ { inside = !inside }
    !inside && !/^[|]/ && length($0) > 100 { print FILENAME ":" FNR ": " $0; bad = 1 }
    END { exit bad }' "$file"
done
if [ "$is_whole" -eq 0 ]; then
  echo "readme: $checks checks, $failures failed"
  [ "$failures" -eq 0 ]
  exit
fi

page=README.md
holds "it has at most 130 lines" test "$(wc -l < "$root/README.md")" -le 130
for kind in output sql commands; do
  holds "some page has a block of $kind" grep -qw "$kind" <<< "$seen"
done
for file in "$root"/sql/guide/*.md; do
  name=$(basename "$file")
  holds "it links to sql/guide/$name" says "(sql/guide/$name" "$root/README.md"
  [ "$name" = README.md ] || holds "the guide's index links to $name" says "($name)" "$root/sql/guide/README.md"
done

# ---- the chart: its script draws one from a small run, where Python can load extensions

page=tests/bench/chart.py
python=/usr/bin/python3
if "$python" -c 'import sqlite3; sqlite3.Connection.enable_load_extension' 2> /dev/null; then
  holds "it runs" "$python" "$root/$page" --library "$work/topk.so" --most 10000 --out "$work/chart.svg"
  holds "it draws XML" "$python" -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$work/chart.svg"
  holds "it draws both costs" test "$(grep -c '<polyline' "$work/chart.svg")" -eq 2
  holds "the guide's chart is one of its own" test "$(grep -c '<polyline' "$root/sql/guide/growth.svg")" -eq 2
fi

# ---- how each host loads it: the words of the example, which tests/ship/hosts and tests/ship/embed run

page=sql/guide/hosts.md
rows=0
while IFS='|' read -r _ host words example _; do
  file=$(grep -oE '/examples/[a-z]*/[A-Za-z_]*\.[a-z]*\)' <<< "$example" | head -1 | tr -d ')')
  [[ $file == *.md ]] && continue  # the shell's own story
  rows=$((rows + 1))
  words=${words#*\`}
  words=${words%\`*}
  while read -r part; do
    holds "${file#/} has, for$host: $part" grep -qF -- "$part" "$root$file"
  done <<< "${words//; /$'\n'}"
done < <(awk '/^\| host \|/ { on = 1 } on && /^\|/ && /examples\// { print } on && !/^\|/ { exit }' "$root/$page")
for example in "$root"/examples/*/plays.*; do
  holds "${example#"$root/"} is there for its host" says "(../../${example#"$root/"})" "$root/$page"
done
holds "it lists some hosts" test "$rows" -ge 5

# ---- names, options and commands, as the library itself knows them

page=README.md
registered_names "$library" > new
holds "the library brings names" test -s new
while read -r name; do
  holds "$name has its page in the table" says "](sql/reference/$name.sql)" "$root/README.md"
done < new

# in_table WORD PAGE: a row of a table begins with the word, or with a list that holds it.
in_table() { grep -E '^\| `' "$2" | cut -d'|' -f2 | grep -qF -- "\`$1\`"; }
# allowed SQL: the list that the error for a wrong word gives.
allowed() {
  shell :memory: ".load ./topk" "CREATE VIRTUAL TABLE s USING topk_stream;" "$1" |
    sed -n 's/.*; allowed: //p' | tr -d ',' | tr ' ' '\n'
}
while IFS='|' read -r page statement; do
  allowed "$statement" > words
  holds "the error lists what is allowed: $statement" test -s words
  while read -r word; do
    holds "$word has its row in a table" in_table "$word" "$root/$page"
  done < words
done << 'ERRORS'
sql/guide/windows-k-memory.md|CREATE VIRTUAL TABLE t USING topk_stream(wrong=1);
sql/guide/operations.md|INSERT INTO s(s) VALUES ('wrong');
ERRORS

echo "readme: $checks checks, $failures failed"
[ "$failures" -eq 0 ]
