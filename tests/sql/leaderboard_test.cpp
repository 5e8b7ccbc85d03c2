// sql/recipes/leaderboard.sql, run at odd times: each window that has closed is kept once, as the
// log has it, whatever came late, in its last second or was retracted, and however long nobody ran
// it. A window that cannot be answered stops no other.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "kit/random.hpp"
#include "recipe.hpp"
#include "sql/story.hpp"

using namespace topk::test;

namespace {

constexpr char const* add_closed =
    "INSERT INTO topk_leaderboard SELECT * FROM topk_leaderboard_closed";
constexpr char const* rewrite_changed =
    "REPLACE INTO topk_leaderboard SELECT * FROM topk_leaderboard_changed";

// What the log says of each window that has closed, by window functions.
constexpr char const* from_log =
    "WITH counts AS (SELECT w.length, w.k, (l.ts + w.length - 1) / w.length * w.length AS until, "
    "l.item, sum(l.weight) AS n FROM s AS l, topk_leaderboard_windows AS w GROUP BY 1, 2, 3, 4), "
    "ranked AS (SELECT *, row_number() OVER (PARTITION BY length, until ORDER BY n DESC, item) AS "
    "rank FROM counts WHERE n > 0) SELECT 's', length, until, rank, item, n, n, n, 1 FROM ranked "
    "WHERE rank <= k AND until < unixepoch() AND until - length >= (SELECT min(since) FROM "
    "topk_leaderboard_windows)";

// A database with the recipe, and the streams that are to be asked.
database begin_board(std::string const& create_streams) {
  database db = begin_story();
  paste_recipe(db, "leaderboard.sql");
  db.exec(create_streams);
  return db;
}

void ask_for(database& db, std::string const& rows) {
  db.exec("INSERT INTO topk_leaderboard_windows(stream, length, k, since) VALUES " + rows);
}

// "until: item=count item=count, ..." with `until` in seconds after the start.
std::string board(database& db, std::string const& stream = "s") {
  return text(db, "SELECT coalesce(group_concat(line, ', '), '') FROM (SELECT (until - " +
                      std::to_string(start) +
                      ") || ': ' || group_concat(item || '=' || count, ' ') AS line FROM (SELECT * "
                      "FROM topk_leaderboard WHERE stream = '" +
                      stream + "' ORDER BY until, rank) GROUP BY window, until)");
}

// A pause between two runs, in seconds.
std::int64_t some_pause(random_source& random) {
  if (random.percent(10)) return random.between(3600, 5 * 3600);
  if (random.percent(30)) return 60 * random.between(1, 12);
  return random.between(1, 90);
}

void insert_events(database& db, random_source& random, std::int64_t now, std::int64_t since,
                   std::int64_t pause) {
  std::int64_t const count = random.between(0, 25);
  for (std::int64_t i = 0; i < count; ++i) {
    bool const is_late = random.percent(15);
    std::int64_t const age = random.between(0, is_late ? now - since : pause - 1);
    db.exec("INSERT INTO s(item, ts) VALUES ('item " + std::to_string(random.between(1, 8)) +
            "', " + std::to_string(now - age) + ")");
  }
}

// What was counted before, in whatever window, is taken back.
void retract_some(database& db, random_source& random) {
  db.exec(
      "INSERT INTO s(item, ts, weight) SELECT item, ts, -sum(weight) FROM s GROUP BY item, ts "
      "HAVING sum(weight) > 0 AND ts % " +
      std::to_string(random.between(2, 40)) + " = 0");
}

TEST_CASE("a leaderboard has each window that has closed once, as the log has it",
          "[recipe][leaderboard]") {
  random_source random(static_cast<std::uint64_t>(GENERATE(range(1, 5))));
  database db = begin_board(
      "CREATE VIRTUAL TABLE s USING topk_stream(windows='1hour,1day', retain='20 days')");
  std::int64_t const since = number(db, "SELECT unixepoch()");
  std::int64_t now = since;
  ask_for(db, "('s', 60, 3, unixepoch()), ('s', 300, 5, unixepoch()), ('s', 3600, 5, unixepoch())");
  for (int round = 0; round < 25; ++round) {
    std::int64_t const pause = some_pause(random);
    now += pause;
    set_clock(now);
    insert_events(db, random, now, since, pause);
    db.exec(add_closed);
    std::int64_t const kept = number(db, "SELECT count(*) FROM topk_leaderboard");
    db.exec(add_closed);
    CHECK(number(db, "SELECT count(*) FROM topk_leaderboard") == kept);
    if (random.percent(50)) insert_events(db, random, now, since, 1);  // in this same second
    if (random.percent(20)) retract_some(db, random);
    if (random.percent(20)) db.exec(rewrite_changed);
    if (random.percent(20)) db.exec("INSERT INTO s(s) VALUES ('optimize')");  // into panes
  }
  now += 3600;
  set_clock(now);
  db.exec(add_closed);
  db.exec(rewrite_changed);
  auto const count_of = [&](std::string const& rows) {
    return number(db, "SELECT count(*) FROM (" + rows + ")");
  };
  std::string const truth = std::string("SELECT * FROM (") + from_log + ")";
  CHECK(count_of(truth) > 100);
  CHECK(count_of(truth + " EXCEPT SELECT * FROM topk_leaderboard") == 0);
  CHECK(count_of("SELECT * FROM topk_leaderboard EXCEPT " + truth) == 0);
}

TEST_CASE("a window closes after its last second", "[recipe][leaderboard]") {
  database db = begin_board("CREATE VIRTUAL TABLE s USING topk_stream()");
  ask_for(db, "('s', 60, 3, unixepoch())");
  set_clock(start + 60);
  db.exec("INSERT INTO s(item, ts) VALUES ('a', unixepoch() - 5)");
  db.exec(add_closed);
  db.exec("INSERT INTO s(item) VALUES ('b'), ('b')");  // ts = until: the last second
  CHECK(board(db) == "");
  set_clock(start + 61);
  db.exec(add_closed);
  CHECK(board(db) == "60: b=2 a=1");
}

TEST_CASE("ranks that are gone go: retracted, forgotten, or beyond a smaller k",
          "[recipe][leaderboard]") {
  database db = begin_board("CREATE VIRTUAL TABLE s USING topk_stream()");
  ask_for(db, "('s', 60, 3, unixepoch())");
  db.exec(
      "INSERT INTO s(item, ts, weight) VALUES ('a', unixepoch(), 1), ('a', unixepoch() - 1, 9)");
  set_clock(start + 121);
  db.exec(
      "INSERT INTO s(item, ts, weight) VALUES ('a', unixepoch() - 90, 3), ('b', unixepoch() - 90, "
      "2), ('c', unixepoch() - 90, 1), ('b', unixepoch() - 30, 5)");
  db.exec(add_closed);
  REQUIRE(board(db) == "60: a=3 b=2 c=1, 120: b=5");
  SECTION("retracted") {
    db.exec("INSERT INTO s(item, ts, weight) VALUES ('b', unixepoch() - 90, -2)");
    db.exec(rewrite_changed);
    CHECK(board(db) == "60: a=3 c=1, 120: b=5");
  }
  SECTION("forgotten, and a window that is empty now") {
    db.exec("INSERT INTO s(s, item) VALUES ('forget', 'b')");
    db.exec(rewrite_changed);
    CHECK(board(db) == "60: a=3 c=1");
  }
  SECTION("a smaller k, and a greater one") {
    db.exec("UPDATE topk_leaderboard_windows SET k = 1");
    db.exec(rewrite_changed);
    CHECK(board(db) == "60: a=3, 120: b=5");
    db.exec("UPDATE topk_leaderboard_windows SET k = 2");
    db.exec(rewrite_changed);
    CHECK(board(db) == "60: a=3 b=2, 120: b=5");
  }
  SECTION("what is no longer retained is kept for good") {
    set_clock(start + 3 * one_day);
    db.exec("INSERT INTO s(item) VALUES ('z'); INSERT INTO s(s) VALUES ('prune')");
    db.exec("UPDATE topk_leaderboard_windows SET k = 1");
    db.exec(rewrite_changed);
    CHECK(board(db) == "60: a=3 b=2 c=1, 120: b=5");
  }
  CHECK(number(db, "SELECT count(*) FROM topk_leaderboard_changed") == 0);
  CHECK(number(db, "SELECT count(*) FROM topk_leaderboard WHERE item IS NULL") == 0);
}

// Panes grow coarse with age: of ['i 1' 29, proven] an hour later [15, between 0 and 360] was left.
TEST_CASE("without a log an answer that is less exact replaces nothing", "[recipe][leaderboard]") {
  database db = begin_board(
      "CREATE VIRTUAL TABLE s USING topk_stream(windows='1min', retain='2 hours', log=off, past=0)");
  ask_for(db, "('s', 60, 3, unixepoch())");
  for (int minute = 1; minute <= 60; ++minute) {
    set_clock(start + minute * 60 + 1);
    db.exec(
        "INSERT INTO s(item, ts) SELECT 'i ' || (1 + value % 7), unixepoch() - value % 60 - 1 "
        "FROM " +
        series(1, 200));
    db.exec(add_closed);
  }
  std::string const was = board(db);
  REQUIRE(number(db, "SELECT count(*) FROM topk_leaderboard") == 180);
  REQUIRE(number(db, "SELECT min(proven AND lower = upper) FROM topk_leaderboard") == 1);
  REQUIRE(number(db,
                 "SELECT max(t.upper - t.lower) > 20 FROM topk_leaderboard_ends AS e, "
                 "topk(60, 3, 's', 'hybrid', e.until) AS t") == 1);
  db.exec(rewrite_changed);
  CHECK(board(db) == was);
  db.exec("INSERT INTO s(item, ts) SELECT 'late', unixepoch() - 21 FROM " + series(1, 300));
  db.exec(rewrite_changed);  // young enough to be exact
  CHECK(number(db, "SELECT count(*) FROM topk_leaderboard WHERE item = 'late' AND rank = 1") == 1);
}

TEST_CASE("only windows that are retained are looked at, since whenever", "[recipe][leaderboard]") {
  database db = begin_board("CREATE VIRTUAL TABLE s USING topk_stream(retain='2 days')");
  ask_for(db, "('s', 60, 3, 0)");
  db.exec("INSERT INTO s(item, ts) SELECT value % 3, unixepoch() - value * 60 FROM " +
          series(0, 2879));
  CHECK(number(db, "SELECT count(*) FROM topk_leaderboard_ends") < 2880 + 61);
  set_clock(start + 1);
  db.exec(add_closed);
  CHECK(number(db, "SELECT count(DISTINCT until) FROM topk_leaderboard") == 2880);
}

TEST_CASE("a window that cannot be answered is left out, and listed", "[recipe][leaderboard]") {
  database db = begin_board(
      "CREATE VIRTUAL TABLE s USING topk_stream(retain='1day'); CREATE VIRTUAL TABLE gone USING "
      "topk_stream(); CREATE VIRTUAL TABLE empty USING topk_stream()");
  ask_for(db,
          "('s', 60, 3, unixepoch()), ('gone', 60, 3, unixepoch()), ('s', 300, 0, unixepoch()), "
          "('s', 86401, 3, unixepoch()), ('s', 3600, 'x', unixepoch()), ('s', 120, 3, 'soon'), "
          "('empty', 60, 3, unixepoch()), ('MAIN.S', 60, 1, unixepoch())");
  db.exec("DROP TABLE gone; PRAGMA trusted_schema=OFF");
  set_clock(start + 61);
  db.exec("INSERT INTO s(item, ts) VALUES ('a', unixepoch() - 30)");
  db.exec(add_closed);
  db.exec(rewrite_changed);
  CHECK(board(db) == "60: a=1");
  CHECK(board(db, "MAIN.S") == "60: a=1");
  CHECK(pairs(db,
              "SELECT stream || ' ' || length, problem FROM topk_leaderboard_skipped ORDER BY "
              "stream, length") ==
        "gone 60=no such stream "
        "s 120=since, shift: expected whole seconds "
        "s 300=k: expected a whole number from 1 to 100000 "
        "s 3600=k: expected a whole number from 1 to 100000 "
        "s 86401=length: expected whole seconds, at most 86400, which are retained");
}

TEST_CASE("weeks end on Thursday, or where shift puts it", "[recipe][leaderboard]") {
  database db = begin_board(
      "CREATE VIRTUAL TABLE s USING topk_stream(windows='1day', retain='60 days'); CREATE VIRTUAL "
      "TABLE m USING topk_stream(windows='1day', retain='60 days')");
  db.exec(
      "INSERT INTO topk_leaderboard_windows(stream, length, since, shift) VALUES ('s', 604800, "
      "unixepoch(), 0), ('m', 604800, unixepoch(), 4 * 86400)");
  set_clock(start + 30 * one_day);
  for (char const* stream : {"s", "m"}) {
    db.exec("INSERT INTO " + std::string(stream) +
            "(item, ts) SELECT 'a', unixepoch() - value * 3600 FROM " + series(0, 24 * 40));
  }
  db.exec(add_closed);
  CHECK(pairs(db,
              "SELECT stream, group_concat(DISTINCT strftime('%w %H:%M:%S', until, 'unixepoch')) "
              "|| ' ' || count(*) FROM topk_leaderboard GROUP BY stream ORDER BY stream") ==
        "m=1 00:00:00 3 s=4 00:00:00 3");
  CHECK(number(db, "SELECT min(count = 168) FROM topk_leaderboard") == 1);
}

}  // namespace
