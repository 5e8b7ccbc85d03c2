#!/usr/bin/env bash
# README.md prints what it says it prints, runs, and names whatever there is.
#
#   readme_test.sh LIBRARY [README]
#
# Of its blocks of code: one that begins with .load is pasted into sqlite3, and the block that follows at once is its
# output; each line of an sql block is a statement that works; in the others each line begins with a script of ours,
# or feeds one. Ends with "readme: N checks, M failed".
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd) || exit 2
. "$root/tests/ship/reference/registered_names.sh"
library=$(readlink -f "${1:?usage: readme_test.sh path/to/topk.so [README.md]}") || exit 2
readme=$(readlink -f "${2:-$root/README.md}") || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cp "$library" "$work/topk.so"
cd "$work" || exit 2

checks=0
failures=0
# holds CLAIM COMMAND...: the command succeeds; what it says is shown only if not.
holds() {
  local claim=$1
  shift
  checks=$((checks + 1))
  "$@" > said 2>&1 && return
  echo "FAIL  $claim"
  sed 's/^/      /' said
  failures=$((failures + 1))
}
shell() { sqlite3 -batch -init /dev/null "$@" 2>&1; }
says() { grep -qF -- "$1" "$readme"; }

# ---- blocks of code: block.1, block.2, ..., each with its language and the lines between it and the one before

awk -v out=block '
  /^```/ {
    if (inside) { inside = 0; apart = 0; close(file) }
    else { inside = 1; file = out "." ++n; print substr($0, 4), apart > (file ".kind"); close(file ".kind"); printf "" > file }
    next
  }
  inside { print > file; next }
  { ++apart }' "$readme"

is_pasted=0
seen=""
for ((n = 1; ; n++)); do
  [ -f "block.$n" ] || break
  read -r language apart < <(sed 's/^ /- /' "block.$n.kind")
  if [ "$is_pasted" -eq 1 ] && [ "$apart" -eq 0 ]; then
    seen+=" output"
    sed 's/ *$//' printed > printed.trimmed
    holds "block $n is the output of the block before it" diff -u "block.$n" printed.trimmed
    is_pasted=0
  elif grep -q '^\.load ' "block.$n"; then
    shell pasted.db < "block.$n" > printed
    holds "block $n runs in the stock shell" test -s printed
    is_pasted=1
  elif [ "$language" = sql ]; then
    seen+=" sql"
    # The table that the text speaks of; a marker after each statement tells the outputs apart.
    {
      echo ".load ./topk"
      echo "CREATE TABLE history(song, played_at INTEGER, country);"
      echo "INSERT INTO history SELECT 'song ' || (value * value % 13), unixepoch() - value,"
      echo "  iif(value % 3, 'de', 'fr') FROM generate_series(1, 3000);"
      echo ".print @@0"
      awk 'NF { print; print ".print @@" ++n }' "block.$n"
    } > script
    shell :memory: < script > printed
    awk 'NF' "block.$n" > statements
    number=0
    while read -r statement; do
      number=$((number + 1))
      awk -v from="@@$((number - 1))" -v to="@@$number" '$0 == to { exit } on { print } $0 == from { on = 1 }' printed > one
      holds "without an error: $statement" bash -c '! grep -i error one'
      if [[ $statement == SELECT* ]]; then
        holds "with rows: $statement" test -s one
      else
        holds "without rows: $statement" test ! -s one
      fi
    done < statements
    holds "block $n ends" grep -qx "@@$number" printed
  else
    seen+=" commands"
    while read -r line; do
      script=$(grep -oE '(examples|tests|extension)/[a-z_/]*\.sh' <<< "$line")
      holds "a script of ours: $line" test -x "$root/${script:-no script}"
    done < "block.$n"
  fi
done
for kind in output sql commands; do
  holds "there is a block of $kind" grep -qw "$kind" <<< "$seen"
done

# ---- what it points to

targets() { grep -oE '\]\([^)]*\)' "$readme" | sed 's/^](//; s/)$//' | grep -v '^https://'; }
paths() { grep -oE '\b(examples|extension|sql|tests)/[A-Za-z0-9_./-]*' "$readme"; }
while read -r path; do
  holds "$path is there" test -e "$root/$path"
done < <({ targets; paths; } | sed 's/\.$//' | sort -u)

# ---- how each host loads it: the words of the example, which tests/ship/hosts and tests/ship/embed run

rows=0
while IFS='|' read -r _ host words example _; do
  file=$(grep -oE '\(examples/[a-z]*/[A-Za-z_]*\.[a-z]*\)' <<< "$example" | head -1 | tr -d '()')
  [[ $file == *.md ]] && continue  # the shell's own story
  rows=$((rows + 1))
  words=${words#*\`}
  words=${words%\`*}
  while read -r part; do
    holds "$file has, for$host: $part" grep -qF -- "$part" "$root/$file"
  done <<< "${words//; /$'\n'}"
done < <(awk '/^\| host \|/ { on = 1 } on && /^\|/ && /examples\// { print } on && !/^\|/ { exit }' "$readme")
for example in "$root"/examples/*/plays.*; do
  holds "${example#"$root/"} is there for its host" says "(${example#"$root/"})"
done
holds "some hosts are told of" test "$rows" -ge 5

# ---- names, options and commands, as the library itself knows them

registered_names "$library" > new
holds "the library brings names" test -s new
while read -r name; do
  holds "$name has its page in the table" says "](sql/reference/$name.sql)"
done < new

# allowed SQL: the list that the error for a wrong word gives.
allowed() { shell :memory: ".load ./topk" "CREATE VIRTUAL TABLE s USING topk_stream;" "$1" | sed -n 's/.*; allowed: //p' | tr -d ',' | tr ' ' '\n'; }
for statement in "CREATE VIRTUAL TABLE t USING topk_stream(wrong=1);" "INSERT INTO s(s) VALUES ('wrong');"; do
  allowed "$statement" > words
  holds "the error tells what is allowed: $statement" test -s words
  while read -r word; do
    holds "$word is told of" says "\`$word\`"
  done < words
done

echo "readme: $checks checks, $failures failed"
[ "$failures" -eq 0 ]
