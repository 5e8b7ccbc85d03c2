#!/usr/bin/env bash
# The top items of the lines of a file or of standard input, as bars with bounds, by the stock sqlite3 shell.
#
#   tail -f access.log | top.sh --field 7 --window 5min       the most requested paths, redrawn every 2 s
#   top.sh --field 1 access.log                               the busiest addresses, once, at the end
#   top.sh --field 7 --time 4 --window 5min --rising access.log   what rose in the last 5 minutes of a log
#
#   --field N       the Nth field of a line, separated by spaces; without it the whole line
#   --time N        the Nth field begins the time of the line, as nginx, Apache or syslog write it, ISO 8601 or
#                   unix seconds; windows end with the newest. Without it: the time at which lines come in
#   --window W      '1min', '1 hour', '2 days'...; or 'all', which is the default
#   --rising        what has risen from the time before the window to the window, by its score; window: 1 hour
#   --baseline B    how much time before the window that is; without it as long as the window
#   --top K         how many (10)
#   --every S       draw every S seconds; without it every 2 on a terminal, otherwise at the end
#   --width N       of the longest bar, in characters (40)
#   --memory SIZE   the memory option of the stream, 16KiB or more (4MiB)
#   --database F    continue this file, created if missing; without it in memory
#   --library F     the extension; without it $TOPK_LIBRARY or ../../build/release/topk.so
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

field=0 time=0 window='' question=counts baseline='' top=10 every='' width=40 memory=4MiB database=:memory: file=''
library=${TOPK_LIBRARY:-$here/../../build/release/topk.so}

fail() { echo "top.sh: $*" >&2; exit 2; }
whole() { [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || fail "$1 $2: expected a whole number from 1 to 99999"; }
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h) sed -n '2,/^set/{s/^# \?//;/^set/d;p}' "${BASH_SOURCE[0]}"; exit 0 ;;
    --rising) question=rising; shift; continue ;;
    -?*) [ $# -ge 2 ] || fail "$1: expected an option and its value; see --help" ;;
    *) [ -z "$file" ] || fail "$1: expected one file, and $file is one"; file=$1; shift; continue ;;
  esac
  case $1 in
    --field) whole "$1" "$2"; field=$2 ;;
    --time) whole "$1" "$2"; time=$2 ;;
    --window) window=$2 ;;
    --baseline) baseline=$2 ;;
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

[ -z "$file" ] || [ "$file" = - ] || { [ -r "$file" ] && [ ! -d "$file" ]; } || fail "no such file, or not to be read: $file"
[ -z "$file" ] || [ "$file" = - ] || exec < "$file"
if [ "$question" = rising ]; then
  window=${window:-1 hour} baseline=${baseline:-$window}
  [[ ! ${window,,} =~ ^\ *all\ *$ ]] || fail "--window $window: expected a length with --rising; nothing is before all lines"
else
  [ -z "$baseline" ] || fail "--baseline $baseline: expected --rising with it"
  window=${window:-all}
fi

quoted() { printf "'%s'" "${1//\'/\'\'}"; }
shell=(sqlite3 -batch -init /dev/null -cmd ".load '$(realpath "$library" | sed 's/\.so$//')'")

worded() {  # worded LENGTH, after 'the': '5min' as '5 min', '1hour' as 'hour'
  sed -E 's/^([0-9.]+) *([[:alpha:]]+)$/\1 \2/
    s/^1 (w|weeks?)$/week/; s/^1 (d|days?)$/day/; s/^1 (h|hr|hours?)$/hour/
    s/^1 (m|min|minutes?)$/minute/; s/^1 (s|sec|seconds?)$/second/; s/^([0-9.]+)$/\1 s/' <<< "$1"
}

set_up() {  # set_up RETAIN
  local length=$window skew='1 min'
  [ "$window" != all ] || length='3653 days'  # the longest: all is in few panes
  [ "$time" -eq 0 ] || skew='14 hours'  # a time without an offset may be that of another zone
  cat << SQL
CREATE VIRTUAL TABLE IF NOT EXISTS lines USING topk_stream(
  log=off, windows=$(quoted "$length"), retain='$1', max_skew='$skew', memory=$(quoted "$memory"));
CREATE TEMP TABLE settings AS SELECT $(quoted "$window") AS window, $(quoted "$baseline") AS baseline, $top AS k,
  $width AS width, 48 AS name_width, iif($time, 'latest', NULL) AS at;
CREATE TEMP VIEW spans AS  -- the window in words, and how much has no part in it
SELECT CASE WHEN window = 'all'
              THEN coalesce((SELECT 'all lines of the last ' || retain FROM topk_stats('lines')
                              WHERE retain <> '36500days'), 'all lines')
            WHEN at IS NULL THEN 'what came in within the last ' || $(quoted "$(worded "$window")")
            ELSE printf('the %s to %s', $(quoted "$(worded "$window")"),
                        coalesce((SELECT datetime(max(until), 'unixepoch') || ' UTC' FROM answer), 'the newest line')) END AS span,
       $(quoted "$(worded "$baseline")") AS baseline, k,
       coalesce((SELECT printf('; %,d line%s without a time left out', rejected, iif(rejected = 1, '', 's'))
                   FROM topk_stats('lines') WHERE rejected > 0), '') AS left_out
  FROM settings;
SQL
  cat "$here/$question.sql"
}
try() {  # try DATABASE RETAIN [SQL]: asks once
  { set_up "$2"; echo 'SELECT NULL WHERE (SELECT count(*) FROM answer) < 0;'; echo "${3:-}"; } |
    "${shell[@]}" -bail "$1" 2>&1
}
# Wrong values are reported before anything is read. The answer is how many seconds the questions reach
# back, which is what the stream retains; for 'all' it is a hundred years.
reach="SELECT sum(r.until - r.since) FROM settings AS s, json_each(json_array(s.window, nullif(s.baseline, ''))) AS length,
  topk_series(length.value, length.value, NULL, 'lines', 'fast', 1763632800) AS r WHERE length.value IS NOT NULL;"
[ "$window" != all ] || reach='SELECT 36500 * 86400;'
named() { sed -E 's/^[^:]*: //; s/^(topk_stream: )?(window|baseline|memory)s?=/--\2 /' <<< "$1"; }  # as options
retain=$(try :memory: '36500 days' "$reach") || fail "$(named "$retain")"
# A stream that is there already may retain less.
if [ -s "$database" ]; then
  said=$(try "$database" "$retain") || fail "--window $window${baseline:+ --baseline $baseline} with --database $database: ${said#*: }"
fi

# lines.awk makes a statement of each line. Of the usual versions of awk, mawk alone reads a pipe in blocks.
statements=(awk)
[[ $(awk -W version 2>&1 < /dev/null) != mawk* ]] || statements+=(-W interactive)
statements+=(-v "field=$field" -v "time=$time" -v "tomorrow=$(date -u -d tomorrow +%F)" -f "$here/lines.awk")

# mawk would make up a line after one that has no end; of the empty one at the end nothing becomes.
cleaned() {
  local ended=0
  LC_ALL=C stdbuf -oL sed 's/\x00//g; s/\r$//' || ended=$?
  echo
  return "$ended"
}
draw() {
  printf '%s\n' 'COMMIT;'
  [ ! -t 3 ] || printf '%s\n' '.print "\033[H\033[J"'
  printf '.read "%s"\nBEGIN;\n' "$here/chart.sql"
}
# Each write to the pipe is at most one line, so that the output of two writers never mixes.
feed() {
  local clock='' ended=0
  trap : INT  # Ctrl-C ends the reading: what was read is still drawn and kept
  set_up "$retain"
  echo 'BEGIN;'
  if [ -n "$every" ]; then
    while sleep "$every" > /dev/null; do draw; done < /dev/null &
    clock=$!
  fi
  # cleaned ends at Ctrl-C, and awk after what that has read.
  cleaned | (trap '' INT; LC_ALL=C exec "${statements[@]}") || ended=$?
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
