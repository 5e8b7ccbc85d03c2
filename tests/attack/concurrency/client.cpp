#include "client.hpp"

#include <sqlite3.h>

#include <chrono>
#include <exception>
#include <thread>

namespace topk::test {

workload concurrent_workload(assignment const& given) { return {given.seed, {}, given.writers}; }

database open_concurrent(std::string const& path, int flags) {
  database db(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI | flags, nullptr);
  db.load_topk();
  return db;
}

bool is_a_lock(int code, bool is_cache_shared) noexcept {
  return code == SQLITE_BUSY || (is_cache_shared && code == SQLITE_LOCKED);
}

client::client(assignment const& given, progress& shared)
    : given_(given), shared_(shared), random_(mix_seeds(given.seed, 1000 + given.at)),
      db_(open_concurrent(given.path, given.flags)),
      is_cache_shared_((given.flags & SQLITE_OPEN_SHAREDCACHE) != 0) {
  sqlite3_busy_timeout(db_.handle(), static_cast<int>(random_.between(1, 30)));
}

std::vector<row> client::query(std::string const& sql, std::vector<value> const& parameters) {
  auto rows = db_.query(sql, parameters);
  mine().beat();
  return rows;
}

void client::run(step const& what) {
  if (what.sql == "COMMIT") {
    commit_at_last();
  } else if (what.parameters.empty()) {
    db_.exec(what.sql);
  } else {
    auto at = kept_.find(what.sql);
    if (at == kept_.end()) at = kept_.emplace(what.sql, db_.prepare(what.sql)).first;
    outcome const got = at->second.run(what.parameters);
    if (!got.ok()) throw sql_error(got.code, what.sql + ": " + got.message);
  }
  mine().beat();
}

// A COMMIT that is BUSY leaves its transaction open, to be committed later or rolled back.
void client::commit_at_last() {
  for (std::int64_t left = random_.between(0, 30);; --left) {
    outcome const got = db_.attempt("COMMIT");
    if (got.ok()) return;
    if (got.code != SQLITE_BUSY || left <= 0 || !db_.in_transaction()) {
      throw sql_error(got.code, "COMMIT: " + got.message);
    }
    mine().busy.fetch_add(1, std::memory_order_relaxed);
    mine().beat();
    pause_up_to(500);
  }
}

// In a shared cache a ROLLBACK may be locked, too: parsing it reads the schema, which another is
// changing.
void client::roll_back() {
  while (db_.in_transaction()) {
    outcome const got = db_.attempt("ROLLBACK");
    if (got.ok()) return;
    if (!is_a_lock(got.code, is_cache_shared_))
      throw sql_error(got.code, "ROLLBACK: " + got.message);
    mine().beat();
    pause_up_to(500);
  }
}

bool client::let_through(std::function<void()> const& body) {
  for (;;) {
    try {
      body();
      was_let_through_ = true;
      return true;
    } catch (sql_error const& error) {
      if (!is_a_lock(error.code(), is_cache_shared_)) throw;
      mine().busy.fetch_add(1, std::memory_order_relaxed);
      mine().beat();
    }
    roll_back();
    if (shared_.is_over() && was_let_through_) return false;
    pause_up_to(2000);
  }
}

void client::pause_up_to(std::uint64_t microseconds) {
  std::this_thread::sleep_for(std::chrono::microseconds(random_.below(microseconds)));
}

void work(assignment const& given, progress& shared) noexcept {
  worker_progress& mine = shared.workers[given.at];
  mine.is_a = given.is_a;
  mine.beat();
  try {
    client me(given, shared);
    switch (given.is_a) {
      case role::writer: write_until_over(me); break;
      case role::reader: read_until_over(me); break;
      case role::maintainer: maintain_until_over(me); break;
      case role::none: break;
    }
    if (me.db().in_transaction()) mine.fail("a transaction is left open");
  } catch (std::exception const& error) {
    mine.fail(error.what());
  } catch (...) {
    mine.fail("an exception that is none");
  }
  mine.beat();
  mine.has_ended = true;
}

void write_until_over(client& me) {
  worker_progress& mine = me.mine();
  workload const numbered = concurrent_workload(me.given());
  for (std::int64_t number = 1; number == 1 || !me.shared().is_over(); ++number) {
    numbered_transaction const what = numbered.transaction(me.given().number, number);
    bool const done = me.let_through([&] {
      for (step const& each : what.steps) me.run(each);
    });
    if (!done) {
      ++mine.given_up;
      return;
    }
    mine.acknowledged.store(number, std::memory_order_release);
    // A writer that never waits leaves no room for others: SQLite has no queue of locks.
    me.pause_up_to(me.random().percent(80) ? 300 : 5000);
  }
}

}  // namespace topk::test
