// Writers, readers and maintenance at once: in processes, and in threads of one process.
//
// TOPK_CONCURRENCY_SECONDS: how long each test case runs. TOPK_CONCURRENCY_SEED: other
// transactions.
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "client.hpp"
#include "kit/random.hpp"
#include "kit/settings.hpp"
#include "round.hpp"

using namespace topk::test;

namespace {

constexpr std::int64_t longest_round_ms = 8000;

// Each configuration in turns, as long as there is time, but each at least once.
void run_for_a_while(std::vector<configuration> const& ways, crew const& who, char const* of) {
  std::int64_t const all_ms = 1000 * setting("TOPK_CONCURRENCY_SECONDS", 8, 6);
  std::int64_t const round_ms = std::min(longest_round_ms, all_ms / std::ssize(ways));
  std::int64_t const end = monotonic_ms() + all_ms;
  auto const seed = static_cast<std::uint64_t>(setting("TOPK_CONCURRENCY_SEED", 1));
  figures all;
  for (std::size_t round = 0; round < ways.size() || monotonic_ms() < end; ++round) {
    configuration const& how = ways[round % ways.size()];
    // An odd seed leaves the default stream to its first writer: in turns, also of a configuration.
    std::uint64_t const is_odd = (round / ways.size() + seed + round) % 2;
    std::uint64_t const of_round = (mix_seeds(seed, round) & ~1ULL) | is_odd;
    INFO(how.name << ", round " << round << " of seed " << seed);
    try {
      run_round(how, who, of_round, round_ms, all);
    } catch (std::exception const& error) {
      FAIL(error.what());
    }
  }
  all.print(of);
  CHECK(all.busy > 0);
}

// Every thread does `work` with its number, all at once.
template <class Work>
void in_threads(int count, Work const& work) {
  std::vector<std::thread> threads;
  std::atomic<int> waiting{count};
  for (int number = 0; number < count; ++number) {
    threads.emplace_back([&, number] {
      --waiting;
      while (waiting > 0) std::this_thread::yield();
      work(number);
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace

TEST_CASE("4 writers, 4 readers and maintenance in processes lose and double nothing",
          "[concurrency][processes]") {
  run_for_a_while({{"WAL", "PRAGMA journal_mode=WAL", true},
                   {"DELETE", "PRAGMA journal_mode=DELETE", true},
                   {"WAL, small", "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=20", true},
                   {"PERSIST", "PRAGMA journal_mode=PERSIST", true}},
                  {.writers = 4, .readers = 4}, "processes");
}

TEST_CASE("8 connections in threads of one process lose and double nothing",
          "[concurrency][threads]") {
  char const* const wal = "PRAGMA journal_mode=WAL";
  std::vector<configuration> ways = {{"WAL", wal, false},
                                     {"DELETE", "PRAGMA journal_mode=DELETE", false},
                                     {"in memory", "", false, 0, "file:/concurrent?vfs=memdb"}};
  if (sqlite3_compileoption_used("OMIT_SHARED_CACHE") == 0) {
    int const shared = SQLITE_OPEN_SHAREDCACHE;
    ways.push_back({"WAL, shared cache", wal, false, shared});
    ways.push_back({"DELETE, shared cache", "PRAGMA journal_mode=DELETE", false, shared});
    ways.push_back(
        {"in memory, shared cache", "", false, shared, "file:concurrent?mode=memory&cache=shared"});
  }
  run_for_a_while(ways, {.writers = 4, .readers = 3}, "threads");
}

// Nothing of the extension has been loaded before, where ctest runs this in a process of its own.
TEST_CASE("threads that load the extension at once find it whole", "[concurrency][threads]") {
  std::atomic<int> right{0};
  in_threads(8, [&](int number) {
    try {
      database db = open_concurrent(":memory:", 0);
      for (int i = 0; i < 20; ++i)
        db.exec("INSERT INTO cms_add(item) VALUES (" + std::to_string(number) + ")");
      row const top = db.query("SELECT item, count FROM topk()").at(0);
      if (top[0].as_integer() == number && top[1].as_integer() == 20) ++right;
    } catch (...) {
    }
  });
  CHECK(right == 8);
}

// SQLite serializes what several threads do with one connection, statement by statement.
TEST_CASE("threads that share one connection lose and double nothing", "[concurrency][threads]") {
  constexpr int threads = 4;
  constexpr int each = 150;
  for (char const* options : {"memory=16384", "memory=16384, log=off"}) {
    scratch_directory folder;
    database db = open_concurrent(folder.file("a.db"), SQLITE_OPEN_FULLMUTEX);
    db.exec("PRAGMA journal_mode=WAL; CREATE VIRTUAL TABLE s USING topk_stream(" +
            std::string(options) + ")");
    std::atomic<int> failures{0};
    std::atomic<int> wrong{0};
    in_threads(threads, [&](int number) {
      sqlite3_stmt* insert = nullptr;
      sqlite3_stmt* count = nullptr;
      sqlite3_stmt* top = nullptr;
      std::string const item = std::to_string(number);
      std::string const add = "INSERT INTO s(item) VALUES (" + item + "), ('all'), (" + item + ")";
      std::string const ask = "SELECT lower, upper FROM topk_count('all', " + item + ", 's')";
      int code = sqlite3_prepare_v2(db.handle(), add.c_str(), -1, &insert, nullptr);
      code |= sqlite3_prepare_v2(db.handle(), ask.c_str(), -1, &count, nullptr);
      code |=
          sqlite3_prepare_v2(db.handle(), "SELECT * FROM topk('all', 3, 's')", -1, &top, nullptr);
      for (int i = 1; i <= each && code == SQLITE_OK; ++i) {
        sqlite3_step(insert);
        if (sqlite3_reset(insert) != SQLITE_OK) ++failures;
        // What this thread has inserted is there, and nobody else inserts this item.
        if (sqlite3_step(count) != SQLITE_ROW || sqlite3_column_int64(count, 0) > 2 * i ||
            sqlite3_column_int64(count, 1) < 2 * i) {
          ++wrong;
        }
        sqlite3_reset(count);
        int rows = 0;
        while (sqlite3_step(top) == SQLITE_ROW) ++rows;
        if (sqlite3_reset(top) != SQLITE_OK || rows == 0) ++failures;
      }
      if (code != SQLITE_OK) ++failures;
      for (sqlite3_stmt* used : {insert, count, top}) sqlite3_finalize(used);
    });
    CHECK(failures == 0);
    CHECK(wrong == 0);
    CHECK(db.scalar("SELECT total_lower FROM topk('all', 1, 's')").as_integer() ==
          threads * each * 3);
    CHECK(db.scalar("SELECT events FROM topk_stats WHERE stream = 's'").as_integer() ==
          threads * each * 3);
    CHECK(db.attempt("INSERT INTO s(s) VALUES('integrity-check')").code == SQLITE_OK);
    CHECK(to_text(db.query("PRAGMA integrity_check")).find("'ok'") == 0);
  }
}

#if TOPK_THREAD_SANITIZED
// For tsan.sh alone, which must see it reported: a connection without a mutex goes from thread to
// thread in turns that nothing orders, as far as a compiler or a CPU is concerned.
TEST_CASE("a connection handed over without a lock", "[.][unlocked]") {
  database db = open_concurrent(":memory:", SQLITE_OPEN_NOMUTEX);
  std::atomic<int> turn{0};
  in_threads(2, [&](int number) {
    for (int i = number; i < 20; i += 2) {
      while (turn.load(std::memory_order_relaxed) != i) std::this_thread::yield();
      static_cast<void>(db.attempt("INSERT INTO cms_add(item) VALUES ('x'); SELECT * FROM topk()"));
      turn.store(i + 1, std::memory_order_relaxed);
    }
  });
  CHECK(db.scalar("SELECT count FROM topk()").as_integer() == 20);
}
#endif
