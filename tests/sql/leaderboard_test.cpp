// sql/recipes/leaderboard.sql, run at odd times: each window that has closed is kept once, as the
// log has it, whatever came late and however long nobody ran it.
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
    "l.item, count(*) AS n FROM s_log AS l, topk_leaderboard_windows AS w GROUP BY 1, 2, 3, 4), "
    "ranked AS (SELECT *, row_number() OVER (PARTITION BY length, until ORDER BY n DESC, item) AS "
    "rank FROM counts) SELECT 's', length, until, rank, item, n, n, n, 1 FROM ranked WHERE rank <= "
    "k AND until <= unixepoch() AND until - length >= (SELECT min(since) FROM "
    "topk_leaderboard_windows)";

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

TEST_CASE("a leaderboard has each window that has closed once, as the log has it",
          "[recipe][leaderboard]") {
  random_source random(static_cast<std::uint64_t>(GENERATE(range(1, 5))));
  database db = begin_story();
  paste_recipe(db, "leaderboard.sql");
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(windows='1hour,1day', retain='20 days')");
  std::int64_t const since = number(db, "SELECT unixepoch()");
  std::int64_t now = since;
  db.exec(
      "INSERT INTO topk_leaderboard_windows VALUES ('s', 60, 3, unixepoch()), ('s', 300, 5, "
      "unixepoch()), ('s', 3600, 5, unixepoch())");
  for (int round = 0; round < 25; ++round) {
    std::int64_t const pause = some_pause(random);
    now += pause;
    set_clock(now);
    insert_events(db, random, now, since, pause);
    db.exec(add_closed);
    std::int64_t const kept = number(db, "SELECT count(*) FROM topk_leaderboard");
    db.exec(add_closed);
    CHECK(number(db, "SELECT count(*) FROM topk_leaderboard") == kept);
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

}  // namespace
