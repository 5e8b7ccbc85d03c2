# Each line of a log as one INSERT: the item, and with time > 0 the time written in the line, as a stream
# takes it. top.sh sets `field`, `time` and `tomorrow`.
#
# A time begins in the field of that number: 27/Nov/2025:10:00:08 +0100 (nginx, Apache), 2025-11-27 10:00:08,250
# or 2025/11/27 10:00:08, Nov 27 10:00:08 (syslog), or all in one field (ISO 8601, unix seconds). What is no
# time goes on as it is: the stream refuses it, and counts it. mawk knows no {4} in patterns.

function month(name) { return sprintf("%02d", (index("JanFebMarAprMayJunJulAugSepOctNovDec", name) + 2) / 3) }

function zone(text) {
  return text ~ /^[+-][0-9][0-9][0-9][0-9]/ ? " " substr(text, 1, 3) ":" substr(text, 4, 2) : ""
}

# Syslog has no year: the latest that does not put the day after tomorrow.
function with_year(day) { return substr(tomorrow, 1, 4) - (day > substr(tomorrow, 6)) "-" day }

function time_of_line(  t, next_field) {
  t = $time
  next_field = $(time + 1)
  sub(/^\[/, "", t)
  if (t ~ /^[0-9][0-9]\/[A-Z][a-z][a-z]\/[0-9][0-9][0-9][0-9]:[0-9][0-9]:[0-9][0-9]:[0-9][0-9]/)
    return substr(t, 8, 4) "-" month(substr(t, 4, 3)) "-" substr(t, 1, 2) " " substr(t, 13, 8) zone(next_field)
  if (t ~ /^[A-Z][a-z][a-z]$/ && next_field ~ /^[0-9][0-9]?$/)
    return with_year(month(t) "-" sprintf("%02d", next_field)) " " $(time + 2)
  if (t ~ /^[0-9][0-9][0-9][0-9][-\/][0-9][0-9][-\/][0-9][0-9]$/) {
    gsub(/\//, "-", t)
    t = t " " next_field
  }
  sub(/].*/, "", t)
  sub(/,/, ".", t)
  return t
}

function quoted(text) {
  gsub(/'/, "''", text)
  return "'" text "'"
}

BEGIN { ORS = "" }  # a line and its end are written at once, so that nothing comes between
$0 != "" && NF >= field {
  item = quoted(substr($field, 1, 1000))
  print (time ? "INSERT OR IGNORE INTO lines(item, ts) VALUES(" item ", " quoted(time_of_line()) ");\n" \
              : "INSERT OR IGNORE INTO lines(item) VALUES(" item ");\n")
  fflush()
}
