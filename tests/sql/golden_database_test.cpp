// A database file of release 0.1.0: today's code reads it, writes it and finds it sound.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "kit/first_format.hpp"
#include "story.hpp"

using namespace topk::test;

TEST_CASE("a database of format 1 answers as it did, takes events, and is optimized to format 2",
          "[story][golden]") {
  scratch_directory folder;
  std::string const path = folder.file("copy.db");
  {
    database from(TOPK_GOLDEN_PATH "/stream_v1.db");
    from.exec("VACUUM INTO " + value::text(path).literal());
  }
  database db = connect(path);
  std::string const columns = "SELECT rank, item, count, lower, upper, proven FROM ";
  auto const rows = [&](std::string const& from) {
    std::string out;
    for (row const& each : db.query(columns + from)) {
      for (value const& one : each) out += one.literal() + " ";
      out += "\n";
    }
    return out;
  };
  std::string const then = rows("answer");
  CHECK(then.size() > 100);
  CHECK(rows("topk('all', 12, 'plays', 'fast', 'latest')") == then);
  db.exec("INSERT INTO plays(plays) VALUES('integrity-check')");
  CHECK(stat(db, "plays", "events") == 2005);
  CHECK(stat(db, "plays", "late") == 1);
  CHECK(number(db, "SELECT count(*) FROM topk('1hour', 10, 'plays', 'hybrid', 'latest', 'de')") ==
        10);
  db.exec("INSERT INTO plays(item, ts) SELECT 'new', 1700002000 + value FROM " + series(1, 100));
  CHECK(number(db, "SELECT count FROM topk_count('1hour', 'new', 'plays', 'exact', 'latest')") ==
        100);
  CHECK(has_first_format(db, "plays"));
  std::string const logged = "SELECT count(*) FROM plays";
  std::int64_t const events = number(db, logged);
  db.exec(
      "INSERT INTO plays(plays) VALUES('optimize'); INSERT INTO plays(plays) "
      "VALUES('integrity-check')");
  CHECK_FALSE(has_first_format(db, "plays"));
  CHECK(events > 100);
  CHECK(number(db, logged) == events);
  CHECK(number(db, "SELECT count FROM topk_count('1min', 'new', 'plays', 'fast', 'latest')") == 60);
  // It kept no summaries of the events without a partition.
  std::string const apart =
      "SELECT sum(count) FROM topk('all', 1000, 'plays', 'fast', 'latest') "
      "WHERE partition IS NULL";
  fails(db, apart, SQLITE_ERROR, {"partition IS NULL", "run 'rebuild'"});
  db.exec("INSERT INTO plays(plays) VALUES('rebuild')");
  CHECK(number(db, apart) > 0);
  std::string const of_all =
      "topk('all', 1000, 'plays', 'exact', 'latest') WHERE partition IS NULL";
  CHECK(number(db, "SELECT sum(count) FROM " + of_all) ==
        number(db, "SELECT total_lower FROM " + of_all + " LIMIT 1"));
}
