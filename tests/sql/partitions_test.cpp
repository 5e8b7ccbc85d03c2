// Partitions: each has its own top K; small ones are cheap; a large one behaves as if alone.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

TEST_CASE("each partition has its own top K, and all together have theirs", "[story][partitions]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item, partition) VALUES "
      "('a', 'de'), ('a', 'de'), ('a', 'fr'), ('b', 'fr'), ('b', 1), ('c', NULL), ('b', 1.0), "
      "('b', '1')");
  for (bool const is_folded : {false, true}) {
    if (is_folded) db.exec("INSERT INTO s(s) VALUES('optimize')");
    CHECK(top(db, "'1min', 10, 's'") == "b=4 a=3 c=1");
    CHECK(top(db, "'1min', 10, 's', 'fast', NULL, 'de'") == "a=2");
    CHECK(top(db, "'1min', 10, 's', 'fast', NULL, 'fr'") == "a=1 b=1");
    CHECK(top(db, "'1min', 10, 's', 'exact', NULL, 1") == "b=2");
    CHECK(top(db, "'1min', 10, 's', 'fast', NULL, 1.0") == "b=2");
    CHECK(top(db, "'1min', 10, 's', 'hybrid', NULL, '1'") == "b=1");
    CHECK(top(db, "'1min', 10, 's', 'fast', NULL, 'nobody'").empty());
  }
}

TEST_CASE("max_partitions bounds them, and those that have expired make room",
          "[story][partitions]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(windows='1min', max_partitions=3)");
  db.exec("INSERT INTO s(item, partition) VALUES ('x', 1), ('x', 2), ('x', 3)");
  fails(db, "INSERT INTO s(item, partition) VALUES ('x', 4)", SQLITE_CONSTRAINT,
        {"max_partitions=3"});
  db.exec("INSERT INTO s(item, partition) VALUES ('x', 3), ('x', NULL)");
  set_clock(start + one_hour);
  db.exec(
      "INSERT INTO s(s) VALUES('prune'); INSERT INTO s(item, partition) VALUES ('x', 4), ('x', 5), "
      "('x', 6)");
  fails(db, "INSERT INTO s(item, partition) VALUES ('x', 7)", SQLITE_CONSTRAINT,
        {"max_partitions=3"});
}

TEST_CASE("a rolled back partition takes no room", "[story][partitions]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(max_partitions=1)");
  db.exec("BEGIN; INSERT INTO s(item, partition) VALUES ('x', 'gone'); ROLLBACK");
  db.exec("INSERT INTO s(item, partition) VALUES ('x', 'stays')");
  fails(db, "INSERT INTO s(item, partition) VALUES ('x', 'gone')", SQLITE_CONSTRAINT,
        {"max_partitions"});
}

TEST_CASE("one big partition beside 100,000 small ones behaves as if alone",
          "[story][partitions]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(log=off, windows='1hour'); CREATE TABLE t(x); "
      "CREATE VIRTUAL TABLE alone USING topk_stream(log=off, windows='1hour', seed=1)");
  std::string const big =
      "SELECT 'word' || (value % 20), unixepoch() - value % 3000, 'big' FROM " + series(1, 30000);
  db.exec("INSERT INTO s(item, ts, partition) " + big);
  db.exec("INSERT INTO alone(item, ts, partition) " + big);
  std::int64_t const before =
      number(db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
  db.exec(
      "INSERT INTO s(item, ts, partition) SELECT 'p' || value || '-' || n.x, unixepoch() - value % "
      "3000, value FROM " +
      series(1, 100000) + ", (SELECT 1 AS x UNION ALL SELECT 2 UNION ALL SELECT 3) AS n");
  std::int64_t const after =
      number(db, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
  INFO("bytes a partition of three items: " << (after - before) / 100000);
  CHECK((after - before) / 100000 < 600);
  CHECK(top(db, "'1hour', 20, 's', 'fast', NULL, 'big'") == top(db, "'1hour', 20, 'alone'"));
  CHECK(top(db, "'1hour', 20, 's', 'fast', NULL, 77") == "p77-1=1 p77-2=1 p77-3=1");
  CHECK(number(db, "SELECT count(*) FROM topk('1hour', 10, 's') WHERE item LIKE 'word%'") == 10);
}
