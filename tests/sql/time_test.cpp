// Time: out of order, late, future, as of any time, spellings of windows and times.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

database begin_stream(std::string const& options = "") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(" + options + ")");
  return db;
}

}  // namespace

TEST_CASE("the order of arrival does not matter inside retention", "[story][time]") {
  database forward = begin_stream();
  database backward = begin_stream();
  std::string const rows = "SELECT value % 7, unixepoch() - value FROM " + series(0, 5000);
  forward.exec("INSERT INTO s(item, ts) " + rows);
  backward.exec("INSERT INTO s(item, ts) " + rows + " ORDER BY value DESC");
  for (char const* window : {"1min", "5min", "1hour", "100s", "all"}) {
    std::string const asked = "'" + std::string(window) + "', 10, 's', ";
    CHECK(top(forward, asked + "'exact'") == top(backward, asked + "'exact'"));
    CHECK(top(forward, asked + "'hybrid'") == top(forward, asked + "'exact'"));
  }
}

TEST_CASE("a late event is counted as late, and is no error", "[story][time]") {
  database db = begin_stream("windows='1hour'");
  db.exec(
      "INSERT INTO s(item) VALUES ('now'); INSERT INTO s(item, ts) VALUES ('old', unixepoch() - "
      "3600), "
      "('older', unixepoch() - 9999), ('in', unixepoch() - 3599)");
  CHECK(stat(db, "s", "late") == 2);
  CHECK(stat(db, "s", "events") == 2);
  CHECK(top(db, "'all', 10, 's'") == "in=1 now=1");
  CHECK(number(db, "SELECT count(*) FROM s_log") == 2);
}

TEST_CASE("a future event is outside until its time, and expires nothing", "[story][time]") {
  database db = begin_stream("windows='1min', max_skew='1hour'");
  db.exec(
      "INSERT INTO s(item) VALUES ('now'); INSERT INTO s(item, ts) VALUES ('soon', unixepoch() + "
      "3000)");
  CHECK(top(db, "'1min', 10, 's'") == "now=1");
  db.exec("INSERT INTO s(s) VALUES('optimize')");
  CHECK(top(db, "'1min', 10, 's'") == "now=1");
  CHECK(top(db, "'1min', 10, 's', 'fast', 'latest'") == "soon=1");
  set_clock(start + 3000);
  CHECK(top(db, "'1min', 10, 's'") == "soon=1");
}

TEST_CASE("a window is what is after at - W and not after at", "[story][time]") {
  database db = begin_stream();
  db.exec(
      "INSERT INTO s(item, ts) VALUES ('edge', unixepoch() - 60), ('in', unixepoch() - 59), ('at', "
      "unixepoch())");
  CHECK(top(db, "'1min', 10, 's'") == "at=1 in=1");
  CHECK(pairs(db, "SELECT since, until FROM topk('1min', 1, 's')") ==
        std::to_string(start - 60) + "=" + std::to_string(start));
}

TEST_CASE("windows and times are spelled in many ways", "[story][time]") {
  database db = begin_stream();
  db.exec(
      "INSERT INTO s(item, ts) VALUES ('a', '2027-01-15 07:59:00'), ('b', "
      "'2027-01-15T08:30:00+00:31'), "
      "('c', '1799999940'), ('d', 1799999940.0), ('e', 'now'), ('f', NULL)");
  CHECK(number(db, "SELECT count(*) FROM s WHERE ts = 1799999940") == 4);
  CHECK(number(db, "SELECT count(*) FROM s WHERE ts = 1800000000") == 2);
  for (char const* window :
       {"'120s'", "'2min'", "120", "120.0", "'PT2M'", "'2 minutes'", "'120'"}) {
    INFO(window);
    CHECK(number(db, "SELECT count(*) FROM topk(" + std::string(window) + ", 10, 's')") == 6);
  }
  CHECK(top(db, "'1min', 10, 's', 'fast', '2027-01-15 07:59'") == "a=1 b=1 c=1 d=1");
  CHECK(top(db, "'1min', 10, 's', 'fast', 1799999940") == "a=1 b=1 c=1 d=1");
  CHECK(top(db, "'1min', 10, 's', 'fast', 'latest'") == "e=1 f=1");
}

TEST_CASE("a ts of text is a number as SQLite spells one, and nothing that only begins as one",
          "[story][time]") {
  database db = begin_stream();
  for (char const* ts :
       {"'1799999999.5'", "'  +17999999995e-1 '", "'1.7999999995E+9'", "'1799999999.50'"}) {
    INFO(ts);
    db.exec("INSERT INTO s(item, ts) VALUES ('half', " + std::string(ts) + ")");
    CHECK(number(db, "SELECT count(*) FROM s WHERE ts = 1799999999.5") > 0);
    CHECK(top(db, "'1min', 10, 's', 'fast', " + std::string(ts)) ==
          top(db, "'1min', 10, 's', 'fast', 1799999999.5"));
  }
  CHECK(number(db, "SELECT count(*) FROM s WHERE ts = 1799999999.5") == 4);
  db.exec("INSERT INTO s(item, ts) VALUES ('whole', '1799999999.')");
  CHECK(number(db, "SELECT count(*) FROM s WHERE ts = 1799999999") == 1);
  for (char const* ts :
       {"'.'", "'+'", "'-.e1'", "'1e'", "'1e+'", "'1799999999.5x'", "'1799999999 .5'", "'0x10'",
        "'inf'", "'nan'", "'1_000'", "CAST(x'312E350031' AS TEXT)"}) {
    fails(db, "INSERT INTO s(item, ts) VALUES ('x', " + std::string(ts) + ")", SQLITE_CONSTRAINT,
          {"ts="});
  }
}

TEST_CASE("the default ts is in whole seconds", "[story][time]") {
  database db = begin_stream();
  db.exec("INSERT INTO s(item) VALUES ('x')");
  CHECK(pairs(db, "SELECT typeof(ts), ts FROM s") == "integer=1800000000");
}

TEST_CASE("retention follows the stream as the clock goes on", "[story][time]") {
  database db = begin_stream("windows='1min,5min', log=on");
  for (int minute = 0; minute < 60; ++minute) {
    set_clock(start + 60 * minute);
    db.exec("INSERT INTO s(item) SELECT value % 5 FROM " + series(1, 500));
  }
  CHECK(number(db, "SELECT sum(count) FROM topk('5min', 10, 's')") == 2500);
  CHECK(number(db, "SELECT count(*) FROM s_log") < 30000);
  db.exec("INSERT INTO s(s) VALUES('integrity-check')");
  CHECK(stat(db, "s", "log_rows") == number(db, "SELECT count(*) FROM s_log"));
}

TEST_CASE("old data loaded into a new stream is answered as of the latest event", "[story][time]") {
  database db = begin_stream();
  db.exec("INSERT INTO s(item, ts) SELECT value % 9, 1000000000 + value * 60 FROM " +
          series(1, 20000));
  CHECK(number(db, "SELECT sum(count) FROM topk('1day', 10, 's', 'exact', 'latest')") == 1440);
  // The far edge cuts a pane of 20 minutes: its share is a guess, its bounds are not.
  std::int64_t const fast =
      number(db, "SELECT sum(count) FROM topk('1day', 10, 's', 'fast', 'latest')");
  CHECK(fast > 1400);
  CHECK(fast < 1480);
  CHECK(top(db, "'1day', 10, 's'").empty());
}
