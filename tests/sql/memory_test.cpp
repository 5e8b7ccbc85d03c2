// memory_bytes of topk_stats against the bytes that the extension really holds from its allocator.
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <string>

#include "kit/database.hpp"
#include "kit/failing_memory.hpp"
#include "kit/linked_extension.hpp"

using namespace topk::test;

namespace {

TEST_CASE("memory_bytes is what the stream holds from the allocator, within a seventh",
          "[monitor][memory]") {
  install_failing_memory();
  std::string const options =
      GENERATE("log=off", "memory='64KiB', k=10", "memory='64MiB', log=off");
  std::string const item =
      GENERATE("value * 7919 % 20011",
               "printf('a longer item that needs memory of its own %d', value * 7919 % 20011)");
  INFO(options << ", " << item);
  scratch_directory folder;
  {
    database db = open_linked(folder.file("a.db"));
    db.exec("CREATE VIRTUAL TABLE s USING topk_stream(" + options +
            "); INSERT INTO s(item, ts) WITH RECURSIVE n(value) AS (SELECT 0 UNION ALL SELECT "
            "value + 1 FROM n WHERE value < 40000) SELECT " +
            item + ", unixepoch() - value FROM n; INSERT INTO s(item) VALUES ('in the tail')");
  }
  database db = open_linked(folder.file("a.db"));
  db.exec("SELECT 1 FROM sqlite_schema");
  long const before = our_live_bytes();
  auto told =
      static_cast<double>(db.scalar("SELECT memory_bytes FROM topk_stats('s')").as_integer());
  auto held = static_cast<double>(our_live_bytes() - before);
  INFO("told " << told << ", held " << held);
  CHECK(told > held * 6 / 7 - 16'384);
  CHECK(told < held * 8 / 7 + 16'384);
  for (char const* window : {"1min", "1hour", "5min"}) {
    db.exec("SELECT * FROM topk('" + std::string(window) + "', 10, 's')");
  }
  told = static_cast<double>(db.scalar("SELECT memory_bytes FROM topk_stats('s')").as_integer());
  held = static_cast<double>(our_live_bytes() - before);
  INFO("with more windows: told " << told << ", held " << held);
  CHECK(told > held * 6 / 7 - 16'384);
  CHECK(told < held * 8 / 7 + 16'384);
}

}  // namespace
