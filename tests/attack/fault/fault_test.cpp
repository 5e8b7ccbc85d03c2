// Every operation of the surface with the nth allocation or I/O call failing, n = 1, 2, ... until
// it passes untouched. What must hold after each failure: walk.cpp.
#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kit/database.hpp"
#include "kit/failing_memory.hpp"
#include "kit/failing_vfs.hpp"
#include "kit/settings.hpp"
#include "walk.hpp"

using namespace topk::test;

namespace {

bool is_no_memory(int code) { return (code & 0xFF) == SQLITE_NOMEM || code == SQLITE_IOERR_NOMEM; }

constexpr failure_kind ours = {"memory (ours)",
                               [](sqlite3*, long nth, bool stays) { our_memory().arm(nth, stays); },
                               [](sqlite3*) { return our_memory().disarm(); }, is_no_memory};

constexpr failure_kind theirs = {
    "memory (SQLite)", [](sqlite3*, long nth, bool stays) { sqlite_memory().arm(nth, stays); },
    [](sqlite3*) { return sqlite_memory().disarm(); }, is_no_memory};

long disarm_io(sqlite3*) { return failing_io().when.disarm(); }

template <io_call call, int code>
void arm_io(sqlite3*, long nth, bool stays) {
  failing_io().call = call;
  failing_io().code = code;
  failing_io().when.arm(nth, stays);
}

template <int family>
bool is_of(int code) {
  return (code & 0xFF) == family;
}
// A file that ends too early is damaged to all that SQLite can tell.
bool is_short(int code) {
  int const family = code & 0xFF;
  return family == SQLITE_IOERR || family == SQLITE_CORRUPT || family == SQLITE_NOTADB;
}

// PROTOCOL is what SQLite says of a write-ahead log that stays locked in spite of many tries.
bool is_busy(int code) { return (code & 0xFF) == SQLITE_BUSY || code == SQLITE_PROTOCOL; }

// WAL takes the second to seventh.
constexpr failure_kind io_failures[] = {
    {"xRead short", arm_io<io_call::read, SQLITE_IOERR_SHORT_READ>, disarm_io, is_short, false,
     true},
    {"xRead IOERR", arm_io<io_call::read, SQLITE_IOERR_READ>, disarm_io, is_of<SQLITE_IOERR>},
    {"xWrite IOERR", arm_io<io_call::write, SQLITE_IOERR_WRITE>, disarm_io, is_of<SQLITE_IOERR>},
    {"xWrite FULL", arm_io<io_call::write, SQLITE_FULL>, disarm_io, is_of<SQLITE_FULL>},
    {"xSync IOERR", arm_io<io_call::sync, SQLITE_IOERR_FSYNC>, disarm_io, is_of<SQLITE_IOERR>},
    {"xLock BUSY", arm_io<io_call::lock, SQLITE_BUSY>, disarm_io, is_of<SQLITE_BUSY>},
    {"xShmLock BUSY", arm_io<io_call::shm_lock, SQLITE_BUSY>, disarm_io, is_busy},
    {"xLock IOERR", arm_io<io_call::lock, SQLITE_IOERR_LOCK>, disarm_io, is_of<SQLITE_IOERR>},
    {"xTruncate IOERR", arm_io<io_call::truncate, SQLITE_IOERR_TRUNCATE>, disarm_io,
     is_of<SQLITE_IOERR>},
    {"xOpen CANTOPEN", arm_io<io_call::open, SQLITE_CANTOPEN>, disarm_io, is_of<SQLITE_CANTOPEN>},
    {"xDelete IOERR", arm_io<io_call::remove, SQLITE_IOERR_DELETE>, disarm_io, is_of<SQLITE_IOERR>},
    {"xAccess IOERR", arm_io<io_call::access, SQLITE_IOERR_ACCESS>, disarm_io, is_of<SQLITE_IOERR>},
    {"xFileSize IOERR", arm_io<io_call::file_size, SQLITE_IOERR_FSTAT>, disarm_io,
     is_of<SQLITE_IOERR>},
};

fault interruption;
constexpr failure_kind interrupt = {
    "interrupt",
    [](sqlite3* db, long nth, bool stays) {
      interruption.arm(nth, stays);
      sqlite3_progress_handler(
          db, 20, [](void*) { return interruption.fires() ? 1 : 0; }, nullptr);
    },
    [](sqlite3* db) {
      sqlite3_progress_handler(db, 0, nullptr, nullptr);
      return interruption.disarm();
    },
    // Commands answer ERROR, "interrupted": INTERRUPT would take the user's transaction with it.
    [](int code) { return code == SQLITE_INTERRUPT || code == SQLITE_ERROR; },
    // SQLite asks once more when all is done.
    true};

// Shared cache: another connection is in the midst of reading the nth of these tables.
constexpr char const* lockable[] = {"s_config", "s_block", "s_tail", "s_pane",
                                    "s_part",   "s_keys",  "t",      "sqlite_schema"};
sqlite3* reader = nullptr;
sqlite3_stmt* reading = nullptr;
constexpr failure_kind locked = {
    "LOCKED",
    [](sqlite3* db, long nth, bool) {
      if (nth > static_cast<long>(std::size(lockable))) return;
      sqlite3_open_v2(sqlite3_db_filename(db, "main"), &reader, SQLITE_OPEN_READWRITE,
                      failing_vfs_name);
      std::string const sql = std::string("SELECT * FROM ") + lockable[nth - 1];
      sqlite3_prepare_v2(reader, sql.c_str(), -1, &reading, nullptr);
      sqlite3_step(reading);  // where there is no such table, nothing is locked
    },
    [](sqlite3*) {
      sqlite3_finalize(std::exchange(reading, nullptr));
      sqlite3_close(std::exchange(reader, nullptr));
      return static_cast<long>(std::size(lockable));
    },
    is_of<SQLITE_LOCKED>};

// How many failures were walked, for the line at the end.
struct figures {
  long failures = 0;
  long swallowed = 0;
  long operations = 0;
};

// Walks one operation. TOPK_FAULT_STRIDE=1 takes every n; without it an operation with many calls
// is walked in about `budget` steps, at other places in each `turn`.
void walk(walked_operation const& operation, failure_kind const& kind, bool stays, long budget,
          long turn, figures& sum) {
  long const calls = operation.calls(kind);
  long const stride = setting("TOPK_FAULT_STRIDE", std::max(1L, calls / budget));
  for (long nth = 1 + turn * 5 % stride;; nth += stride) {
    auto const got = operation.step(kind, nth, stays);
    if (!got.complaint.empty()) {
      FAIL_CHECK(kind.name << (stays ? " from call " : " at call ") << nth << ": "
                           << got.complaint);
      return;  // the next one would say the same
    }
    if (!got.has_failed) return;
    ++sum.failures;
    if (got.is_swallowed) ++sum.swallowed;
  }
}

void walk_all(char const* what, std::vector<failure_kind> const& kinds, std::string const& pragma,
              long budget) {
  // A share below one step of each kind leaves out kinds, others at each operation.
  long const share = setting("TOPK_FAULT_SHARE", 1, 6);
  long const skip = std::max<long>(1, share / budget) | 1;  // odd: failures that stay, too
  budget = std::max<long>(1, budget / share);
  long walks = 0;
  char const* const only = std::getenv("TOPK_FAULT_ONLY");
  scratch_directory folder;
  figures sum;
  for (operation const& each : operations()) {
    if (only != nullptr && std::string(each.name) != only) continue;
    INFO("operation: " << each.name);
    std::optional<walked_operation> operation;  // made ready only where it is walked
    for (failure_kind const& kind : kinds) {
      for (bool const stays : {false, true}) {
        long const turn = walks++;
        if (turn % skip != 0) continue;
        if (!operation) operation.emplace(each, folder.file("walk.db"), pragma);
        walk(*operation, kind, stays, budget, turn, sum);
      }
    }
    if (operation) ++sum.operations;
  }
  CHECK(sum.failures > 0);
  std::cout << "faults walked: " << sum.failures << " " << what << " (" << sum.swallowed
            << " of them without an error), in " << sum.operations << " operations" << std::endl;
}

std::vector<failure_kind> const all_io(std::begin(io_failures), std::end(io_failures));
std::vector<failure_kind> const wal_io(std::begin(io_failures) + 1, std::begin(io_failures) + 7);

}  // namespace

TEST_CASE("any allocation of ours may fail", "[fault][ours]") {
  walk_all("memory (ours)", {ours}, "", 12);
}

TEST_CASE("any allocation of SQLite's may fail", "[fault][sqlite]") {
  walk_all("memory (SQLite)", {theirs}, "", 12);
}

// A cache of four pages: reads and writes come in the middle of statements, too.
TEST_CASE("any I/O call may fail", "[fault][io]") {
  walk_all("I/O", all_io, "PRAGMA cache_size=4", 3);
}

TEST_CASE("any I/O call may fail with a write-ahead log", "[fault][wal]") {
  walk_all("I/O with a write-ahead log", wal_io, "PRAGMA journal_mode=WAL", 3);
}

TEST_CASE("any operation may be interrupted", "[fault][interrupt]") {
  walk_all("interrupts", {interrupt}, "", 6);
}

TEST_CASE("any operation may meet a table that another connection has locked", "[fault][locked]") {
  sqlite3_enable_shared_cache(1);
  walk_all("locked tables", {locked}, "", std::size(lockable));
  sqlite3_enable_shared_cache(0);
}

TEST_CASE("memory may run out while the extension is loaded", "[fault][load]") {
  scratch_directory folder;
  figures sum;
  for (failure_kind const& kind : {ours, theirs}) {
    for (bool const stays : {false, true}) {
      INFO(kind.name << (stays ? ", from then on" : ", once"));
      for (long nth = 1;; ++nth) {
        auto const got = load_step(folder.file("load.db"), kind, nth, stays);
        CHECK(got.complaint == "");
        if (!got.has_failed) break;
        ++sum.failures;
      }
    }
  }
  std::cout << "faults walked: " << sum.failures << " memory, while the extension is loaded"
            << std::endl;
}
