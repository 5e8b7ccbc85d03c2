#!/usr/bin/env bash
# The top items of the lines on standard input, as bars with bounds, by the stock sqlite3 shell.
#
#   tail -f access.log | top.sh --field 7 --window 5min     the most requested paths, redrawn every 2 s
#   top.sh --field 1 < access.log                           the busiest addresses, once, at the end
#
#   --field N       the Nth field of a line, separated by spaces; without it the whole line
#   --window W      '1min', '1hour', '1 day', 'all'...: by the time at which lines come in (1hour)
#   --top K         how many (10)
#   --every S       draw every S seconds; without it every 2 on a terminal, otherwise at the end
#   --width N       of the longest bar, in characters (40)
#   --memory SIZE   the memory option of the stream, 16KiB or more (4MiB)
#   --database F    continue this file, created if missing; without it in memory
#   --library F     the extension; without it $TOPK_LIBRARY or ../../build/release/topk.so
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

field=0 window=1hour top=10 every='' width=40 memory=4MiB database=:memory:
library=${TOPK_LIBRARY:-$here/../../build/release/topk.so}

fail() { echo "top.sh: $*" >&2; exit 2; }
whole() { [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || fail "$1 $2: expected a whole number from 1 to 99999"; }
while [ $# -gt 0 ]; do
  [ "$1" != --help ] || { sed -n '2,/^set/{s/^# \?//;/^set/d;p}' "${BASH_SOURCE[0]}"; exit 0; }
  [ $# -ge 2 ] || fail "$1: expected an option and its value; see --help"
  case $1 in
    --field) whole "$1" "$2"; field=$2 ;;
    --window) window=$2 ;;
    --top) whole "$1" "$2"; top=$2 ;;
    --every) [[ $2 =~ ^[0-9]+(\.[0-9]+)?$ ]] || fail "$1 $2: expected seconds"; every=$2 ;;
    --width) whole "$1" "$2"; width=$2 ;;
    --memory) memory=$2 ;;
    --database) database=$2 ;;
    --library) library=$2 ;;
    *) fail "unknown option $1; see --help" ;;
  esac
  shift 2
done
[ -f "$library" ] || fail "no such library: $library (build it, or name it by --library)"
[ -n "$every" ] || [ ! -t 1 ] || every=2

quoted() { printf "'%s'" "${1//\'/\'\'}"; }
shell=(sqlite3 -batch -init /dev/null -cmd ".load '$(realpath "$library" | sed 's/\.so$//')'")

set_up() {
  cat << SQL
CREATE VIRTUAL TABLE IF NOT EXISTS lines USING topk_stream(log=off, memory=$(quoted "$memory"));
CREATE TEMP TABLE settings AS SELECT $(quoted "$window") AS window, $top AS k, $width AS width, 48 AS name_width;
SQL
}
# Wrong values are reported before anything is read.
said=$( (set_up; echo "SELECT count(*) FROM settings AS s, topk(s.window, s.k, 'lines');") | "${shell[@]}" -bail :memory: 2>&1) ||
  fail "${said#*: }"

# Each line becomes one statement: NUL removed, field chosen, cut to the longest item, quoted.
parts="/^[[:blank:]]*([^[:blank:]]+[[:blank:]]+){$((field - 1))}[^[:blank:]]/!d
       s/^[[:blank:]]*([^[:blank:]]+[[:blank:]]+){$((field - 1))}([^[:blank:]]+).*/\2/"
[ "$field" -gt 0 ] || parts="/^\$/d"
statements="s/\x00//g; s/\r\$//; $parts
            s/^(.{1000}).*/\1/; s/'/''/g; s/.*/INSERT OR IGNORE INTO lines(item) VALUES('&');/"

draw() {
  printf '%s\n' 'COMMIT;'
  [ ! -t 3 ] || printf '%s\n' '.print "\033[H\033[J"'
  printf '.read "%s"\nBEGIN;\n' "$here/chart.sql"
}
# Each write to the pipe is at most one line, so that the output of two writers never mixes.
feed() {
  local clock='' ended=0
  trap : INT  # Ctrl-C ends the reading: what was read is still drawn and kept
  set_up
  echo 'BEGIN;'
  if [ -n "$every" ]; then
    while sleep "$every" > /dev/null; do draw; done < /dev/null &
    clock=$!
  fi
  LC_ALL=C stdbuf -oL sed -E "$statements" || ended=$?
  if [ -n "$clock" ]; then
    kill "$clock" 2> /dev/null || true
    wait "$clock" 2> /dev/null || true
  fi
  draw
  echo 'COMMIT;'
  [ "$ended" -eq 0 ] || [ "$ended" -eq 130 ]
}
# In a session of its own the shell receives no Ctrl-C.
exec 3>&1  # where the charts go, for draw to look at
feed | setsid -w "${shell[@]}" "$database"
