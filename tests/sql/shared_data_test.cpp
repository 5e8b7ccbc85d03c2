// Real streams, if they are there: in ../shared/data next to the project, or in TOPK_SHARED_DATA.
#include <sqlite3.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "story.hpp"

using namespace topk::test;

namespace {

std::string data_file(std::string const& name) {
  char const* const folder = std::getenv("TOPK_SHARED_DATA");
  return std::string(folder == nullptr ? TOPK_SHARED_DATA_PATH : folder) + "/" + name + ".tsv.gz";
}

// Fills table raw(ts, item) from the file; false, with a message, where it is absent.
bool load_raw(database& db, std::string const& name) {
  if (access(data_file(name).c_str(), R_OK) != 0) {
    WARN("skipped: " << name << " is not here (TOPK_SHARED_DATA)");
    return false;
  }
  db.exec("CREATE TABLE raw(ts INTEGER, item TEXT); BEGIN");
  std::FILE* const pipe = popen(("gzip -dc '" + data_file(name) + "'").c_str(), "r");
  REQUIRE(pipe != nullptr);
  prepared insert = db.prepare("INSERT INTO raw VALUES (?, ?)");
  char line[4096];
  bool is_header = true;
  while (std::fgets(line, sizeof line, pipe) != nullptr) {
    std::string const text(line);
    auto const tab = text.find('\t');
    if (!is_header) {
      insert.run({value::text(text.substr(0, tab)),
                  value::text(text.substr(tab + 1, text.find_last_not_of("\r\n") - tab))});
    }
    is_header = false;
  }
  pclose(pipe);
  insert.reset();
  db.exec("COMMIT");
  return true;
}

}  // namespace

TEST_CASE("224 airports never overflow: fast is exact and all is proven", "[story][data]") {
  database db = begin_story();
  if (!load_raw(db, "flights_origin_q1")) return;
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(retain='100 days'); INSERT INTO s(ts, item) SELECT "
      "ts, item FROM raw");
  std::string const fast = top(db, "'all', 300, 's', 'fast', 'latest'");
  CHECK(fast.starts_with("ORD=81102 DFW=78068 ATL=61654 LAX=56774 PHX=46591 "));
  CHECK(fast == top(db, "'all', 300, 's', 'exact', 'latest'"));
  CHECK(fast ==
        pairs(db, "SELECT item, count(*) AS n FROM raw GROUP BY item ORDER BY n DESC, item"));
  CHECK(number(db,
               "SELECT count(*) FROM topk('all', 300, 's', 'fast', 'latest') WHERE proven AND "
               "lower = upper") == 224);
  // As of the newest event only the pane at the far edge can be cut.
  for (char const* window : {"1min", "5min", "1hour", "1day", "30 days"}) {
    INFO(window);
    std::string const asked = "'" + std::string(window) + "', 10, 's', ";
    CHECK(top(db, asked + "'hybrid', 'latest'") == top(db, asked + "'exact', 'latest'"));
  }
  CHECK(number(
            db,
            "SELECT count(*) FROM topk('1hour', 300, 's', 'fast', 'latest') WHERE lower < upper") ==
        0);
}

TEST_CASE("at 200 points of a stream of bursts every bound holds", "[story][data]") {
  database db = begin_story();
  if (!load_raw(db, "scoop_updates")) return;
  db.exec(
      "CREATE INDEX by_time ON raw(ts); CREATE VIRTUAL TABLE s USING topk_stream(retain='3000 "
      "days'); "
      "INSERT INTO s(ts, item) SELECT ts, item FROM raw");
  std::int64_t const first = number(db, "SELECT min(ts) FROM raw");
  std::int64_t const last = number(db, "SELECT max(ts) FROM raw");
  std::int64_t broken = 0;
  std::int64_t differing = 0;
  std::int64_t rows = 0;
  for (int point = 0; point < 200; ++point) {
    // Half of the points lie on an event, where something happens.
    std::int64_t at = first + (last - first) / 200 * (point + 1) - point % 3;
    if (point % 2 == 0)
      at = number(db, "SELECT max(ts) FROM raw WHERE ts <= " + std::to_string(at));
    for (std::int64_t const window : {std::int64_t{60}, std::int64_t{300}, one_hour, one_day}) {
      std::string const asked = std::to_string(window) + ", 20, 's', ";
      std::string const as_of = ", " + std::to_string(at);
      rows += number(db, "SELECT count(*) FROM topk(" + asked + "'fast'" + as_of + ")");
      broken += number(db, "SELECT count(*) FROM topk(" + asked + "'fast'" + as_of +
                               ") AS t LEFT JOIN (SELECT item, count(*) AS n "
                               "FROM raw WHERE ts > " +
                               std::to_string(at - window) + " AND ts <= " + std::to_string(at) +
                               " GROUP BY item) AS g USING (item) WHERE coalesce(g.n, 0) NOT "
                               "BETWEEN t.lower AND t.upper");
      std::string const exact =
          pairs(db, "SELECT item, count(*) AS n FROM raw WHERE ts > " +
                        std::to_string(at - window) + " AND ts <= " + std::to_string(at) +
                        " GROUP BY item ORDER BY n DESC, item LIMIT 20");
      differing += top(db, asked + "'hybrid'" + as_of) == exact ? 0 : 1;
    }
  }
  WARN("scoop_updates: " << rows << " rows at 800 windows, " << broken << " bounds broken, "
                         << differing << " hybrid answers wrong");
  CHECK(rows > 300);
  CHECK(broken == 0);
  CHECK(differing == 0);
}
