// topk_stats: counters and times add up, and every stream has its row, whatever its name and place.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "kit/clock_vfs.hpp"
#include "sql/story.hpp"

using namespace topk::test;

namespace {

std::string stats(database& db, std::string const& columns, std::string const& stream = "s") {
  return to_text(db.query("SELECT " + columns + " FROM topk_stats(?1)", {value::text(stream)}));
}

TEST_CASE("events, weight, late and rejected add up over every way in", "[monitor][stats]") {
  bool const spills = GENERATE(false, true);
  database db = begin_story();
  db.exec(std::string("CREATE VIRTUAL TABLE s USING topk_stream(retain='1day'") +
          (spills ? ", memory='16KiB', k=4)" : ")"));
  std::int64_t events = 0, weight = 0, late = 0, rejected = 0;
  std::uint64_t state = 5;
  auto const next = [&](std::uint64_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::int64_t>((state >> 33) % below);
  };
  for (int turn = 0; turn < 40; ++turn) {
    bool const is_undone = turn % 5 == 4;
    db.exec("BEGIN");
    for (int i = 0; i < 60; ++i) {
      std::int64_t const w = next(7) - 2;
      std::int64_t const kind = next(10);
      std::string const item = "'" + std::to_string(next(900)) + "'";
      if (kind == 0) {
        db.exec("INSERT INTO s(item, ts) VALUES (" + item + ", unixepoch() - 86400 - " +
                std::to_string(next(1000)) + ")");
        if (!is_undone) ++late;
      } else if (kind == 1) {  // three rows that are refused in different ways, and a good one
        db.exec(
            "INSERT OR IGNORE INTO s(item, ts) VALUES (NULL, NULL), ('y', 'no date'), ('z', "
            "unixepoch() + 61), ('ok', NULL)");
        if (!is_undone) rejected += 3, ++events, ++weight;
      } else if (kind ==
                 2) {  // of a statement that fails nothing stays but the count, on this connection
        CHECK_FALSE(db.attempt("INSERT INTO s(item) VALUES ('a'), (NULL), ('b')").ok());
        ++rejected;
      } else {
        db.exec("INSERT INTO s(item, ts, weight) VALUES (" + item + ", unixepoch() - " +
                std::to_string(next(3600)) + ", " + std::to_string(w) + ")");
        if (!is_undone && w != 0) ++events, weight += w;
      }
    }
    db.exec(is_undone ? "ROLLBACK" : "COMMIT");
    INFO("turn " << turn);
    REQUIRE(stat(db, "s", "events") == events);
    REQUIRE(stat(db, "s", "weight") == weight);
    REQUIRE(stat(db, "s", "late") == late);
    REQUIRE(stat(db, "s", "rejected") == rejected);
    REQUIRE(number(db, "SELECT count(*) FROM s") == events);
  }
  CHECK(late > 50);
  CHECK(rejected > 300);
}

TEST_CASE("rejected of failed statements is this connection's, all else is the stream's",
          "[monitor][stats]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item, ts) VALUES ('a', NULL), "
      "('b', 5)");
  db.exec("INSERT OR IGNORE INTO s(item) VALUES (NULL), (NULL)");
  CHECK_FALSE(db.attempt("INSERT INTO s(item) VALUES (NULL)").ok());
  CHECK(stats(db, "events, late, rejected") == stats(db, "1, 1, 3"));
  database other = connect(folder.file("a.db"));
  CHECK(stats(other, "events, late, rejected") == stats(db, "1, 1, 2"));
  std::string const shared =
      "stream, events, weight, late, first_ts, last_ts, lag_seconds, panes, tail_rows, log_rows, "
      "disk_bytes, evictions, max_error, proven_share, memory_budget";
  CHECK(stats(other, shared) == stats(db, shared));
}

TEST_CASE("first_ts, last_ts and lag_seconds follow ts and the clock", "[monitor][stats]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream()");
  CHECK(stats(db, "first_ts, last_ts, lag_seconds") == stats(db, "NULL, NULL, NULL"));
  db.exec("INSERT INTO s(item, ts) VALUES ('late', unixepoch() - 90000)");
  // Nothing was ever accepted, so nothing is late yet: the reference time is that of accepted
  // events.
  bool const was_taken = stat(db, "s", "events") == 1;
  std::int64_t const first = was_taken ? start - 90000 : start - 30;
  db.exec(
      "INSERT INTO s(item, ts) VALUES ('a', unixepoch() - 30), ('b', unixepoch() - 20.25), ('c', "
      "unixepoch() - 25)");
  CHECK(number(db, "SELECT first_ts FROM topk_stats('s')") == first);
  CHECK(db.scalar("SELECT last_ts FROM topk_stats('s')").as_real() ==
        static_cast<double>(start) - 20.25);
  CHECK(db.scalar("SELECT lag_seconds FROM topk_stats('s')").as_real() == 20.25);
  set_clock(start + 100);
  CHECK(db.scalar("SELECT lag_seconds FROM topk_stats('s')").as_real() == 120.25);
  set_clock_ms((start + 100) * 1000 + 500);
  CHECK(db.scalar("SELECT lag_seconds FROM topk_stats('s')").as_real() == 120.75);
  set_clock(start + 100);
  db.exec("INSERT INTO s(item, ts) VALUES ('ahead', unixepoch() + 45)");
  CHECK(number(db, "SELECT lag_seconds FROM topk_stats('s')") == -45);
  set_clock(start + 200);
  db.exec(
      "INSERT INTO s(item, ts) VALUES ('old', unixepoch() - 3600); INSERT INTO s(item, ts) VALUES "
      "('very', unixepoch() - 90000)");
  CHECK(stat(db, "s", "last_ts") == start + 145);
  CHECK(stat(db, "s", "lag_seconds") == 55);
}

TEST_CASE("each stream has its row, and its name finds it, whatever the name", "[monitor][stats]") {
  scratch_directory folder;
  std::vector<std::string> const names = {
      "plain",  "two words", "dot.ted",    "quo\"te",     "a'b",        "[x]",
      "`tick`", "100%_",     "semi;colon", "back\\slash", "new\nline",  "gr\xC3\xBC\xC3\x9F",
      "select", "-- c",      " lead",      "7",           "topk_stream"};
  {
    database db = begin_story(folder.file("a.db"));
    db.exec("ATTACH '" + folder.file("b.db") + "' AS \"o.d d\"");
    std::int64_t n = 0;
    for (std::string const& name : names) {
      if (name == "topk_stream") continue;
      for (char const* schema : {"main", "o.d d"}) {
        std::string const table = quoted_name(schema) + "." + quoted_name(name);
        db.exec("CREATE VIRTUAL TABLE " + table + " USING topk_stream(); INSERT INTO " + table +
                "(item) SELECT value FROM " + series(1, ++n));
      }
    }
  }
  database db = connect(folder.file("a.db"));  // none of them is connected yet
  db.exec("ATTACH '" + folder.file("b.db") + "' AS \"o.d d\"");
  auto const rows = db.query("SELECT stream, events FROM topk_stats");
  REQUIRE(rows.size() == 2 * (names.size() - 1));
  std::int64_t sum = 0;
  for (row const& each : rows) {
    INFO(each.at(0).literal());
    sum += each.at(1).as_integer();
    CHECK(db.scalar("SELECT count(*) FROM topk('1min', 1000, ?1)", {each.at(0)}) == each.at(1));
    CHECK(db.scalar("SELECT stream FROM topk_stats(?1)", {each.at(0)}) == each.at(0));
    CHECK(db.scalar("SELECT events FROM topk_stats(?1)", {each.at(0)}) == each.at(1));
  }
  CHECK(sum == 32 * 33 / 2);
}

TEST_CASE("a stream of main that temp hides has its own row", "[monitor][stats]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  db.exec(
      "CREATE VIRTUAL TABLE main.s USING topk_stream(); INSERT INTO main.s(item) VALUES ('a'), "
      "('b'), ('c')");
  CHECK(pairs(db, "SELECT stream, events FROM topk_stats") == "s=3");
  db.exec("CREATE VIRTUAL TABLE temp.s USING topk_stream(); INSERT INTO temp.s(item) VALUES ('x')");
  CHECK(pairs(db, "SELECT stream, events FROM topk_stats ORDER BY events") == "temp.s=1 main.s=3");
  db.exec("DROP TABLE temp.s; CREATE TEMP TABLE S(x)");
  CHECK(pairs(db, "SELECT stream, events FROM topk_stats") == "main.s=3");
  CHECK(pairs(db, "SELECT s.stream, count(*) FROM topk_stats s, topk('1min', 10, s.stream)") ==
        "main.s=3");
}

TEST_CASE("a table of another module that mentions topk_stream has no row", "[monitor][stats]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE f USING fts5(topk_stream, using); CREATE VIRTUAL TABLE s USING "
      "topk_stream(); "
      "CREATE TABLE plain(x DEFAULT 'create virtual table x using topk_stream()'); "
      "CREATE VIEW v AS SELECT 'create virtual table x using topk_stream()'");
  CHECK(pairs(db, "SELECT stream, events FROM topk_stats") == "s=0");
}

TEST_CASE("a damaged stream has NULLs among the others, and says what is wrong when asked alone",
          "[monitor][stats]") {
  scratch_directory folder;
  {
    database db = begin_story(folder.file("a.db"));
    db.exec(
        "CREATE VIRTUAL TABLE bad USING topk_stream(); CREATE VIRTUAL TABLE good USING "
        "topk_stream(); INSERT INTO good(item) VALUES (1)");
  }
  {
    database plain(folder.file("a.db"));
    plain.exec("UPDATE bad_config SET value = x'00' WHERE key = 'head'");
  }
  database db = connect(folder.file("a.db"));
  CHECK(to_text(db.query("SELECT stream, events, lag_seconds, memory_bytes, inserts_per_second, "
                         "queries, memory_budget FROM "
                         "topk_stats WHERE stream = 'bad'")) ==
        to_text(db.query("SELECT 'bad', NULL, NULL, NULL, NULL, NULL, NULL")));
  CHECK(number(db, "SELECT count(*) FROM topk_stats") == 2);
  CHECK(stat(db, "good", "events") == 1);
  fails(db, "SELECT * FROM topk_stats('bad')", SQLITE_CORRUPT, {"bad_config", "head"});
  fails(db, "SELECT * FROM topk_stats('none')", SQLITE_ERROR, {"no such stream", "none"});
}

TEST_CASE("memory_budget is the memory option, hidden from *", "[monitor][stats]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE a USING topk_stream(); CREATE VIRTUAL TABLE b USING "
      "topk_stream(memory='3 MiB'); "
      "CREATE VIRTUAL TABLE c USING topk_stream(k=5000)");
  CHECK(pairs(db, "SELECT stream, memory_budget FROM topk_stats ORDER BY 1") ==
        "a=16777216 b=3145728 c=81920000");
  CHECK(db.query("SELECT * FROM topk_stats('a')").at(0).size() == 29);
}

}  // namespace
