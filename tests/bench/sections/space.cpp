// Bytes: the day's sketches on disk, the stream in memory.
#include <malloc.h>

#include "sections.hpp"

namespace topk::bench {
namespace {

// Everything malloc has given out, without SQLite's own (its page cache above all).
double heap_bytes() {
  auto const info = mallinfo2();
  return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd) -
         static_cast<double>(sqlite3_memory_used());
}

}  // namespace

void measure_space(settings const& how, report& into) {
  into.heading("Space");
  work_folder const folder;
  {
    connection const db(folder.file("source.db"), how.with);
    make_events(db, {.events = how.events});
  }
  connection const db(folder.file("day.db"), how.with);
  db.exec("ATTACH '" + folder.file("source.db") + "' AS source");
  double const before = heap_bytes();
  say("filling the stream");
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(log=off); INSERT INTO s(item, ts) SELECT item, ts "
      "FROM "
      "source.src");
  for (char const* const window : {"1min", "5min", "1hour", "1day"}) {
    db.prepare("SELECT * FROM topk('" + std::string(window) + "', 100, 's', 'fast', 'latest')")
        .run();
  }
  double const heap = heap_bytes() - before;
  double const told = db.number("SELECT memory_bytes FROM topk_stats('s')");
  double const sketches = stream_bytes(db, "s");
  say("filling the counter table");
  db.exec(
      "CREATE TABLE counter(minute INTEGER, item TEXT, n INTEGER, PRIMARY KEY(minute, item)) "
      "WITHOUT ROWID;"
      "INSERT INTO counter SELECT ts / 60, item, count(*) FROM source.src GROUP BY 1, 2");
  double const counter = table_bytes(db, "counter");
  say("filling a stream with a log");
  db.exec(
      "CREATE VIRTUAL TABLE logged USING topk_stream(); INSERT INTO logged(item, ts) SELECT item, "
      "ts FROM source.src");
  double const log = table_bytes(db, "logged_block") / static_cast<double>(how.events);
  constexpr double mebibyte = 1024 * 1024;
  into.row({"disk for the day's sketches, log=off, no partitions", "per-minute counter table",
            as_bytes(sketches), as_bytes(counter), sketches, as_number(sketches / counter, 3) + "x",
            target{3 * mebibyte, true, "3 MiB"}});
  into.row({"disk for the log, a row", "", as_bytes(log), "", log, "", target{14, true, "14 B"}});
  into.row({"memory of the stream, as in topk_stats", "", as_bytes(told), "", told, "",
            target{8 * mebibyte, true, "8 MiB"}});
  into.row({"memory of the stream, as the heap has grown after a fill and four questions", "",
            as_bytes(heap), "", heap, "", target{8 * mebibyte, true, "8 MiB"}});
}

}  // namespace topk::bench
