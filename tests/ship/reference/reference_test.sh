#!/usr/bin/env bash
# Every file in sql/reference and sql/recipes prints what it shows, and recipes leave the reader's
# own tables alone.
#
#   reference_test.sh LIBRARY             compares
#   reference_test.sh LIBRARY --rewrite   writes what is printed into the files: read the diff
#
# In a file, a statement ends at a line that ends in ';' (inside a trigger or a view in several
# lines: none but the last); it, or a line that begins with .read, is followed by its output, in
# columns: the lines "-- | ...". A recipe of statements to keep shows its output in recipes/demo/.
set -euo pipefail
shopt -s nullglob
library=$(readlink -f "$1")
rewrite=${2:-}
cd "$(dirname "${BASH_SOURCE[0]}")/../../../sql"
. ../tests/ship/reference/registered_names.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
shell=(sqlite3 -batch -cmd ".load ${library%.so}" -cmd ".mode column --wrap off" -cmd ".headers on")
failed=0

# The file with each statement's real output after it.
printed() {
  # A marker after each statement separates the outputs.
  { grep -v '^-- | ' "$1" || true; } | awk '{print} /^[.]read / || (/;$/ && !/^--/) {print ".print @@end"}' > "$work/run.sql"
  "${shell[@]}" :memory: < "$work/run.sql" 2>&1 | sed -E 's/^(Runtime|Parse) error near line [0-9]+: /Error: /; s/ +$//' > "$work/out" || true
  { grep -v '^-- | ' "$1" || true; } | awk -v out="$work/out" '
    {print}
    /^[.]read / || (/;$/ && !/^--/) { while ((getline line < out) > 0 && line != "@@end") print "-- | " line }'
}

files=(reference/*.sql recipes/*.sql recipes/demo/*.sql)
for file in "${files[@]}"; do
  head -1 "$file" | grep -q '^-- ' || { echo "sql/$file does not begin with what it is"; failed=1; }
  [ ! -f "recipes/demo/${file#recipes/}" ] || continue  # run by its demonstration
  printed "$file" > "$work/now"
  if [ -n "$rewrite" ]; then
    cmp -s "$work/now" "$file" || { cp "$work/now" "$file"; echo "rewritten: sql/$file"; }
  elif ! diff -u "$file" "$work/now"; then
    failed=1
  fi
  grep -q '^-- | ' "$work/now" || { echo "sql/$file shows no output"; failed=1; }
done

# A recipe leaves tables and streams of the names that our pages use as they were, and adds nothing
# to the file but objects whose names begin with topk_; its demonstration adds nothing at all.
objects="SELECT type, name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE 'topk\_%' ESCAPE '\' ORDER BY 1, 2;"
cat > "$work/own.sql" << 'SQL'
CREATE VIRTUAL TABLE plays USING topk_stream(retain='1000 days', seed=1);
INSERT INTO plays(item, ts) VALUES ('my song', 1763632800);
CREATE TABLE history(song, played_at); INSERT INTO history VALUES ('my song', 1763632800);
CREATE TABLE sales AS SELECT * FROM history;
CREATE TABLE events AS SELECT * FROM history;
CREATE TABLE hours AS SELECT * FROM history;
CREATE TABLE hits AS SELECT * FROM history;
CREATE TABLE reports AS SELECT * FROM history;
CREATE TABLE requests AS SELECT * FROM history;
SQL
rows=$(for table in plays history sales events hours hits reports requests; do echo "SELECT '$table', * FROM $table;"; done)
own() { sqlite3 -batch -cmd ".load ${library%.so}" "$work/own.db" "$@"; }
for file in recipes/*.sql; do
  demo=recipes/demo/${file#recipes/}
  [ -f "$demo" ] || demo=$file
  rm -f "$work/own.db"
  own < "$work/own.sql"
  own "$objects" "$rows" > "$work/before"
  own ".read $file" > /dev/null 2>&1 || true  # choose_memory.sql wants a view that its demonstration makes
  own .dump > "$work/dump"
  own ".read $demo" > /dev/null || { echo "sql/$demo fails in a database that has these tables"; failed=1; }
  own .dump | diff -u "$work/dump" - || { echo "sql/$demo leaves something behind"; failed=1; }
  own "$objects" "$rows" | diff -u "$work/before" - || { echo "sql/$file changes tables of the reader"; failed=1; }
done

# Every name that the library registers has its file, and its line in the index.
count=0
while read -r name; do
  count=$((count + 1))
  [ -f "reference/$name.sql" ] || { echo "sql/reference/$name.sql is missing"; failed=1; }
  grep -q "($name.sql)" reference/README.md || { echo "sql/reference/README.md lacks $name"; failed=1; }
done < <(registered_names "$library")
[ "$count" -gt 0 ] || { echo "the library registers no name"; failed=1; }
[ "$failed" -eq 0 ] && echo "PASS ${#files[@]} files, $count names"
exit "$failed"
