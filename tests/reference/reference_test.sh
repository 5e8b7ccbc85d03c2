#!/usr/bin/env bash
# Every file in sql/reference and sql/recipes prints what it says it prints.
#
#   reference_test.sh LIBRARY             compares
#   reference_test.sh LIBRARY --rewrite   writes what is printed into the files: read the diff
#
# In a file, a statement ends at a line that ends in ';' (inside a trigger or a view in several lines:
# none but the last), and the lines "-- | ..." after it are its output, in columns.
set -euo pipefail
shopt -s nullglob
library=$(readlink -f "$1")
rewrite=${2:-}
cd "$(dirname "${BASH_SOURCE[0]}")/../../sql"
. ../tests/reference/registered_names.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
shell=(sqlite3 -batch -cmd ".load ${library%.so}" -cmd ".mode column --wrap off" -cmd ".headers on")
failed=0

# The file with each statement's real output after it.
printed() {
  # A marker after each statement tells the outputs apart.
  { grep -v '^-- | ' "$1" || true; } | awk '{print} /;$/ && !/^--/ {print ".print @@end"}' > "$work/run.sql"
  "${shell[@]}" :memory: < "$work/run.sql" 2>&1 | sed -E 's/^(Runtime|Parse) error near line [0-9]+: /Error: /; s/ +$//' > "$work/out" || true
  { grep -v '^-- | ' "$1" || true; } | awk -v out="$work/out" '
    {print}
    /;$/ && !/^--/ { while ((getline line < out) > 0 && line != "@@end") print "-- | " line }'
}

files=(reference/*.sql recipes/*.sql)
for file in "${files[@]}"; do
  printed "$file" > "$work/now"
  if [ -n "$rewrite" ]; then
    cmp -s "$work/now" "$file" || { cp "$work/now" "$file"; echo "rewritten: sql/$file"; }
  elif ! diff -u "$file" "$work/now"; then
    failed=1
  fi
  grep -q '^-- | ' "$work/now" || { echo "sql/$file shows no output"; failed=1; }
  head -1 "$file" | grep -q '^-- ' || { echo "sql/$file does not begin with what it is"; failed=1; }
done

# Whatever the library registers has its file, and its line in the index.
count=0
while read -r name; do
  count=$((count + 1))
  [ -f "reference/$name.sql" ] || { echo "sql/reference/$name.sql is missing"; failed=1; }
  grep -q "($name.sql)" reference/README.md || { echo "sql/reference/README.md lacks $name"; failed=1; }
done < <(registered_names "$library")
[ "$count" -gt 0 ] || { echo "the library registers no name"; failed=1; }
[ "$failed" -eq 0 ] && echo "PASS ${#files[@]} files, $count names"
exit "$failed"
