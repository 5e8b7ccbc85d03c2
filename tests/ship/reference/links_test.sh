#!/usr/bin/env bash
# Every link between the Markdown pages of the tree resolves, and every file they name exists.
#
#   links_test.sh
#
# A name in backquotes is taken for a file if it starts with a folder of the tree, of extension/ or
# of tests/: `stream/fold.cpp`, or `stream/fold` for the pair of files. Ends with "links: N checks,
# M failed".
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd) || exit 2
cd "$root" || exit 2

checks=0
failures=0
fail() { echo "FAIL  $1"; failures=$((failures + 1)); }
# Code blocks show commands and output, not names of files.
prose() { awk '/^ *```/ { code = !code; next } !code' "$1"; }
# anchors PAGE: its headings as GitHub makes anchors of them.
anchors() {
  prose "$1" | sed -n 's/^#\{1,6\} //p' | tr '[:upper:]' '[:lower:]' | sed 's/[^[:alnum:]_ -]//g; s/ /-/g'
}
# is_file NAME FOLDER: whether a page in the folder may name this file or pattern so.
is_file() {
  local from ending
  for from in "" extension/ tests/ "$2/"; do
    for ending in "" .hpp .cpp .sh .test; do
      compgen -G "$from$1$ending" > /dev/null && return 0
    done
  done
  return 1
}

mapfile -t pages < <(find . -name '*.md' -not -path './build*' -not -path './.git/*' | sed 's|^\./||' | sort)
folders=$({
  printf '%s\n' extension/ tests/ sql/ examples/ '\.github/'
  (cd extension && printf '%s\n' */)
  (cd tests && printf '%s\n' */)
} | sed 's|/$||' | paste -s -d '|')
for page in "${pages[@]}"; do
  folder=$(dirname "$page")
  while read -r link; do
    checks=$((checks + 1))
    path=${link%%#*}
    target=$page
    [ -z "$path" ] || target=$folder/$path
    if [ ! -e "$target" ]; then
      fail "$page: no file for the link $link"
    elif [[ $link == *#* && $target == *.md ]] && ! anchors "$target" | grep -qxF -- "${link#*#}"; then
      fail "$page: no heading for the link $link"
    fi
  done < <(prose "$page" | grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//' | grep -vE '^[a-z]+:')
  while read -r name; do
    checks=$((checks + 1))
    is_file "$name" "$folder" || fail "$page: no file for the name $name"
  done < <(prose "$page" | grep -oE "\`($folders)/[][A-Za-z0-9_./*-]+\`" | tr -d '`' | grep -v NAME | sort -u)
done
echo "links: $checks checks, $failures failed"
[ "$failures" -eq 0 ] && [ "$checks" -gt 0 ]
