// topk, topk_count, topk_stats, topk_version, topk_debug as SQL sees them.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

database begin_two_streams() {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE a USING topk_stream(); CREATE VIRTUAL TABLE b USING "
      "topk_stream(log=off); "
      "INSERT INTO a(item) VALUES ('x'), ('x'), ('y'); INSERT INTO b(item) VALUES ('z')");
  return db;
}

std::int64_t log_rows_read(database& db) {
  return number(db, "SELECT topk_debug() ->> '$.log_rows_read'");
}

}  // namespace

TEST_CASE("topk joins laterally in either order of the tables", "[story][functions]") {
  database db = begin_two_streams();
  db.exec("CREATE TABLE streams(name); INSERT INTO streams VALUES ('a'), ('b')");
  std::string const rows = "a=x a=y b=z";
  CHECK(
      pairs(db,
            "SELECT s.name, t.item FROM streams s, topk('5min', 3, s.name) t ORDER BY 1, t.rank") ==
      rows);
  CHECK(
      pairs(db,
            "SELECT s.name, t.item FROM topk('5min', 3, s.name) t, streams s ORDER BY 1, t.rank") ==
      rows);
  CHECK(pairs(db, "SELECT name, (SELECT item FROM topk('1min', 1, name)) FROM streams") ==
        "a=x b=z");
}

TEST_CASE("NULL and absent arguments mean the defaults", "[story][functions]") {
  database db = begin_two_streams();
  CHECK(top(db, "NULL, NULL, 'a', NULL, NULL, NULL") == "x=2 y=1");
  CHECK(pairs(db, "SELECT item, count FROM topk WHERE stream = 'a' AND k = 1") == "x=2");
  db.exec("INSERT INTO cms_add(item) VALUES ('d')");
  CHECK(pairs(db, "SELECT item, count FROM topk") == "d=1");
}

TEST_CASE("hidden results tell the window, the total and where the answer is from",
          "[story][functions]") {
  database db = begin_two_streams();
  CHECK(pairs(db, "SELECT total_lower, total_upper FROM topk('1min', 1, 'a')") == "3=3");
  CHECK(pairs(db, "SELECT confidence, source FROM topk('1min', 1, 'a')") == "1.0=sketch");
  CHECK(pairs(db, "SELECT total_upper, source FROM topk('1min', 1, 'a', 'exact')") == "3=log");
  CHECK(pairs(db, "SELECT 1, source FROM topk('1min', 1, 'b', 'hybrid')") == "1=sketch");
}

TEST_CASE("hybrid reads no log row where every row is exact and no pane is cut",
          "[story][functions]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item, ts) SELECT value % 40, "
      "unixepoch() - value % 50000 "
      "FROM " +
      series(0, 100000) + "; INSERT INTO s(s) VALUES('optimize')");
  std::string const exact = top(db, "'all', 10, 's', 'exact', 'latest'");
  CHECK(top(db, "'all', 10, 's', 'hybrid', 'latest'") == exact);
  CHECK(log_rows_read(db) == 0);
}

TEST_CASE("hybrid reads far less than exact where only the border is open", "[story][functions]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(retain='2 days'); INSERT INTO s(item, ts) SELECT "
      "value % 40, "
      "unixepoch() - value % 170000 FROM " +
      series(0, 200000) + "; INSERT INTO s(s) VALUES('optimize')");
  std::string const asked = "'1day', 10, 's', ";
  CHECK(top(db, asked + "'hybrid', unixepoch() - 1234") ==
        top(db, asked + "'exact', unixepoch() - 1234"));
  std::int64_t const in_window = number(
      db, "SELECT count(*) FROM s WHERE ts > unixepoch() - 87634 AND ts <= unixepoch() - 1234");
  INFO("rows in the window: " << in_window << ", read by hybrid: " << log_rows_read(db));
  CHECK(log_rows_read(db) > 0);
  CHECK(log_rows_read(db) * 20 < in_window);
}

TEST_CASE("topk_stats has a row for every stream, of attached files too", "[story][functions]") {
  scratch_directory folder;
  {
    database db = begin_story(folder.file("a.db"));
    db.exec(
        "CREATE VIRTUAL TABLE one USING topk_stream(); CREATE VIRTUAL TABLE \"t.wo\" USING "
        "topk_stream(); "
        "INSERT INTO one(item) VALUES ('x')");
  }
  database db = connect(folder.file("a.db"));
  db.exec("ATTACH '" + folder.file("b.db") +
          "' AS aux; CREATE VIRTUAL TABLE aux.three USING topk_stream()");
  CHECK(pairs(db, "SELECT stream, events FROM topk_stats ORDER BY stream") ==
        "\"t.wo\"=0 aux.three=0 one=1");
  CHECK(number(db, "SELECT count(*) FROM topk_stats s, topk('1min', 1, s.stream) t") == 1);
  std::string names;
  for (row const& each :
       db.query("SELECT name FROM pragma_table_xinfo('topk_stats') WHERE hidden = 0")) {
    names += (names.empty() ? "" : ", ") + std::string(each.at(0).bytes());
  }
  CHECK(
      names ==
      "stream, events, weight, late, rejected, first_ts, last_ts, lag_seconds, panes, tail_rows, "
      "log_rows, "
      "memory_bytes, disk_bytes, evictions, max_error, proven_share, inserts_per_second, queries, "
      "query_p50_us, query_p95_us, query_p99_us");
}

TEST_CASE("topk_count answers for any item", "[story][functions]") {
  database db = begin_two_streams();
  CHECK(pairs(db, "SELECT count, upper FROM topk_count('1min', 'x', 'a')") == "2=2");
  CHECK(pairs(db, "SELECT count, upper FROM topk_count('1min', 'nobody', 'a')") == "0=0");
  CHECK(pairs(db, "SELECT count, upper FROM topk_count('1min', 'x')") == "0=0");
}
