#!/usr/bin/env bash
# The block that a stranger pastes into the stock sqlite3 shell, and what happens around it:
# reopening, .dump and reload, a wrong argument. Needs bash and sqlite3 only.
#
#   shell_test.sh path/to/topk.so
#
# Prints one PASS or FAIL line for each claim; exits nonzero if any failed.
set -u

library=${1:?usage: shell_test.sh path/to/topk.so}
library=$(readlink -f "$library") || exit 2
[ -f "$library" ] || { echo "no such library: $library" >&2; exit 2; }
command -v sqlite3 > /dev/null || { echo "sqlite3 is not installed" >&2; exit 2; }

folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2
cp "$library" topk.so

failures=0
pass() { echo "PASS  $1"; }
fail() { echo "FAIL  $1"; printf '      %s\n' "${@:2}"; failures=$((failures + 1)); }
same() {  # same CLAIM EXPECTED GOT
  if [ "$2" = "$3" ]; then pass "$1"; else fail "$1" "expected: ${2//$'\n'/ / }" "got:      ${3//$'\n'/ / }"; fi
}
holds() {  # holds CLAIM TEXT PART...: every part is in the text, in any case
  local claim=$1 text=$2 part
  for part in "${@:3}"; do
    grep -qiF -- "$part" <<< "$text" || { fail "$claim" "missing: $part" "in: $text"; return; }
  done
  pass "$claim"
}
lacks() {  # lacks CLAIM TEXT PART
  if grep -qiF -- "$3" <<< "$2"; then fail "$1" "unwanted: $3" "in: $2"; else pass "$1"; fi
}
# A shell without the user's ~/.sqliterc; both streams come back.
shell() { sqlite3 -batch -init /dev/null "$@" 2>&1; }

exact="SELECT item, sum(weight) AS n FROM topk_events WHERE ts > unixepoch()-60
       GROUP BY item ORDER BY n DESC LIMIT 10;"
fast="SELECT item, count FROM topk('1min', 10);"

# 1. The default stream, pasted whole.
pasted=$(shell first.db << 'SQL'
.load ./topk
INSERT INTO cms_add(item) VALUES ('#sqlite'),('#cpp'),('#sqlite');
SELECT * FROM topk('1min', 10);
SELECT item, sum(weight) AS n FROM topk_events WHERE ts > unixepoch()-60 GROUP BY item ORDER BY n DESC LIMIT 10;
SQL
)
same "the pasted block prints the top items with bounds, then the same by GROUP BY" \
  $'1|#sqlite|2|2|2|1|1\n2|#cpp|1|1|1|1|1\n#sqlite|2\n#cpp|1' "$pasted"

# 2. Close, reopen, .load.
again=$(shell first.db ".load ./topk" "$fast")
same "after closing and reopening the answer is the same" $'#sqlite|2\n#cpp|1' "$again"
same "after reopening, sketch and GROUP BY agree" "$again" "$(shell first.db '.load ./topk' "$exact")"
same "after reopening, exact mode agrees" "$again" \
  "$(shell first.db '.load ./topk' "SELECT item, count FROM topk('1min', 10, NULL, 'exact');")"

# 3. The same in memory, where nothing is ever written to a file.
memory=$(shell :memory: ".load ./topk" \
  "INSERT INTO cms_add(item) VALUES ('a'),('b'),('a');" "$fast")
same "it works in a database in memory" $'a|2\nb|1' "$memory"

# 4. .dump and reload, with and without the extension in the dumping shell.
shell first.db ".load ./topk" .dump > with.sql
shell first.db .dump > without.sql
same "a dump is the same with and without the extension loaded" "" \
  "$(diff with.sql without.sql | head -5)"
for kind in with without; do
  shell "$kind.db" < "$kind.sql" > "$kind.log"
  same "a dump made $kind the extension reloads without complaint" "" "$(cat "$kind.log")"
  same "after .dump, reload and reopening the answer is the same ($kind)" "$again" \
    "$(shell "$kind.db" '.load ./topk' "$fast")"
  added=$(shell "$kind.db" ".load ./topk" \
    "INSERT INTO cms_add(item) VALUES ('#cpp'),('#cpp');" "$fast" "$exact")
  same "a reloaded dump takes new events ($kind)" $'#cpp|3\n#sqlite|2\n#cpp|3\n#sqlite|2' "$added"
  same "a reloaded dump passes integrity-check ($kind)" "" \
    "$(shell "$kind.db" '.load ./topk' "INSERT INTO topk_events(topk_events) VALUES('integrity-check');")"
done

# 5. A named stream, as in the reference.
own=$(shell own.db << 'SQL'
.load ./topk
CREATE VIRTUAL TABLE plays USING topk_stream(windows='1min,5min,1hour,1day', k=100, log=on);
CREATE TABLE history(song, played_at);
INSERT INTO history VALUES('x', unixepoch()), ('y', unixepoch() - 1000), ('x', unixepoch() - 2000);
INSERT INTO plays(item, ts) SELECT song, played_at FROM history;
SELECT item, count FROM topk('1hour', 10, 'plays');
SELECT item, count FROM topk('1hour', 10, 'plays', 'exact');
CREATE TABLE streams(name); INSERT INTO streams VALUES('plays');
SELECT s.name, t.item, t.count FROM streams s, topk('5min', 3, s.name) t;
SELECT events FROM topk_stats('plays');
SQL
)
same "a named stream is filled by INSERT .. SELECT and read laterally" \
  $'x|2\ny|1\nx|2\ny|1\nplays|x|1\n3' "$own"

# 6. Plain errors: the argument, the value given, what is allowed.
error=$(shell own.db ".load ./topk" "SELECT * FROM topk('1fortnight', 10, 'plays');")
holds "a wrong window is named in the error" "$error" "Error" "window" "1fortnight"
lacks "an error is one plain sentence, not an unknown one" "$error" "unknown error"
error=$(shell own.db ".load ./topk" "SELECT * FROM topk('1hour', 0, 'plays');")
holds "k = 0 is named in the error" "$error" "Error" "k" "0"
error=$(shell own.db ".load ./topk" "SELECT * FROM topk('1hour', 10, 'nosuch');")
holds "an unknown stream is named in the error" "$error" "Error" "nosuch"
error=$(shell own.db ".load ./topk" "SELECT * FROM topk('1hour', 10, 'plays', 'quick');")
holds "an unknown mode is named with the known ones" "$error" "quick" "fast" "exact" "hybrid"
error=$(shell own.db ".load ./topk" "CREATE VIRTUAL TABLE z USING topk_stream(windws='1min');")
holds "an unknown option is named with the known ones" "$error" "windws" "windows" "retain"
error=$(shell own.db ".load ./topk" "INSERT INTO cms_add(item) VALUES (NULL);")
holds "a NULL item is refused by the name of its column" "$error" "item" "NULL"

# 7. After an error the file is as it was.
same "errors leave the stream as it was" $'x|2\ny|1' \
  "$(shell own.db '.load ./topk' "SELECT item, count FROM topk('1hour', 10, 'plays');")"
same "the file passes SQLite's own check" "ok" "$(shell own.db '.load ./topk' 'PRAGMA integrity_check;')"

# 8. DROP leaves nothing behind.
same "DROP TABLE leaves no shadow table behind" "0" "$(shell own.db '.load ./topk' 'DROP TABLE plays;' \
  "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'plays%';")"

# 9. Loading again, as a program may that also registers it for every connection.
same "loading twice on one connection changes nothing, in the middle of a transaction either" $'a|3\nb|1' \
  "$(shell twice.db '.load ./topk' "CREATE VIRTUAL TABLE s USING topk_stream(windows='1min');" \
    "INSERT INTO s(item) VALUES('a'),('b'); BEGIN; INSERT INTO s(item) VALUES('a');" '.load ./topk' \
    "INSERT INTO s(item) VALUES('a'); COMMIT; SELECT item, count FROM topk('1min', 5, 's');")"

[ "$failures" -eq 0 ] || { echo "$failures claim(s) failed"; exit 1; }
echo "all claims hold"
