// The limit that `memory` sets, against what the extension takes from its allocator, at every step:
// whatever the items, however long and however spread over time, and whatever is asked.
#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "kit/database.hpp"
#include "kit/failing_memory.hpp"
#include "kit/linked_extension.hpp"
#include "kit/random.hpp"
#include "kit/settings.hpp"
#include "kit/value.hpp"

using namespace topk::test;

namespace {

constexpr long beyond_option = 256 * 1024;

std::string number(std::uint64_t value) { return std::to_string(value); }

// A stream with options drawn at random, and the items and times of the events that it is given.
struct drawn_stream {
  explicit drawn_stream(random_source& random) {
    // From 16 KiB to 64 MiB, small ones as often as large ones.
    memory =
        static_cast<long>(16'384 << random.below(13)) + static_cast<long>(random.below(16'384));
    item_bytes = static_cast<long>(16 << random.below(7));
    if (16 * item_bytes > memory) item_bytes = memory / 16;
    log = random.percent(30);
    partitions = random.percent(40) ? 1 + random.skewed(5000) : 0;
    span = std::vector<std::uint64_t>{1, 60, 3600, 86'000, 200'000}[random.below(5)];
    distinct = 1 + random.below(random.percent(50) ? 200 : 60'000);
    drifts = random.percent(30);
    retracts = random.percent(30);
    char const* const sixteen_windows =
        "'10s,20s,1min,2min,5min,10min,15min,30min,45min,1hour,2hour,3hour,6hour,8hour,12hour,"
        "1day'";
    char const* const windows[] = {"'1min,5min,1hour,1day'", "'1day'", "'1hour'", sixteen_windows};
    options = "retain='3 days', windows=" + std::string(windows[random.below(4)]) +
              ", seed=1, memory=" + number(static_cast<std::uint64_t>(memory)) +
              ", max_item_bytes=" + number(static_cast<std::uint64_t>(item_bytes)) +
              (log ? "" : ", log=off");
  }
  // `count` events, by SQL over a table n of numbers from 1.
  [[nodiscard]] std::string insert(random_source& random, std::uint64_t count) const {
    std::string const id = "abs((value * 7919 + " + number(random.below(1'000'000)) +
                           ") * value / 97) % " + number(distinct) +
                           (drifts ? " + value / 100" : "");
    std::string const width = number(1 + random.below(static_cast<std::uint64_t>(item_bytes)));
    std::string const item = "substr(printf('%0' || (1 + (" + id + ") % " + width + ") || 'd', " +
                             id + "), 1, " + number(static_cast<std::uint64_t>(item_bytes)) + ")";
    return "INSERT INTO s(item, ts, weight, partition) SELECT " + item + ", 1700000000 + value * " +
           number(span) + " / " + number(count) + ", " +
           (retracts ? "iif(value % 5 = 0, -1, 1 + value % 3)" : "NULL") + ", " +
           (partitions > 0 ? "'partition ' || (value * 31 % " + number(partitions) + ")" : "NULL") +
           " FROM n WHERE value <= " + number(count);
  }
  // A question, and what its rows may take.
  [[nodiscard]] std::string question(random_source& random, long& rows_bytes) const {
    std::uint64_t const rows[] = {1, 10, 10, 100, 1000, 100'000};
    std::uint64_t const k = rows[random.below(6)];
    rows_bytes = 2 * static_cast<long>(k) * std::max(item_bytes, 128L);
    std::string const window = number(1 + random.below(random.percent(50) ? 86'400 : 3600));
    std::string const mode = log && random.percent(30) ? "'hybrid'" : "'fast'";
    std::string const at =
        random.percent(70) ? "'latest'" : "1700000000 + " + number(random.below(span + 1));
    std::string const partition = partitions > 0 && random.percent(50)
                                      ? "'partition " + number(random.below(partitions)) + "'"
                                      : "NULL";
    if (random.percent(10)) {
      return "topk_count(" + window + ", '1', 's', " + mode + ", " + at + ", " + partition + ")";
    }
    if (random.percent(10)) {
      rows_bytes *= 2;  // its bytes, and their entries
      return "topk_each((SELECT topk_state(" + window + ", 's', " + at + ", " + partition + ", " +
             number(k) + ")), 1048576)";
    }
    std::string const rest = number(k) + ", 's', " + mode + ", " + at + ", " + partition;
    if (random.percent(30))
      return "topk_trending(" + window + ", " + rest + trend_terms(random) + ")";
    return "topk(" + window + ", " + rest + ")";
  }
  // A baseline within what is retained, and in which direction.
  [[nodiscard]] static std::string trend_terms(random_source& random) {
    std::string const baseline = number(1 + random.below(random.percent(50) ? 3600 : 172'800));
    return ", " + (random.percent(30) ? "NULL" : baseline) +
           (random.percent(50) ? ", 'fall'" : ", 'rise'") +
           (random.percent(50) ? ", 'time'" : ", 'share'");
  }

  long memory = 0;
  long item_bytes = 0;
  bool log = false;
  std::size_t partitions = 0;
  std::uint64_t span = 0;
  std::uint64_t distinct = 0;
  bool drifts = false;
  bool retracts = false;
  std::string options;
};

// Or why there are none: a window may be refused, as a state.
std::string rows_of(database& db, std::string const& question) {
  outcome const got = db.attempt("SELECT * FROM " + question);
  return got.ok() ? to_text(got.rows) : got.message;
}

TEST_CASE("memory is a limit, whatever is inserted and asked, and no question changes another",
          "[memory][random]") {
  install_failing_memory();
  auto const seeds = setting("TOPK_MEMORY_SEEDS", 6);
  auto const first = setting("TOPK_MEMORY_FIRST", 1);
  for (auto seed = first; seed < first + seeds; ++seed) {
    random_source random(static_cast<std::uint64_t>(seed));
    drawn_stream const drawn(random);
    INFO("TOPK_MEMORY_FIRST=" << seed << ": " << drawn.options << ", " << drawn.distinct
                              << " items over " << drawn.span << " s, " << drawn.partitions
                              << " partitions");
    scratch_directory folder;
    database db = open_linked(folder.file("a.db"));
    db.exec(
        "CREATE TABLE n AS WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n "
        "WHERE value < 60000) SELECT value FROM n");
    long const before = our_live_bytes();
    db.exec("CREATE VIRTUAL TABLE s USING topk_stream(" + drawn.options + ")");
    auto const measured = [&](std::string const& sql, long rows_bytes) {
      restart_our_peak();
      outcome const got = db.attempt(sql);
      bool const is_refused = got.message.find("topk_state: the window") == 0;
      long const peak = our_peak_bytes() - before;
      INFO(sql << ": " << got.message);
      REQUIRE((got.ok() || is_refused));
      REQUIRE(peak <= drawn.memory + beyond_option + rows_bytes);
    };
    std::vector<std::string> questions;
    for (int round = 0; round < 3; ++round) {
      measured(drawn.insert(random, 1 + random.below(random.percent(30) ? 60'000 : 6'000)), 0);
      for (int turn = 0; turn < 40; ++turn) measured(drawn.insert(random, 1), 0);
      for (int i = 0; i < 16; ++i) {
        long rows_bytes = 0;
        questions.push_back(drawn.question(random, rows_bytes));
        measured("SELECT count(*), max(lower) FROM " + questions.back(), rows_bytes);
      }
      measured("SELECT * FROM topk_stats('s')", 0);
      long const told = db.scalar("SELECT memory_bytes FROM topk_stats('s')").as_integer();
      CHECK(told <= drawn.memory + beyond_option);
      CHECK(told >= (our_live_bytes() - before) * 6 / 7 - 40'960);
    }
    // On a connection that has been asked nothing else, and on one where nothing is kept.
    for (std::size_t i = questions.size() - 8; i < questions.size(); ++i) {
      database other = open_linked(folder.file("a.db"));
      INFO(questions[i]);
      REQUIRE(rows_of(db, questions[i]) == rows_of(other, questions[i]));
    }
    measured("INSERT INTO s(s) VALUES ('integrity-check')", 0);
    if (drawn.log) measured("INSERT INTO s(s) VALUES ('rebuild')", 0);
  }
}

// All of it in the time of one pane of the top level, which they compare at once.
TEST_CASE("integrity-check and rebuild stay within memory, whatever there is of items, partitions",
          "[memory][commands]") {
  install_failing_memory();
  scratch_directory folder;
  database db = open_linked(folder.file("a.db"));
  db.exec(
      "CREATE TABLE n AS WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n "
      "WHERE value < 12000) SELECT value FROM n");
  char const* const spread = GENERATE("value", "value % 7");  // partitions
  char const* const items = GENERATE("value * 3", "'x'");
  std::string const select = "SELECT " + std::string(items) + " AS item, 1700000000 + value / 20 " +
                             "AS ts, " + spread + " AS part FROM n";
  std::string const source = GENERATE("", ", content='t', item='item', ts='ts', partition='part'");
  db.exec("CREATE TABLE t AS " + select);
  CAPTURE(spread, items, source);

  long const before = our_live_bytes();
  auto const measured = [&](std::string const& sql) {
    INFO(sql);
    restart_our_peak();
    db.exec(sql);
    REQUIRE(our_peak_bytes() - before <= 32 * 1024 + beyond_option);
  };
  measured(
      "CREATE VIRTUAL TABLE s USING topk_stream(memory='32KiB', retain='30 days', windows="
      "'1hour,1day', max_partitions=100000" +
      source + ")");
  if (source.empty()) {
    measured("INSERT INTO s(item, ts, partition) SELECT item, ts, part FROM t");
  }
  measured("SELECT * FROM topk('1day', 10, 's', 'fast', 'latest')");
  measured("INSERT INTO s(s) VALUES ('integrity-check')");
  measured("INSERT INTO s(s) VALUES ('rebuild')");
  measured("INSERT INTO s(s) VALUES ('integrity-check')");
  std::string const x = items == std::string("'x'") ? "12000" : "0";
  CHECK(db.scalar("SELECT " + x +
                  " BETWEEN lower AND upper FROM topk_count('1day', 'x', 's', 'fast', 'latest')")
            .as_integer() == 1);

  // It still finds what differs.
  db.exec(source.empty()
              ? "DELETE FROM s_block WHERE last = (SELECT last FROM s_block LIMIT 1 OFFSET 5)"
              : "DELETE FROM t WHERE ts = 1700000200");
  CHECK_THROWS_WITH(db.exec("INSERT INTO s(s) VALUES ('integrity-check')"),
                    Catch::Contains("its total is 20..20") || Catch::Contains("its events sum to"));
}

struct workload {
  char const* name;
  char const* item;  // of `value`, 1 .. events
  char const* ts;    // seconds before `now`, of value and events
  int events;
  int item_bytes;
};

constexpr workload workloads[] = {
    {"all distinct, over a day", "'item number '||value||' with a tail'",
     "86000 - value * 86000 / 200000", 200'000, 40},
    {"long items, few a minute", "printf('%0900d', value % 60 + 100 * (value / 60))",
     "86000 - value * 86000 / 60000", 60'000, 900},
    {"skewed", "(value % 5003) * (value % 5003) / 1000", "86000 - value * 86000 / 200000", 200'000,
     8},
    {"at one instant", "value * 7919 % 150001", "100", 150'000, 8},
    {"at random times", "'x' || (value * 7919 % 20011)", "value * 7919 % 86011", 150'000, 8},
};

TEST_CASE("probe: peaks by phase", "[memory][probe][.]") {
  install_failing_memory();
  std::string const memory = GENERATE("16KiB", "256KiB", "1MiB", "4MiB", "16MiB");
  auto const load = GENERATE(from_range(std::begin(workloads), std::end(workloads)));
  scratch_directory folder;
  database db = open_linked(folder.file("a.db"));
  db.exec(
      "CREATE TABLE n AS WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM "
      "n WHERE value < " +
      std::to_string(load.events) + ") SELECT value FROM n");
  long const before = our_live_bytes();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(log=off, memory='" + memory + "')");
  restart_our_peak();
  db.exec("INSERT INTO s(item, ts) SELECT " + std::string(load.item) + ", unixepoch() - (" +
          load.ts + ") FROM n");
  long const inserted = our_peak_bytes() - before;
  std::string text = memory + "  " + load.name + ": insert " + std::to_string(inserted / 1024);
  for (std::string const ask : {"topk('1day', 10, 's')", "topk('1hour', 10, 's')",
                                "topk('12hour', 1, 's'), topk('6hour', "
                                "1, 's') b, topk('20hour', 1, 's') c",
                                "topk('1day', 1000, 's')", "topk('20hour', 100000, 's')"}) {
    restart_our_peak();
    db.exec("SELECT count(*) FROM " + ask);
    text += ", " + std::to_string((our_peak_bytes() - before) / 1024);
  }
  restart_our_peak();
  text += ", stats " +
          std::to_string(db.scalar("SELECT memory_bytes FROM topk_stats('s')").as_integer() / 1024);
  text += " peak " + std::to_string((our_peak_bytes() - before) / 1024);
  text += " held " + std::to_string((our_live_bytes() - before) / 1024);
  WARN(text);
}

}  // namespace
