// Items chosen by somebody who means harm: to collide, to evict, to grow memory, to confuse.
#include <algorithm>
#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

constexpr std::int64_t memory = 1 << 20;

// A flood of distinct items, `count` of them, under a heavy few of known weight.
void flood(database& db, std::int64_t count) {
  db.exec("INSERT INTO s(item) SELECT 'heavy' || (value % 5) FROM " + series(1, 5000));
  for (std::int64_t first = 1; first <= count; first += 50'000) {
    db.exec("INSERT INTO s(item) SELECT 'flood' || value FROM " + series(first, first + 49'999));
  }
}

}  // namespace

TEST_CASE("a flood of distinct items evicts no heavy item, and what it hides the bounds say",
          "[story][hostile]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(log=off, memory='1MiB')");
  flood(db, 300'000);
  CHECK(stat(db, "s", "evictions") > 100'000);
  auto const rows = db.query(
      "SELECT item, lower, upper, proven FROM topk('1min', 5, 's', 'fast', 'latest') ORDER BY "
      "item");
  REQUIRE(rows.size() == 5);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(rows[i][0].bytes() == "heavy" + std::to_string(i));
    CHECK(rows[i][1].as_integer() <= 1000);
    CHECK(rows[i][2].as_integer() >= 1000);
    CHECK(rows[i][3].as_integer() == 1);
  }
  // Each of the flood happened once, held or not.
  for (std::int64_t item : {1, 77'777, 300'000}) {
    auto const one = db.query("SELECT lower, upper FROM topk_count('1min', 'flood" +
                              std::to_string(item) + "', 's', 'fast', 'latest')");
    CHECK(one[0][0].as_integer() <= 1);
    CHECK(one[0][1].as_integer() >= 1);
  }
  // What came before the flood and is evicted by it is never shown as proven.
  CHECK(number(db,
               "SELECT count(*) FROM topk('1min', 100, 's', 'fast', 'latest') WHERE proven AND "
               "item NOT LIKE 'heavy%'") == 0);
}

TEST_CASE("a flood spread over time, partitions and late events leaves bounds that hold",
          "[story][hostile]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(memory='256KiB')");
  for (int round = 0; round < 10; ++round) {
    set_clock(start + round * 400);
    db.exec(
        "INSERT INTO s(item, ts, partition) SELECT CASE value % 20 WHEN 0 THEN 'heavy' ELSE value "
        "* 31 + " +
        std::to_string(round) + " END, unixepoch() - value % 3000, value % 3 FROM " +
        series(1, 8000));
  }
  auto const wrong =
      number(db,
             "SELECT count(*) FROM topk('all', 200, 's', 'fast', 'latest') AS f WHERE NOT "
             "(SELECT count(*) FROM s_log WHERE item = f.item AND ts > f.since AND ts <= f.until) "
             "BETWEEN f.lower AND f.upper");
  CHECK(wrong == 0);
  CHECK(text(db, "SELECT item FROM topk('all', 1, 's', 'fast', 'latest')") == "heavy");
  db.exec("INSERT INTO s(s) VALUES('integrity-check')");
}

TEST_CASE("a flood of distinct items does not grow memory past `memory`", "[story][hostile]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(log=off, memory='1MiB'); BEGIN");
  std::int64_t most = 0;
  for (std::int64_t first = 1; first <= 400'000; first += 20'000) {
    db.exec(
        "INSERT INTO s(item) SELECT hex(value) || 'a long item of the flood, past any short form' "
        "FROM " +
        series(first, first + 19'999));
    most = std::max(most, stat(db, "s", "memory_bytes"));
  }
  db.exec("COMMIT");
  static_cast<void>(top(db, "'1min', 10, 's', 'fast', 'latest'"));
  most = std::max(most, stat(db, "s", "memory_bytes"));
  INFO(most);
  CHECK(most <= 2 * memory);
}

TEST_CASE("each stream has a seed of its own", "[story][hostile]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE a USING topk_stream(); CREATE VIRTUAL TABLE b USING topk_stream()");
  std::string const seed = "_config WHERE key = 'seed'";
  CHECK(number(db, "SELECT value FROM a" + seed) != number(db, "SELECT value FROM b" + seed));
}

TEST_CASE("odd items come back as they went in", "[story][hostile]") {
  database db = begin_story();
  std::vector<std::string> const odd = {"''",
                                        "x''",
                                        "char(0)",
                                        "'a' || char(0)",
                                        "'a' || char(0) || 'b'",
                                        "x'61006200'",
                                        "CAST(x'ff' AS TEXT)",
                                        "CAST(x'c080' AS TEXT)",
                                        "CAST(x'eda080' AS TEXT)",
                                        "CAST(x'f8888080' AS TEXT)",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "9223372036854775807.0",
                                        "1.7976931348623157e308",
                                        "-1.7976931348623157e308",
                                        "4.9e-324",
                                        "9e999",
                                        "-9e999",
                                        "0",
                                        "'0'",
                                        "x'30'",
                                        "0.1",
                                        "'NaN'",
                                        "9007199254740993",
                                        "printf('%.1024c', 'x')",
                                        "'''; DROP TABLE s; --'"};
  for (char const* log : {"on", "off"}) {
    db.exec("CREATE VIRTUAL TABLE s USING topk_stream(log=" + std::string(log) + ")");
    for (std::size_t i = 0; i < odd.size(); ++i) {
      db.exec("INSERT INTO s(item, weight) VALUES (" + odd[i] + ", " + std::to_string(i + 1) + ")");
    }
    for (char const* moment : {"in the tail", "in a pane"}) {
      INFO(moment << ", log=" << log);
      auto const rows =
          db.query("SELECT item, count FROM topk('1min', 100, 's', 'fast', 'latest')");
      REQUIRE(rows.size() == odd.size());
      for (std::size_t i = 0; i < odd.size(); ++i) {
        INFO(odd[i]);
        CHECK(number(db,
                     "SELECT count(*) FROM topk('1min', 100, 's', 'fast', 'latest') WHERE item = " +
                         odd[i] + " AND typeof(item) = typeof(" + odd[i] +
                         ") AND count = " + std::to_string(i + 1)) == 1);
        CHECK(number(db, "SELECT upper FROM topk_count('1min', " + odd[i] +
                             ", 's', 'fast', 'latest')") == static_cast<std::int64_t>(i + 1));
      }
      db.exec("INSERT INTO s(s) VALUES('optimize')");
    }
    db.exec("INSERT INTO s(s) VALUES('integrity-check'); DROP TABLE s");
  }
}

TEST_CASE("minus zero is 0, and NaN is NULL, which is no item", "[story][hostile]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES (-0.0), (0), (0.0)");
  CHECK(top(db, "'1min', 10, 's'") == "0=3");
  CHECK(text(db, "SELECT typeof(item) FROM topk('1min', 1, 's')") == "integer");
  fails(db, "INSERT INTO s(item) VALUES (9e999 - 9e999)", 19, {"item", "NULL"});
}

TEST_CASE("items at max_item_bytes are taken, longer ones refused", "[story][hostile]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(max_item_bytes=10)");
  db.exec("INSERT INTO s(item) VALUES ('0123456789'), (zeroblob(10))");
  fails(db, "INSERT INTO s(item) VALUES ('0123456789' || char(0))", 18, {"max_item_bytes=10"});
  fails(db, "INSERT INTO s(item) VALUES (zeroblob(100000000))", 18, {"max_item_bytes=10"});
  CHECK(number(db, "SELECT count(*) FROM topk('1min', 10, 's')") == 2);
}
