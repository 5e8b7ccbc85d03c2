// Sizes, errors and proofs of topk_stats against independent counts of rows, bytes and events.
#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "sql/story.hpp"

using namespace topk::test;

namespace {

std::int64_t rows_of(database& db, std::string const& table) {
  return number(db, "SELECT count(*) FROM " + quoted_name(table));
}

// Events spread over the last hour.
void load(database& db, std::string const& stream, std::int64_t events, std::string const& item) {
  db.exec("INSERT INTO " + quoted_name(stream) + "(item, ts, partition) SELECT " + item +
          ", unixepoch() - value * 3600 / " + std::to_string(events) + ", value % 3 FROM " +
          series(1, events));
}

TEST_CASE("panes, tail_rows and log_rows are the rows that are there", "[monitor][sizes]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(windows='1min,10min', retain='10min', "
      "memory='64KiB')");
  for (int i = 0; i < 40; ++i) {
    set_clock(start + i * 37);
    db.exec("INSERT INTO s(item, partition) SELECT value % 97, value % 5 FROM " +
            series(1, 1 + i * 13 % 170));
    if (i % 9 == 8)
      db.exec("INSERT INTO s(s) VALUES('" + std::string(i % 2 == 0 ? "optimize" : "prune") + "')");
    if (i % 11 == 10) db.exec("INSERT INTO s(s, item) VALUES('forget', 3)");
    INFO("commit " << i);
    REQUIRE(stat(db, "s", "panes") == rows_of(db, "s_pane"));
    REQUIRE(stat(db, "s", "tail_rows") == rows_of(db, "s_tail"));
    REQUIRE(stat(db, "s", "log_rows") ==
            number(db, "SELECT coalesce(sum(events), 0) FROM s_block") + rows_of(db, "s_tail"));
  }
  CHECK(stat(db, "s", "log_rows") < stat(db, "s", "events"));  // some have expired
  std::int64_t const tail = stat(db, "s", "tail_rows");
  db.exec("BEGIN; INSERT INTO s(item) VALUES ('own'), ('pending')");
  CHECK(stat(db, "s", "tail_rows") == tail + 2);
  db.exec("ROLLBACK");
  CHECK(stat(db, "s", "tail_rows") == tail);
  db.exec("INSERT INTO s(s) VALUES('delete-all')");
  CHECK(stat(db, "s", "panes") == 0);
  CHECK(stat(db, "s", "log_rows") == 0);
}

bool has_dbstat(database& db) {
  bool const is_there =
      number(db,
             "SELECT count(*) FROM pragma_compile_options WHERE compile_options LIKE '%DBSTAT%'") >
      0;
  if (!is_there) WARN("this SQLite has no dbstat: sizes on disk are not compared");
  return is_there;
}

std::int64_t bytes_of_pages(database& db, std::string const& column) {
  return number(db, "SELECT sum(" + column + ") FROM dbstat WHERE name GLOB 's_*'");
}

TEST_CASE("disk_bytes is what dbstat says of the shadow tables, pages a little more",
          "[monitor][sizes]") {
  tell_in("UTF-8");  // events are measured in UTF-8
  std::string const options = GENERATE("log=on", "log=off", "log=off, k=4, memory='16KiB'");
  std::string const item =
      GENERATE("'item ' || (value * value / 3000)", "printf('%0600d', value % 977)");
  INFO(options << " " << item);
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  if (!has_dbstat(db)) return;
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(" + options + ")");
  load(db, "s", 12'000, item);
  INFO("disk_bytes " << stat(db, "s", "disk_bytes") << ", pages " << bytes_of_pages(db, "pgsize"));
  CHECK(static_cast<double>(stat(db, "s", "disk_bytes")) <
        1.02 * static_cast<double>(bytes_of_pages(db, "pgsize")));
  CHECK(static_cast<double>(stat(db, "s", "disk_bytes")) >
        0.45 * static_cast<double>(bytes_of_pages(db, "pgsize") - 6 * 4096));
  // What is deleted leaves free space in pages, which is not counted.
  db.exec("INSERT INTO s(s, item) SELECT 'forget', item FROM (SELECT DISTINCT " + item +
          " AS item FROM " + series(1, 977) + " LIMIT 3)");
  double const payload = static_cast<double>(bytes_of_pages(db, "payload"));
  INFO("after forget: disk_bytes " << stat(db, "s", "disk_bytes") << ", payload " << payload);
  CHECK(static_cast<double>(stat(db, "s", "disk_bytes")) > 0.95 * payload);
  CHECK(static_cast<double>(stat(db, "s", "disk_bytes")) < 1.4 * payload + 4096);
}

TEST_CASE("disk_bytes counts a tail with its items", "[monitor][sizes]") {
  tell_in("UTF-8");  // events are measured in UTF-8
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  if (!has_dbstat(db)) return;
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(log=off)");
  load(db, "s", 1500, GENERATE("printf('%012d', value)", "printf('%0900d', value)"));
  REQUIRE(rows_of(db, "s_tail") == 1500);
  INFO("disk_bytes " << stat(db, "s", "disk_bytes") << ", pages " << bytes_of_pages(db, "pgsize"));
  CHECK(static_cast<double>(stat(db, "s", "disk_bytes")) <
        1.2 * static_cast<double>(bytes_of_pages(db, "pgsize")));
  CHECK(static_cast<double>(stat(db, "s", "disk_bytes")) >
        0.75 * static_cast<double>(bytes_of_pages(db, "pgsize") - 5 * 4096));
}

TEST_CASE("disk_bytes falls with what is forgotten", "[monitor][sizes]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(past=0)");
  load(db, "s", 10'000, "iif(value % 10 = 0, value, 'most')");
  std::int64_t const before = stat(db, "s", "disk_bytes");
  db.exec("INSERT INTO s(s, item) VALUES ('forget', 'most')");
  CHECK(stat(db, "s", "log_rows") == 1000);
  CHECK(stat(db, "s", "disk_bytes") < before / 4 * 3);  // 'most' took two bytes an event
}

TEST_CASE("max_error bounds the error of every item, and some item has it", "[monitor][sizes]") {
  std::string const memory = GENERATE("16KiB", "64KiB", "4MiB");
  INFO(memory);
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(k=4, memory='" + memory + "')");
  load(db, "s", 60'000, "value * value / 3000 % 4001");
  std::int64_t const max_error = stat(db, "s", "max_error");
  auto const rows = db.query(
      "SELECT true.n, c.count, c.lower, c.upper FROM (SELECT item, sum(weight) AS n FROM s "
      "GROUP BY item) AS true, "
      "topk_count('1day', true.item, 's', 'fast', 'latest') AS c");
  REQUIRE(rows.size() > 3000);
  std::int64_t widest = 0, farthest = 0;
  for (row const& each : rows) {
    widest = std::max(widest, each.at(3).as_integer() - each.at(2).as_integer());
    farthest = std::max(farthest, std::abs(each.at(0).as_integer() - each.at(1).as_integer()));
  }
  INFO("max_error " << max_error << ", widest bounds " << widest << ", farthest count "
                    << farthest);
  CHECK(max_error >= widest);
  CHECK(max_error >= farthest);
  CHECK(max_error <= 2 * widest);
  CHECK((max_error == 0) == (widest == 0));
  if (memory != "4MiB") CHECK(max_error > 0);
}

TEST_CASE(
    "proven_share is the share of the top k that topk proves, and each of those is in the exact "
    "one",
    "[monitor][sizes]") {
  std::string const memory = GENERATE("16KiB", "32KiB", "4MiB");
  INFO(memory);
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(k=4, memory='" + memory + "')");
  CHECK(db.scalar("SELECT proven_share FROM topk_stats('s')").as_real() == 1);
  load(db, "s", 60'000, "value * value % 4001 * (value % 3) / 3");
  CHECK(db.scalar("SELECT proven_share FROM topk_stats('s')") ==
        db.scalar("SELECT avg(proven) FROM topk('1day', 4, 's', 'fast', 'latest')"));
  CHECK(db.scalar("SELECT proven_share FROM topk_stats('s')") ==
        db.scalar("SELECT confidence FROM topk(NULL, 4, 's', 'fast', 'latest')"));
  CHECK(number(db,
               "SELECT count(*) FROM topk('1day', 4, 's', 'fast', 'latest') WHERE proven AND item "
               "NOT IN "
               "(SELECT item FROM s GROUP BY item ORDER BY sum(weight) DESC, item LIMIT 4)") == 0);
  if (memory == "4MiB") CHECK(db.scalar("SELECT proven_share FROM topk_stats('s')").as_real() == 1);
}

TEST_CASE(
    "evictions are 0 while items fit, rise when they do not, and are the same on every connection",
    "[monitor][sizes]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(k=4, memory='16KiB', log=off)");
  load(db, "s", 20'000, "value % 10");
  CHECK(stat(db, "s", "evictions") == 0);
  load(db, "s", 20'000, "value");
  std::int64_t const some = stat(db, "s", "evictions");
  CHECK(some > 0);
  load(db, "s", 20'000, "-value");
  CHECK(stat(db, "s", "evictions") > some);
  database other = connect(folder.file("a.db"));
  CHECK(stat(other, "s", "evictions") == stat(db, "s", "evictions"));
}

}  // namespace
