#!/usr/bin/env bash
# examples/terminal draws what its expected.txt says, and what a log brings is only ever counted.
#
#   terminal_test.sh LIBRARY
#
# Prints one PASS or FAIL line for each claim; exits nonzero if any failed.
set -u
set -m  # each job is a process group, as at a terminal: Ctrl-C can be sent to one
library=$(readlink -f "${1:?usage: terminal_test.sh path/to/topk.so}") || exit 2
example=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../examples/terminal" && pwd)
folder=$(mktemp -d) || exit 2
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 2

failures=0
same() {  # same CLAIM EXPECTED GOT
  if [ "$2" = "$3" ]; then echo "PASS  $1"; return; fi
  echo "FAIL  $1"
  diff <(echo "$2") <(echo "$3") | sed 's/^/      /'
  failures=$((failures + 1))
}
top() { "$example/top.sh" --library "$library" "$@"; }

# 1. The charts of the log that is checked in; each command is a line of expected.txt.
got=$(sed -n 's/^\$ top.sh \(.*\) access.log$/\1/p' "$example/expected.txt" | while read -r options; do
  echo "\$ top.sh $options access.log"
  # shellcheck disable=SC2086  # several options
  top $options "$example/access.log"
done)
same "the charts are those of expected.txt" "$(cat "$example/expected.txt")" "$got"
counts() { awk '$2 == "✓" { print $3, $4 }'; }
same "the counts are those of sort and uniq" \
  "$(awk '{ print $7 }' "$example/access.log" | sort | uniq -c | awk '{ print $2, $1 }' | sort)" \
  "$(top --field 7 --top 50 < "$example/access.log" | counts | sort)"
same "a pipe is as good as a file, read or named" "$(top --field 1 < "$example/access.log")
$(top --field 1 "$example/access.log")" "$(cat "$example/access.log" | top --field 1)
$(cat "$example/access.log" | top --field 1 -)"

# 2. Windows by the time in the line: they end with the newest, and a time that cannot be read is reported.
now_and_before() {  # FILE: the paths of its last 5 minutes and of the 5 before, with their counts
  awk '{ split($4, clock, ":"); time[NR] = (clock[2] * 60 + clock[3]) * 60 + clock[4]; path[NR] = $7 }
    END { for (i in time) if (time[i] > time[NR] - 300) now[path[i]]++; else if (time[i] > time[NR] - 600) was[path[i]]++
      for (i in was) now[i] += 0
      for (i in now) print i, now[i], was[i] + 0 }' "$1"
}
same "--window with --time is that part of the log" "$(now_and_before "$example/access.log" | awk '$2 { print $1, $2 }' | sort)" \
  "$(top --field 7 --time 4 --window 5min --top 50 "$example/access.log" | counts | sort)"
same "in whatever way a time is written" "Top 10 of the hour to 2025-11-27 10:40:00 UTC: 7 events, 6 of 6 proven; 4 lines without a time left out
b 2
a 1
c 1
d 1
e 1
n 1" "$(top --field 1 --time 2 --window 1hour << 'LOG' | sed -E 's/^ +[0-9]+ ✓ ([a-z]) +([0-9]+) .*/\1 \2/'
a [27/Nov/2025:11:30:00 +0100] "GET / HTTP/1.1"
b 2025-11-27 10:31:00,250 INFO
b 2025-11-27T10:31:00.250Z INFO
c [2025-11-27 10:32:00] INFO
d 1764239580.5 INFO
e 2025-11-27T11:40:00+01:00
n 2025/11/27 10:33:00 [error]
old 27/Nov/2025:08:00:00 +0000
nothing
f soon
g 2025-11-27'); DROP TABLE lines; --
h [99/Nov/2025:10:00:00 +0000]
LOG
)"
same "one line without a time is one" "Nothing in the minute to the newest line; 1 line without a time left out" \
  "$(echo 'a soon' | top --field 1 --time 2 --window 1min)"
same "one line is one event" "Top 10 of all lines: 1 event, 1 of 1 proven" "$(echo a | top | head -1)"
ago() { LC_ALL=C date -u -d "$1" '+%b %e %H:%M:%S'; }
same "the time of syslog is that of this year, or of the last one" \
  "Top 10 of the 20 days to $(date -u -d '3 minutes ago' '+%F %H:%M:00') UTC: 3 events, 2 of 2 proven
sshd[812]: 2
sudo: 1" "$(top --field 5 --time 1 --window 20days << LOG | sed -E 's/^ +[0-9]+ ✓ ([a-z:0-9]+[^ ]*) +([0-9]+) .*/\1 \2/'
$(ago '10 days ago') web sshd[812]: session opened
$(ago '300 days ago') web cron[900]: job done
$(ago '4 minutes ago') web sudo: root
$(ago '3 minutes ago' | sed 's/..$/00/') web sshd[812]: session opened
LOG
)"
same "a time of another zone that says no offset is no time to leave out" "Top 10 of the minute to $(date -u -d '+9 hours' '+%F %H:00:00') UTC: 1 event, 1 of 1 proven" \
  "$(date -u -d '+9 hours' '+a %F %H:00:00' | top --field 1 --time 2 --window 1min | head -1)"

# 3. What rises: counts, expected and score are those of the log, by the definition of the score.
same "--rising is what awk finds" "$(now_and_before "$example/access.log" | awk '
    { path[NR] = $1; now[NR] = $2; was[NR] = $3; all_now += $2; all_was += $3 }
    END { r = all_now / all_was
      for (i in now) if (now[i] > r * was[i])
        printf "%s %d %.1f %+.1f\n", path[i], now[i], r * was[i], (now[i] - r * was[i]) / sqrt(now[i] + r * r * was[i]) }' | sort)" \
  "$(top --field 7 --time 4 --window 5min --rising --top 50 "$example/access.log" |
    sed -nE 's/^ +[0-9]+ ✓ ([^ ]+) +([0-9]+), expected +([0-9.]+), score +([+0-9.]+) .*/\1 \2 \3 \4/p' | sort)"
same "a baseline of its own, and nothing that rises" "Nothing rises in the minute to the newest line, against the 3 hours before" \
  "$(top --time 1 --window 1min --rising --baseline '3 hours' < /dev/null)"

rising() { top --field 7 --time 4 --rising "$@" "$example/access.log" | head -1; }
same "a baseline without events is no proof, and the title says so" \
  "Rising in the hour to 2025-11-27 10:11:34 UTC, against the hour before, which has no lines: 10 of 10 proven" "$(rising)"
same "nor is one that has begun before the log" \
  "Rising in the 10 min to 2025-11-27 10:11:34 UTC, against the 10 min before, which begins before the first line: 9 of 9 proven" \
  "$(rising --window 10min)"

# 4. Whatever is in a line is an item, and cannot steer shell, SQL or terminal.
printf '%s\n' "'); DROP TABLE lines; --" '.quit' "o'reilly''s" '$(touch owned)' '`touch owned`' 'a;b' '%s%n' 'tab	here' \
  > odd.txt
printf 'nul\0here\n\nesc\033[31mred\xc2\x9b2J\n\xff\xfe not UTF-8\n' >> odd.txt
printf '%03000d\n' 1 >> odd.txt
printf 'no line end' >> odd.txt
top --top 20 < odd.txt > odd.out 2>&1
same "every odd line but the empty one is counted" "Top 20 of all lines: 13 events, 13 of 13 proven" "$(head -1 odd.out)"
same "quotes come back as they were" 1 "$(grep -cF "o'reilly''s " odd.out)"
same "control characters do not reach the terminal" 0 "$(LC_ALL=C grep -c $'[\x01-\x08\x0b-\x1f\x7f]' odd.out)"
same "nor do those above ASCII" 0 "$(LC_ALL=C grep -c $'\xc2[\x80-\x9f]' odd.out)"
same "nothing in a line is run" "" "$(ls owned 2> /dev/null)"
same "no lines: it says so" "Nothing in what came in within the last 5 min" "$(top --window 5min < /dev/null)"

# 5. With little memory the bounds open, and hold.
awk 'BEGIN { for (i = 1; i <= 30000; i++) print i % 7 ? int(i % 997 * (i % 89) / 40) % 40 + (i > 15000) * 100 : i }' > many.txt
top --memory 16KiB --top 20 < many.txt > many.out
same "the bounds hold the true counts, and are drawn" "20 rows, 0 wrong, some open" \
  "$(awk 'NR == FNR { truth[$1]++; next }
    FNR > 1 { proven = $2 == "✓"; item = $(2 + proven); count = $(3 + proven); lower = upper = count
      bar = $(4 + proven); if ($(NF - 1) == "to") { lower = $(NF - 2); upper = $NF; open += bar ~ /[▓░]/ }
      gsub(",", "", lower); gsub(",", "", upper); rows++
      if (truth[item] < lower + 0 || truth[item] > upper + 0) wrong++ }
    END { print rows " rows, " wrong + 0 " wrong, " (open ? "some" : "none") " open" }' many.txt many.out)"

# 6. A stream that goes on: drawn meanwhile, and at its end.
await() { for _ in $(seq 300); do ! grep -q "$2" "$1" 2> /dev/null || return 0; sleep 0.1; done; return 1; }
(echo first; await live.out 'first'; echo second) | top --every 0.1 > live.out
same "--every draws before the end, and again at the end" "1 2" \
  "$(grep -o '[12] event' live.out | cut -d' ' -f1 | uniq | paste -sd' ')"

same "no terminal: no escape sequence is written" 0 "$(grep -c $'\033' live.out)"
script -qec "'$example/top.sh' --library '$library' --field 7 < '$example/access.log'" /dev/null > drawn.out < /dev/null
same "on a terminal the screen is cleared before the chart" $'\033[H\033[J' "$(head -1 drawn.out | tr -d '\r')"

# 7. Ctrl-C in the pause between two charts: what was read is drawn and kept, and nothing stays
# behind.
(echo kept; await cut.out 'kept'; echo late; touch sent; sleep 300) | top --every 4 --database "$folder/log.db" > cut.out 2>&1 &
for _ in $(seq 300); do [ ! -e sent ] || break; sleep 0.1; done
same "a line comes while the chart waits" "" "$(ls sent 2>&1 > /dev/null)"
sleep 1.5  # for sed to read it
kill -INT -- "-$(jobs -p)"
wait
running() { grep -ls "$folder/[l]og.db" /proc/[0-9]*/cmdline; }
for _ in $(seq 200); do [ -n "$(running)" ] || break; sleep 0.1; done
same "after Ctrl-C nothing is left running" "" "$(running)"
same "the last chart has the last line" "Top 10 of all lines: 2 events, 2 of 2 proven" "$(grep '^Top' cut.out | tail -1)"
same "another run goes on with the file" "Top 10 of all lines: 3 events, 2 of 2 proven" \
  "$(echo kept | top --database "$folder/log.db" | head -1)"

# 8. Wrong options are named, before anything is read.
refused() {  # refused CLAIM PART OPTION...
  local said code
  said=$(top "${@:3}" < /dev/null 2>&1)
  code=$?
  same "$1" "2 yes" "$code $(grep -qF -- "$2" <<< "$said" && echo yes || echo "no: $said")"
}
refused "an unknown option is named" "--feild" --feild 7
refused "field 0 is refused" "--field 0" --field 0
refused "a wrong window is named" "--window '1fortnight'" --window 1fortnight
refused "a wrong memory is named" "--memory 'lots'" --memory lots
refused "a window of what rises has something before it" "--window all" --rising --window all
refused "a wrong baseline is named" "--baseline 'soon'" --rising --baseline soon
echo a | top --window 10min --database "$folder/short.db" > /dev/null
refused "a file that keeps less than the window is named" "--window 1hour with --database $folder/short.db" \
  --window 1hour --database "$folder/short.db"
refused "or less than window and baseline" "--window 6min --baseline 6min with --database" --rising --window 6min \
  --database "$folder/short.db"
same "all lines of such a file are those that it keeps" "Top 10 of all lines of the last 10min: 2 events, 1 of 1 proven" \
  "$(echo a | top --database "$folder/short.db" | head -1)"
refused "a baseline without --rising is refused" "--rising" --baseline 1hour
refused "a missing file is named" "none.log" none.log
refused "a second file is refused" "one file" "$example/access.log" other.log
refused "an option without its value is named" "--field" --field
same "a missing library is named" "top.sh: no such library: /none.so (build it, or name it by --library)" \
  "$("$example/top.sh" --library /none.so < /dev/null 2>&1)"

[ "$failures" -eq 0 ] || { echo "$failures claim(s) failed"; exit 1; }
echo "all claims hold"
