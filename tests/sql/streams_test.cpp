// Streams as tables: options, what CREATE and DROP leave behind, the default stream.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

// CREATE VIRTUAL TABLE s with these options must fail, name what is wrong, and leave nothing.
void refuses_options(std::string const& options, std::vector<std::string> const& parts) {
  database db = begin_story();
  fails(db, "CREATE VIRTUAL TABLE s USING topk_stream(" + options + ")", SQLITE_ERROR, parts);
  INFO(options);
  CHECK(names_like(db, "s").empty());
}

}  // namespace

TEST_CASE("a stream without options has the four windows, a log and room for 100",
          "[story][streams]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('x')");
  for (char const* window : {"1min", "5min", "1hour", "1day"}) {
    CHECK(top(db, "'" + std::string(window) + "', 10, 's'") == "x=1");
  }
  CHECK(pairs(db, "SELECT item, weight FROM s") == "x=1");
  CHECK(pairs(db, "SELECT item, weight FROM s_log") == "x=1");
}

TEST_CASE("without a window the longest declared one is answered", "[story][streams]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(windows='10s,2min', retain='1hour');"
      "INSERT INTO s(item, ts) VALUES ('near', unixepoch() - 5), ('far', unixepoch() - 100),"
      " ('gone', unixepoch() - 130)");
  CHECK(top(db, "'10s', 10, 's'") == "near=1");
  CHECK(top(db, "NULL, 10, 's'") == "far=1 near=1");
  CHECK(top(db, "'1hour', 10, 's'") == "far=1 gone=1 near=1");
}

TEST_CASE("an option may be quoted in either way or not at all", "[story][streams]") {
  for (char const* options : {"k=7, log=off", "k='7', log='off'", "k=\"7\", log=\"off\"",
                              " k = 7 , log = off ", "windows='1min', k=7, log=off"}) {
    database db = begin_story();
    INFO(options);
    db.exec("CREATE VIRTUAL TABLE s USING topk_stream(" + std::string(options) + ")");
    CHECK(names_like(db, "s_log").empty());
    db.exec("INSERT INTO s(item) VALUES ('x')");
    CHECK(top(db, "'1min', 7, 's'") == "x=1");
  }
}

TEST_CASE("log=off keeps no events, and reading the stream gives none", "[story][streams]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(log=off); INSERT INTO s(item) VALUES ('x'), ('y')");
  CHECK(names_like(db, "s_log").empty());
  CHECK(number(db, "SELECT count(*) FROM s") == 0);
  CHECK(top(db, "'1min', 10, 's'") == "x=1 y=1");
  CHECK(top(db, "'1min', 10, 's', 'hybrid'") == "x=1 y=1");
}

TEST_CASE("retain keeps more than the longest window", "[story][streams]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(windows='1min', retain='7 days');"
      "INSERT INTO s(item) VALUES ('new');"
      "INSERT INTO s(item, ts) VALUES ('old', unixepoch() - 6 * 86400)");
  CHECK(top(db, "'1min', 10, 's'") == "new=1");
  CHECK(top(db, "'7 days', 10, 's'") == "new=1 old=1");
  CHECK(top(db, "'1 week', 10, 's'") == "new=1 old=1");
  fails(db, "SELECT * FROM topk('8 days', 10, 's')", SQLITE_ERROR, {"window", "8 days", "1week"});
}

TEST_CASE("max_item_bytes limits items by their bytes", "[story][streams]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(max_item_bytes=8)");
  db.exec("INSERT INTO s(item) VALUES ('12345678'), (x'0102030405060708'), (1234567890123)");
  fails_without_trace(db, "s", "INSERT INTO s(item) VALUES ('123456789')", SQLITE_TOOBIG,
                      {"item", "9", "8"});
  CHECK(number(db, "SELECT count(*) FROM topk('1min', 10, 's')") == 3);
}

TEST_CASE("max_skew says how far ahead of now an event may lie", "[story][streams]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(max_skew='1hour')");
  db.exec("INSERT INTO s(item, ts) VALUES ('x', unixepoch() + 3600)");
  fails(db, "INSERT INTO s(item, ts) VALUES ('x', unixepoch() + 3601)", SQLITE_CONSTRAINT, {"ts"});
}

TEST_CASE("max_partitions limits the partitions of a stream", "[story][streams]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(max_partitions=2);"
      "INSERT INTO s(item, partition) VALUES ('x', 'a'), ('x', 'b'), ('x', NULL)");
  fails_without_trace(db, "s", "INSERT INTO s(item, partition) VALUES ('x', 'c')",
                      SQLITE_CONSTRAINT, {"max_partitions", "2"});
  db.exec("INSERT INTO s(item, partition) VALUES ('x', 'b')");
  CHECK(top(db, "'1min', 10, 's'") == "x=4");
}

TEST_CASE("the seed is stored, so that a stream goes on as it began", "[story][streams]") {
  scratch_directory folder;
  std::string seen;
  {
    database db = begin_story(folder.file("seed.db"));
    db.exec(
        "CREATE VIRTUAL TABLE s USING topk_stream(seed=42, memory=65536, k=5);"
        "INSERT INTO s(item) SELECT value % 5000 FROM " +
        series(1, 20'000));
    seen = whole_answer(db, "'1min', 20, 's'");
  }
  database db = connect(folder.file("seed.db"));
  CHECK(whole_answer(db, "'1min', 20, 's'") == seen);
  db.exec("INSERT INTO s(item) VALUES (17)");
  CHECK(number(db, "SELECT total_lower FROM topk('1min', 1, 's')") == 20'001);
}

TEST_CASE("equal seeds and equal events give equal answers", "[story][streams]") {
  database db = begin_story();
  for (char const* name : {"s", "t"}) {
    db.exec("CREATE VIRTUAL TABLE " + std::string(name) +
            " USING topk_stream(seed=42, memory=65536, k=5);"
            "INSERT INTO " +
            name + "(item) SELECT value * value % 5003 FROM " + series(1, 20'000));
  }
  CHECK(whole_answer(db, "'1min', 50, 's'") == whole_answer(db, "'1min', 50, 't'"));
}

TEST_CASE("an unknown option is named, beside the known ones", "[story][streams]") {
  refuses_options("windws='1min'", {"windws", "windows", "retain", "memory"});
  refuses_options("'1min'", {"1min"});
  refuses_options("k", {"k"});
}

TEST_CASE("a bad option value is named, with what is allowed", "[story][streams]") {
  refuses_options("k=0", {"k", "0", "1"});
  refuses_options("k=-3", {"k", "-3"});
  refuses_options("k=many", {"k", "many"});
  refuses_options("k=99999999999999999999", {"k", "99999999999999999999"});
  refuses_options("windows='5 parsecs'", {"windows", "5 parsecs"});
  refuses_options("windows=''", {"windows"});
  refuses_options("windows='1min,,1hour'", {"windows"});
  refuses_options("log=maybe", {"log", "maybe", "on", "off"});
  refuses_options("retain=forever", {"retain", "forever"});
  refuses_options("memory=-1", {"memory", "-1"});
  refuses_options("memory=lots", {"memory", "lots"});
  refuses_options("max_item_bytes=0", {"max_item_bytes", "0"});
  refuses_options("max_skew=soon", {"max_skew", "soon"});
  refuses_options("max_partitions=none", {"max_partitions", "none"});
  refuses_options("seed=lucky", {"seed", "lucky"});
}

TEST_CASE("an option given twice, or without its partner, is refused", "[story][streams]") {
  refuses_options("k=5, k=6", {"k"});
  refuses_options("item='song'", {"content"});
}

TEST_CASE("DROP TABLE leaves nothing behind, and the name is free again", "[story][streams]") {
  database db = begin_story();
  for (char const* options : {"", "log=off", "max_partitions=5"}) {
    db.exec(
        "CREATE VIRTUAL TABLE s USING topk_stream(" + std::string(options) +
        "); INSERT INTO s(item, partition) VALUES ('x', 'p'); INSERT INTO s(s) VALUES('optimize')");
    CHECK(names_like(db, "s") != "s");
    db.exec("DROP TABLE s");
    CHECK(names_like(db, "s").empty());
  }
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream()");
  CHECK(top(db, "'1day', 10, 's'").empty());
  CHECK(stat(db, "s", "events") == 0);
}

TEST_CASE("the shadow tables are exactly the documented ones, and marked as shadow",
          "[story][streams]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('x')");
  CHECK(names_like(db, "s") == "s s_config s_keys s_log s_pane s_part s_tail");
  CHECK(number(db,
               "SELECT count(*) FROM pragma_table_list WHERE name LIKE 's@_%' ESCAPE '@' AND "
               "type = 'shadow'") == 6);
}

TEST_CASE("a table in the way of a shadow table makes CREATE fail cleanly", "[story][streams]") {
  database db = begin_story();
  db.exec("CREATE TABLE s_pane(mine)");
  fails(db, "CREATE VIRTUAL TABLE s USING topk_stream()", SQLITE_ERROR, {"s_pane"});
  CHECK(names_like(db, "s") == "s_pane");
}

TEST_CASE("cms_add makes topk_events on the first INSERT, as CREATE VIRTUAL TABLE would",
          "[story][streams]") {
  database db = begin_story();
  CHECK(top(db, "'1min', 10").empty());
  CHECK(number(db, "SELECT count(*) FROM cms_add") == 0);
  CHECK(names_like(db, "topk_events").empty());
  db.exec("INSERT INTO cms_add(item) VALUES ('#sqlite'), ('#cpp'), ('#sqlite')");
  CHECK(text(db, "SELECT sql FROM sqlite_schema WHERE name = 'topk_events'") ==
        "CREATE VIRTUAL TABLE topk_events USING topk_stream()");
  CHECK(top(db, "'1min', 10") == "#sqlite=2 #cpp=1");
  CHECK(pairs(db, "SELECT item, sum(weight) FROM topk_events GROUP BY 1 ORDER BY 2 DESC") ==
        "#sqlite=2 #cpp=1");
  CHECK(pairs(db, "SELECT item, sum(weight) FROM cms_add GROUP BY 1 ORDER BY 2 DESC") ==
        "#sqlite=2 #cpp=1");
}

TEST_CASE("cms_add takes all four columns, in any selection", "[story][streams]") {
  database db = begin_story();
  db.exec(
      "INSERT INTO cms_add VALUES ('a', unixepoch() - 30, 3, 'p'), ('b', NULL, NULL, NULL);"
      "INSERT INTO cms_add(weight, item) VALUES (2, 'c');"
      "INSERT INTO cms_add(item, partition) VALUES ('b', 'p')");
  CHECK(top(db, "'1min', 10") == "a=3 b=2 c=2");
  CHECK(top(db, "'1min', 10, NULL, NULL, NULL, 'p'") == "a=3 b=1");
}

TEST_CASE("topk_events may be made with options of one's own, and cms_add writes to it",
          "[story][streams]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE topk_events USING topk_stream(windows='10s', log=off);"
      "INSERT INTO cms_add(item) VALUES ('x')");
  CHECK(top(db) == "x=1");
  CHECK(names_like(db, "topk_events_log").empty());
}

TEST_CASE("a rolled back first use leaves no default stream, and the next one makes it again",
          "[story][streams]") {
  database db = begin_story();
  db.exec("BEGIN; INSERT INTO cms_add(item) VALUES ('x')");
  CHECK(top(db) == "x=1");
  db.exec("ROLLBACK");
  CHECK(names_like(db, "topk_events").empty());
  CHECK(top(db).empty());
  db.exec("INSERT INTO cms_add(item) VALUES ('y')");
  CHECK(top(db) == "y=1");
}

TEST_CASE("a failing first use leaves no default stream", "[story][streams]") {
  database db = begin_story();
  fails(db, "INSERT INTO cms_add(item) VALUES (NULL)", SQLITE_CONSTRAINT, {"item"});
  CHECK(names_like(db, "topk_events").empty());
  fails(db, "BEGIN; INSERT INTO cms_add(item) VALUES (NULL)", SQLITE_CONSTRAINT, {"item"});
  db.exec("COMMIT");
  CHECK(names_like(db, "topk_events").empty());
}

TEST_CASE("the default stream may be dropped and comes back empty", "[story][streams]") {
  database db = begin_story();
  db.exec("INSERT INTO cms_add(item) VALUES ('x'); DROP TABLE topk_events");
  CHECK(top(db).empty());
  db.exec("INSERT INTO cms_add(item) VALUES ('y')");
  CHECK(top(db) == "y=1");
}

TEST_CASE("a plain table or view called topk_events is an error that names it",
          "[story][streams]") {
  for (char const* wall :
       {"CREATE TABLE topk_events(item)", "CREATE VIEW topk_events AS SELECT 1"}) {
    database db = begin_story();
    db.exec(wall);
    fails(db, "SELECT * FROM topk('1min', 10)", SQLITE_ERROR, {"topk_events"});
    fails(db, "SELECT * FROM topk_count('1min', 'x')", SQLITE_ERROR, {"topk_events"});
    fails(db, "INSERT INTO cms_add(item) VALUES ('x')", SQLITE_ERROR, {"topk_events"});
  }
}
