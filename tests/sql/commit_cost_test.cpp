// What a commit writes, and what a large transaction keeps in memory.
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

constexpr std::int64_t frame_bytes = 4096 + 24;

std::int64_t size_of(std::string const& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_size : 0;
}

// Pages written to the WAL by each of `commits` one-event transactions, one second apart: the mean
// and the most.
std::pair<double, std::int64_t> pages_of_commits(std::string const& options, int commits) {
  scratch_directory folder;
  std::string const path = folder.file("a.db");
  database db = begin_story(path);
  db.exec(
      "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0; CREATE VIRTUAL TABLE s USING "
      "topk_stream(" +
      options + ")");
  std::int64_t most = 0;
  std::int64_t const first = size_of(path + "-wal");
  std::int64_t before = first;
  for (int i = 0; i < commits; ++i) {
    set_clock(start + i);
    db.exec("INSERT INTO s(item) VALUES ('item" + std::to_string(i * 7919 % 1000) + "')");
    std::int64_t const now = size_of(path + "-wal");
    most = std::max(most, (now - before) / frame_bytes);
    before = now;
  }
  return {static_cast<double>(before - first) / frame_bytes / commits, most};
}

}  // namespace

TEST_CASE("a one-event commit writes one or two pages, folds included", "[story][cost]") {
  auto const [bare, bare_most] = pages_of_commits("log=off", 10000);
  auto const [logged, logged_most] = pages_of_commits("", 10000);
  INFO("pages a commit: " << bare << " (most " << bare_most << ") without log, " << logged
                          << " (most " << logged_most << ") with log");
  CHECK(bare < 1.2);
  CHECK(logged < 2.3);
  CHECK(bare_most < 250);
  CHECK(logged_most < 350);
}

TEST_CASE("one INSERT of millions of rows stays within the stream's memory and a constant",
          "[story][cost]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(log=off, memory='1MiB')");
  std::int64_t highest = 0;
  sqlite3_int64 const before = sqlite3_memory_used();
  static_cast<void>(sqlite3_memory_highwater(1));
  db.exec(
      "INSERT INTO s(item, ts) SELECT 'item' || (value * 7919 % 1000003), unixepoch() - (1000000 - "
      "value) / 20 FROM " +
      series(1, 1000000));
  highest = std::max<std::int64_t>(highest, sqlite3_memory_highwater(0) - before);
  INFO("SQLite's memory grew by " << highest << " bytes, the stream holds "
                                  << stat(db, "s", "memory_bytes"));
  CHECK(highest < 16 << 20);
  CHECK(stat(db, "s", "memory_bytes") < 16 << 20);
  CHECK(stat(db, "s", "events") == 1000000);
}

TEST_CASE("a flood of distinct items does not grow memory past `memory`", "[story][cost]") {
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
  CHECK(most <= 2 << 20);
}
