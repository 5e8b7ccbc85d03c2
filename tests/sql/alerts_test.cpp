// sql/recipes/alerts.sql: each alert fires when its threshold is crossed and is silent otherwise.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "recipe.hpp"
#include "sql/story.hpp"

using namespace topk::test;

namespace {

// "stream:alert stream:alert"
std::string alerts(database& db) {
  return text(db,
              "SELECT coalesce(group_concat(stream || ':' || alert, ', '), '') FROM (SELECT * FROM "
              "topk_alerts ORDER BY stream, alert)");
}

void set_threshold(database& db, std::string const& alert, double threshold) {
  REQUIRE(number(db, "SELECT count(*) FROM topk_thresholds WHERE alert = '" + alert + "'") == 1);
  db.query("UPDATE topk_thresholds SET threshold = ?1 WHERE alert = '" + alert + "'",
           {value::real(threshold)});
}

database begin_alerts(std::string const& options = "") {
  database db = begin_story();
  paste_recipe(db, "alerts.sql");
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(" + options + ")");
  return db;
}

// So many events a second for a minute, up to the present.
void run_minute(database& db, std::int64_t events, std::string const& item = "value % 5") {
  std::int64_t const from = number(db, "SELECT unixepoch()");
  for (int i = 1; i <= 60; ++i) {
    set_clock(from + i);
    db.exec("INSERT INTO s(item) SELECT " + item + " FROM " + series(1, events));
  }
}

TEST_CASE("the default thresholds are those promised", "[monitor][alerts]") {
  database db = begin_alerts();
  CHECK(pairs(db, "SELECT alert, threshold FROM topk_thresholds ORDER BY alert") ==
        pairs(db,
              "VALUES ('clock jump', 0.0), ('dropped events', 1.0), ('few events', 1000.0), "
              "('lag', 60.0), ('memory', "
              "100.0), "
              "('slow queries', 100.0), ('unproven', 0.9), ('unreadable', 0.0)"));
}

TEST_CASE("a new stream and a healthy one raise no alert", "[monitor][alerts]") {
  database db = begin_alerts();
  CHECK(alerts(db) == "");
  run_minute(db, 1100);
  db.exec("SELECT * FROM topk('1min', 10, 's')");
  CHECK(alerts(db) == "");
}

TEST_CASE("few events: below 1,000 a second, and not at 1,000", "[monitor][alerts]") {
  database db = begin_alerts();
  run_minute(db, 1000);
  CHECK(alerts(db) == "");
  run_minute(db, 999);
  CHECK(alerts(db) == "s:few events");
  CHECK(db.scalar("SELECT value FROM topk_alerts").as_real() == Approx(999));
  set_threshold(db, "few events", 999);
  CHECK(alerts(db) == "");
  set_threshold(db, "few events", 999.5);
  CHECK(alerts(db) == "s:few events");
}

TEST_CASE("lag: above 60 s, and not at 60 s", "[monitor][alerts]") {
  database db = begin_alerts();
  set_threshold(db, "few events", 0);
  CHECK(alerts(db) == "");  // no events, no lag
  db.exec("INSERT INTO s(item) VALUES ('x')");
  set_clock(start + 60);
  CHECK(alerts(db) == "");
  set_clock(start + 61);
  CHECK(alerts(db) == "s:lag");
  CHECK(number(db, "SELECT value FROM topk_alerts") == 61);
  set_threshold(db, "lag", 61);
  CHECK(alerts(db) == "");
}

TEST_CASE("dropped events: above 1 % late or refused, and not at 1 %", "[monitor][alerts]") {
  bool const is_late = GENERATE(true, false);
  std::string const bad = is_late ? "INSERT INTO s(item, ts) VALUES ('old', 1)"
                                  : "INSERT OR IGNORE INTO s(item) VALUES (NULL)";
  database db = begin_alerts();
  set_threshold(db, "few events", 0);
  db.exec("INSERT INTO s(item) SELECT value % 3 FROM " + series(1, 198));
  db.exec(bad + ";" + bad);
  CHECK(alerts(db) == "");
  db.exec(bad);
  CHECK(alerts(db) == "s:dropped events");
  CHECK(db.scalar("SELECT value FROM topk_alerts").as_real() == Approx(100.0 * 3 / 201));
  set_threshold(db, "dropped events", 1.5);
  CHECK(alerts(db) == "");
}

TEST_CASE("memory: above a share of what the stream's own option allows", "[monitor][alerts]") {
  database db = begin_alerts("memory='1MiB', log=off");
  db.exec("CREATE VIRTUAL TABLE wide USING topk_stream(memory='64MiB', log=off)");
  set_threshold(db, "few events", 0);
  set_threshold(db, "unproven", 0);
  CHECK(alerts(db) == "");
  for (char const* stream : {"s", "wide"}) {
    db.exec("INSERT INTO " + std::string(stream) +
            "(item, ts) SELECT 'an item of some length ' || (value * 7919 % 20011), unixepoch() - "
            "value FROM " +
            series(0, 60'000));
    db.exec("SELECT * FROM topk('10min', 10, '" + std::string(stream) + "')");
  }
  CHECK(alerts(db) == "");
  CHECK(stat(db, "s", "memory_bytes") > 100'000);
  CHECK(stat(db, "wide", "memory_bytes") > 100'000);
  set_threshold(db, "memory", 7);
  CHECK(alerts(db) == "s:memory");
  double const share = db.scalar("SELECT value FROM topk_alerts").as_real();
  CHECK(
      share ==
      Approx(100.0 * static_cast<double>(stat(db, "s", "memory_bytes")) / (5 << 18)).epsilon(0.02));
  set_threshold(db, "memory", share + 5);
  CHECK(alerts(db) == "");
}

TEST_CASE("unproven: below 0.9 of the top K", "[monitor][alerts]") {
  database db = begin_alerts("memory='16KiB', k=4, log=off");
  set_threshold(db, "few events", 0);
  set_threshold(db, "memory", 1000);
  db.exec("INSERT INTO s(item) SELECT value % 4 FROM " + series(1, 40));
  CHECK(alerts(db) == "");
  db.exec("INSERT INTO s(item, ts) SELECT value, unixepoch() - value % 3000 FROM " +
          series(10, 200'000));
  double const proven = db.scalar("SELECT proven_share FROM topk_stats('s')").as_real();
  REQUIRE(proven < 0.9);
  CHECK(alerts(db) == "s:unproven");
  set_threshold(db, "unproven", proven);
  CHECK(alerts(db) == "");
}

TEST_CASE("slow queries: p95 above the threshold, and not at it", "[monitor][alerts]") {
  database db = begin_alerts();
  set_threshold(db, "few events", 0);
  db.exec("INSERT INTO s(item) SELECT value FROM " + series(1, 1000));
  set_threshold(db, "slow queries", 0);
  CHECK(alerts(db) == "");  // no query, no latency
  for (int i = 0; i < 30; ++i) db.exec("SELECT * FROM topk('1min', 10, 's', 'exact')");
  CHECK(alerts(db) == "s:slow queries");
  double const p95 = static_cast<double>(stat(db, "s", "query_p95_us")) / 1000;
  CHECK(db.scalar("SELECT value FROM topk_alerts").as_real() == p95);
  set_threshold(db, "slow queries", p95);
  CHECK(alerts(db) == "");
  set_threshold(db, "slow queries", p95 * 0.999);
  CHECK(alerts(db) == "s:slow queries");
}

// "item item": what rises faster than the thresholds.
std::string risers(database& db) {
  return text(
      db,
      "SELECT coalesce(group_concat(item, ' '), '') FROM (SELECT item FROM topk_rising_alerts "
      "ORDER BY stream, score DESC)");
}

// What cannot be watched: "stream window baseline=problem".
std::string skipped(database& db) {
  return pairs(db,
               "SELECT stream || ' ' || window || ' ' || coalesce(baseline, '-'), problem FROM "
               "topk_rising_skipped ORDER BY 1");
}

// 64 of item 'new' against none is a score of 8; 'much' has 36 against 4; 'old' has as many as
// before. The first event is 20 minutes old.
void fill_risers(database& db) {
  db.exec(
      "INSERT INTO s(item, ts, weight) VALUES ('first', unixepoch() - 1200, 1), "
      "('new', unixepoch() - 90, 64), "
      "('much', unixepoch() - 90, 36), ('much', unixepoch() - 390, 4), "
      "('old', unixepoch() - 90, 100), ('old', unixepoch() - 390, 196)");
}

TEST_CASE("rising: above N and certainly so, and not at N", "[monitor][alerts]") {
  database db = begin_alerts("windows='5min', retain='20min'");
  fill_risers(db);
  CHECK(risers(db) == "");  // nothing is watched
  db.exec("INSERT INTO topk_rising_watch(stream, window) VALUES ('s', '5min')");
  CHECK(pairs(db, "SELECT score, k FROM topk_rising_watch") == pairs(db, "VALUES (5.0, 100)"));
  CHECK(risers(db) == "new much");
  CHECK(db.scalar("SELECT score FROM topk_rising_alerts WHERE item = 'new'").as_real() ==
        Approx(8));
  CHECK(pairs(db, "SELECT window, threshold FROM topk_rising_alerts WHERE item = 'new'") ==
        pairs(db, "VALUES ('5min', 5.0)"));
  db.exec("UPDATE topk_rising_watch SET score = 7.9");
  CHECK(risers(db) == "new");
  db.exec("UPDATE topk_rising_watch SET score = 8");
  CHECK(risers(db) == "");
  db.exec("UPDATE topk_rising_watch SET score = 5, k = 1");
  CHECK(risers(db) == "new");
  CHECK(risers(db) == "new");  // asking does not acknowledge
  set_clock(start + 211);
  CHECK(risers(db) == "");  // the window has moved on
}

TEST_CASE("rising: what the bounds leave open raises no alert", "[monitor][alerts]") {
  database db = begin_alerts("windows='5min', retain='20min', memory='16KiB', k=4, seed=1");
  db.exec("INSERT INTO topk_rising_watch(stream, window, score) VALUES ('s', '5min', 1)");
  db.exec("INSERT INTO s(item, ts) VALUES ('first', unixepoch() - 600)");
  db.exec("INSERT INTO s(item, ts) SELECT value * 7919 % 60013, unixepoch() - value % 600 FROM " +
          series(1, 60'000));
  db.exec(
      "INSERT INTO s(item, ts, weight) VALUES ('big', unixepoch() - 90, 3000), ('middle', "
      "unixepoch() - 90, 1000), ('was', unixepoch() - 390, 4000)");
  std::string const above =
      "SELECT count(*) FROM topk_trending('5min', 100, 's', 'fast') WHERE score > 1";
  std::int64_t const certain = number(db, above + " AND score_lower > 1 AND proven");
  REQUIRE(certain > 0);
  REQUIRE(number(db, above) > certain);
  CHECK(number(db, "SELECT count(*) FROM topk_rising_alerts") == certain);
  CHECK(number(db,
               "SELECT count(*) FROM topk_rising_alerts AS a WHERE NOT EXISTS (SELECT 1 FROM "
               "topk_trending('5min', 100000, 's', 'exact') AS t WHERE t.item = a.item AND t.score "
               "> 1)") == 0);
}

TEST_CASE("rising: a baseline of its own, and two for one window", "[monitor][alerts]") {
  database db = begin_alerts("windows='5min', retain='20min'");
  fill_risers(db);
  db.exec("INSERT INTO topk_rising_watch(stream, window, baseline) VALUES ('s', '5min', '15min')");
  CHECK(risers(db) == "new much");
  db.exec("INSERT INTO topk_rising_watch(stream, window, score) VALUES ('s', '5min', 7)");
  CHECK(risers(db) == "new new much");
  for (char const* baseline : {"NULL", "'5min'", "'15min'"}) {
    fails(db,
          std::string("INSERT INTO topk_rising_watch(stream, window, baseline) VALUES ('s', "
                      "'5min', ") +
              baseline + ")",
          SQLITE_CONSTRAINT, {"UNIQUE"});
  }
}

TEST_CASE("rising: a row that cannot be watched is left out, and listed", "[monitor][alerts]") {
  database db = begin_alerts("windows='5min', retain='20min'");
  fill_risers(db);
  db.exec("CREATE VIRTUAL TABLE gone USING topk_stream()");
  db.exec(
      "INSERT INTO topk_rising_watch(stream, window) VALUES ('s', '5min'), ('gone', '5min'), "
      "('s', 'soon'), ('s', 0), ('s', x'00'), ('s', '0min'), ('s', '5minutess'), ('s', '1.h'), "
      "('s', '1..5min'), ('s', '-3min'), ('s', 'PT5min'), ('s', 'all'), ('s', '11min')");
  db.exec(
      "INSERT INTO topk_rising_watch(stream, window, baseline) VALUES ('s', '5min', '1hour'), "
      "('s', '5min', 'soon')");
  db.exec(
      "INSERT INTO topk_rising_watch(stream, window, baseline, k, score) VALUES ('s', 301, 5, 0, "
      "5), ('s', 302, 5, 100001, 5), ('s', 303, 5, 'many', 5), ('s', 304, 5, 9, 'high')");
  db.exec("DROP TABLE gone");
  CHECK(risers(db) == "new much");
  CHECK(number(db, "SELECT count(*) FROM topk_rising_skipped") == 18);
  CHECK(
      pairs(db, "SELECT problem, count(*) FROM topk_rising_skipped GROUP BY problem ORDER BY 1") ==
      "baseline: expected a length such as '5min'=1 "
      "k: expected a whole number from 1 to 100000=3 "
      "no such stream=1 "
      "score: expected a number=1 "
      "window and baseline: together at most 1200 s, which are retained=2 "
      "window: expected a length such as '5min'=10");
  CHECK(number(db, "SELECT count(*) >= 0 FROM topk_alerts") == 1);  // the other alerts go on
  db.exec("DELETE FROM topk_rising_watch");
  CHECK(risers(db) == "");
}

TEST_CASE("rising: every spelling of a length that topk takes can be watched",
          "[monitor][alerts]") {
  database db = begin_alerts("windows='5min', retain='30 days'");
  db.exec("INSERT INTO s(item, ts) VALUES ('first', unixepoch() - 2400000)");
  fill_risers(db);
  for (char const* window :
       {"'5min'",     "300",        "300.5",      "'300'",        "' 5 MIN '",    "'PT5M'",
        "'pt0.1h'",   "'300s'",     "'300 sec'",  "'300seconds'", "'301 second'", "'5m'",
        "'5 minute'", "'5minutes'", "'0.1h'",     "'.1h'",        "'0.1 hr'",     "'1hour'",
        "'2 hours'",  "'1d'",       "'P1D'",      "'P1W'",        "'2days'",      "'1 day'",
        "'1w'",       "'1 week'",   "'1.5weeks'", "'300000ms'"}) {
    INFO(window);
    db.exec(std::string("DELETE FROM topk_rising_watch; INSERT INTO topk_rising_watch(stream, "
                        "window) VALUES ('s', ") +
            window + ")");
    bool const is_length =
        db.attempt(std::string("SELECT * FROM topk(") + window + ", 1, 's')").ok();
    CHECK(skipped(db).empty() == is_length);
    CHECK((number(db,
                  "SELECT seconds NOTNULL FROM topk_rising_lengths WHERE length = (SELECT "
                  "window FROM topk_rising_watch)") == 1) == is_length);
  }
}

// 600 steady events of six items, in a stream that was 200 s old: all six alerted, as 100 against
// 0.
TEST_CASE("rising: a stream that is younger than its baseline raises no alert",
          "[monitor][alerts]") {
  database db = begin_alerts("windows='5min', retain='20min'");
  db.exec("INSERT INTO topk_rising_watch(stream, window, score) VALUES ('s', '5min', 8)");
  CHECK(skipped(db) == "s 5min -=the baseline begins before the first event of the stream");
  auto const pass = [&](std::int64_t seconds) {
    std::int64_t const from = number(db, "SELECT unixepoch()");
    set_clock(from + seconds);
    db.exec("INSERT INTO s(item, ts) SELECT value % 6, " + std::to_string(from) +
            " + value / 3 FROM " + series(0, 3 * seconds));
  };
  pass(200);
  CHECK(number(db, "SELECT count(*) FROM topk_trending('5min', 10, 's') WHERE score > 8") == 6);
  CHECK(risers(db) == "");
  pass(399);
  CHECK(risers(db) == "");
  CHECK(skipped(db) == "s 5min -=the baseline begins before the first event of the stream");
  pass(1);
  CHECK(skipped(db) == "");
  CHECK(risers(db) == "");  // steady
  db.exec("INSERT INTO s(item, weight) VALUES ('new', 500)");
  CHECK(risers(db) == "new");
}

TEST_CASE("reading alerts.sql again changes nothing that was set", "[monitor][alerts]") {
  database db = begin_alerts();
  set_threshold(db, "lag", 7);
  db.exec("INSERT INTO topk_rising_watch(stream, window, score) VALUES ('s', '5min', 9)");
  std::string const kept =
      "SELECT (SELECT group_concat(threshold) FROM topk_thresholds), (SELECT group_concat(stream "
      "|| "
      "window || score) FROM topk_rising_watch)";
  auto const before = pairs(db, kept);
  paste_recipe(db, "alerts.sql");
  CHECK(pairs(db, kept) == before);
}

TEST_CASE("alerts name the stream, also in other schemas and when it cannot be read",
          "[monitor][alerts]") {
  scratch_directory folder;
  {
    database db = begin_story(folder.file("a.db"));
    paste_recipe(db, "alerts.sql");
    db.exec(
        "CREATE VIRTUAL TABLE \"o'dd.one\" USING topk_stream(); CREATE VIRTUAL TABLE bad USING "
        "topk_stream(); "
        "INSERT INTO \"o'dd.one\"(item) VALUES (1)");
  }
  {
    database plain(folder.file("a.db"));
    plain.exec("DELETE FROM bad_config WHERE key = 'head'");
  }
  database db = connect(folder.file("a.db"));
  db.exec(
      "ATTACH ':memory:' AS aux; CREATE VIRTUAL TABLE aux.s USING topk_stream(); INSERT INTO "
      "aux.s(item) VALUES (1); "
      "CREATE VIRTUAL TABLE temp.t USING topk_stream(); INSERT INTO temp.t(item, ts) VALUES (1, "
      "unixepoch() - 50)");
  set_threshold(db, "few events", 0);
  CHECK(alerts(db) == "bad:unreadable");
  set_clock(start + 11);
  CHECK(alerts(db) == "bad:unreadable, temp.t:lag");
  set_clock(start + 100);
  CHECK(alerts(db) == "\"o'dd.one\":lag, aux.s:lag, bad:unreadable, temp.t:lag");
}

TEST_CASE("clock jump: while a watermark waits, and not when it was agreed to",
          "[monitor][alerts]") {
  database db = begin_alerts();
  set_threshold(db, "few events", 0);
  db.exec("INSERT INTO s(item) VALUES (1)");
  set_clock(start + 1'000'000);
  db.exec("INSERT INTO s(item) VALUES (1)");
  CHECK(alerts(db) == "s:clock jump");
  set_clock(start + 1'000'060);
  db.exec("INSERT INTO s(item) VALUES (1)");
  CHECK(alerts(db) == "");
  set_clock(start + 2'000'000);
  db.exec("INSERT INTO s(item) VALUES (1)");
  CHECK(alerts(db) == "s:clock jump");
  db.exec("INSERT INTO s(s) VALUES ('prune')");
  CHECK(alerts(db) == "");
}

TEST_CASE("the view works with trusted_schema=OFF, read-only, and inside a transaction",
          "[monitor][alerts]") {
  scratch_directory folder;
  {
    database db = begin_story(folder.file("a.db"));
    paste_recipe(db, "alerts.sql");
    paste_recipe(db, "prometheus.sql");
    paste_recipe(db, "accuracy.sql");
    db.exec(
        "CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item, ts) VALUES ('x', "
        "unixepoch() - 90); "
        "INSERT INTO topk_accuracy_sample(stream) VALUES ('s'); "
        "INSERT INTO topk_rising_watch(stream, window) VALUES ('s', '5min')");
  }
  database db = connect(folder.file("a.db"), SQLITE_OPEN_READONLY);
  db.exec("PRAGMA trusted_schema=OFF");
  CHECK(alerts(db) == "s:lag");
  CHECK(number(db, "SELECT count(*) > 20 FROM topk_prometheus") == 1);
  CHECK(number(db, "SELECT compared FROM topk_accuracy") == 1);
  CHECK(number(db, "SELECT items FROM topk_coverage") == 1);
  CHECK(risers(db) == "");
  database writer = connect(folder.file("a.db"));
  writer.exec("PRAGMA trusted_schema=OFF; BEGIN; INSERT INTO s(item) VALUES ('y')");
  CHECK(alerts(writer) == "s:few events");  // one in this second, and none that is old
  writer.exec("ROLLBACK");
  CHECK(alerts(writer) == "s:lag");
}

TEST_CASE("a threshold that is deleted raises no alert", "[monitor][alerts]") {
  database db = begin_alerts();
  db.exec("INSERT INTO s(item, ts) VALUES ('x', unixepoch() - 100)");
  CHECK(alerts(db) == "s:few events, s:lag");
  db.exec("DELETE FROM topk_thresholds WHERE alert = 'lag'");
  CHECK(alerts(db) == "s:few events");
}

}  // namespace
