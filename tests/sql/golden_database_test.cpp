// Database files of each format: today's code reads them, writes them and finds them sound.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "kit/first_format.hpp"
#include "story.hpp"

using namespace topk::test;

namespace {

// A copy of the file, which is not written itself.
database copy_of(char const* name, std::string const& path) {
  {
    database from(std::string(TOPK_GOLDEN_PATH "/") + name);
    from.exec("VACUUM INTO " + value::text(path).literal());
  }
  return connect(path);
}

std::string text_of(database& db, std::string const& sql) {
  std::string out;
  for (row const& each : db.query(sql)) {
    for (value const& one : each) out += one.literal() + " ";
    out += "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("a database of format 1 answers as it did, takes events, and is optimized to format 2",
          "[story][golden]") {
  scratch_directory folder;
  database db = copy_of("stream_v1.db", folder.file("copy.db"));
  std::string const columns = "SELECT rank, item, count, lower, upper, proven FROM ";
  auto const rows = [&](std::string const& from) { return text_of(db, columns + from); };
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

TEST_CASE("a database of format 2 answers as it did, also of the past, and takes events",
          "[story][golden]") {
  scratch_directory folder;
  database db = copy_of("stream_v2.db", folder.file("copy.db"));
  std::string const columns = "SELECT rank, item, count, lower, upper, proven FROM ";
  auto const rows = [&](std::string const& from) { return text_of(db, columns + from); };
  CHECK(number(db, "SELECT count(*) FROM plays_pane WHERE hex(substr(body, 1, 3)) = 'D50102'") > 2);
  CHECK(rows("topk('all', 12, 'plays', 'fast', 'latest')") == rows("answer"));
  CHECK(rows("topk('1min', 12, 'plays', 'fast', 1700001000)") == rows("earlier"));
  CHECK(number(db, "SELECT count(*) FROM earlier") == 12);
  CHECK(number(db, "SELECT count(*) FROM topk_each((SELECT body FROM state), 100000)") > 1000);
  db.exec("INSERT INTO plays(plays) VALUES('integrity-check')");
  CHECK(stat(db, "plays", "events") == 12005);
  CHECK(stat(db, "plays", "past_bytes") > 0);
  db.exec("INSERT INTO plays(item, ts) SELECT 'new', 1700004000 + value FROM " + series(1, 100));
  std::string const count = "SELECT 100 BETWEEN lower AND upper FROM ";
  CHECK(number(db, count + "topk_count('1hour', 'new', 'plays', 'fast', 'latest')") == 1);
  db.exec("INSERT INTO plays(plays) VALUES('integrity-check')");
}
