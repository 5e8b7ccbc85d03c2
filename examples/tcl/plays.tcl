# The top 5 songs of the last hour, from Tcl (Debian: libsqlite3-tcl).
#
#     tclsh examples/tcl/plays.tcl [topk.so [database]]
#
# Trap: a Tcl variable has no type of its own: 1 arrives as a text after "set n 1" and as a number
# after "incr n", and these are two items. Write CAST($item AS TEXT) where items may look like
# numbers.
package require sqlite3

set library [lindex [concat $argv [list [file join [file dirname [info script]] ../../build/release/topk.so]]] 0]
set database [expr {[llength $argv] > 1 ? [lindex $argv 1] : ":memory:"}]
sqlite3 db $database
db enable_load_extension 1
db eval {SELECT load_extension($library)}
db enable_load_extension 0 ;# so that no SQL can load another one

set songs {"Take Five" "So What" "Naima" "Blue Train" "Footprints"}
set noon [clock scan "2024-05-01 12:00:00" -timezone :UTC]
db eval {CREATE VIRTUAL TABLE plays USING topk_stream(k=100)}
db transaction {
  for {set i 0} {$i < 7000} {incr i} {
    set song [lindex $songs [expr {min($i % 5, $i % 7)}]]
    set ts [expr {$noon + $i}]
    db eval {INSERT INTO plays(item, ts) VALUES ($song, $ts)}
  }
}

# 'latest': as of the newest event; without it, as of now.
db eval {SELECT rank, item, count, lower, upper FROM topk('1hour', 5, 'plays', 'fast', 'latest')} {
  puts "$rank. $item: $count plays, between $lower and $upper"
}
