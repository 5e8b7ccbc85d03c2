// A worker's connection: what it runs, again and again while others hold their locks.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "kit/database.hpp"
#include "kit/random.hpp"
#include "kit/workload.hpp"
#include "progress.hpp"

namespace topk::test {

struct assignment {
  role is_a = role::none;
  std::size_t at = 0;       // among the workers of `progress`
  std::int64_t number = 1;  // of a writer
  std::int64_t writers = 1;
  std::uint64_t seed = 1;
  std::string path;     // or a URI
  int flags = 0;        // SQLITE_OPEN_, beyond reading, writing and URIs
  std::string scratch;  // a folder for copies
};

// What the writers run.
[[nodiscard]] workload concurrent_workload(assignment const& given);

// What all have who open the file of a test: URIs, and a library that is loaded.
[[nodiscard]] database open_concurrent(std::string const& path, int flags);

// SQLITE_BUSY; where a cache is shared, SQLITE_LOCKED too. Anything else is an error.
[[nodiscard]] bool is_a_lock(int code, bool is_cache_shared) noexcept;

class client {
 public:
  // Throws sql_error.
  client(assignment const& given, progress& shared);

  // Throws sql_error, also of a lock.
  std::vector<row> query(std::string const& sql, std::vector<value> const& parameters = {});
  void run(step const& what);

  // Runs `body` until no lock stops it. What is left open of a try is rolled back. False: time was
  // up before; never so before a first body has been let through.
  bool let_through(std::function<void()> const& body);

  void pause_up_to(std::uint64_t microseconds);

  [[nodiscard]] assignment const& given() const noexcept { return given_; }
  [[nodiscard]] progress& shared() noexcept { return shared_; }
  [[nodiscard]] worker_progress& mine() noexcept { return shared_.workers[given_.at]; }
  [[nodiscard]] random_source& random() noexcept { return random_; }
  [[nodiscard]] database& db() noexcept { return db_; }

 private:
  void commit_at_last();
  void roll_back();

  assignment const& given_;
  progress& shared_;
  random_source random_;
  database db_;
  bool is_cache_shared_;
  bool was_let_through_ = false;
  std::unordered_map<std::string, prepared> kept_;
};

// The whole of one worker; returns when time is up. Throws nothing: worker_progress has the
// failure.
void work(assignment const& given, progress& shared) noexcept;

// The parts of it. Throw sql_error, and std::runtime_error for a promise that is broken.
void write_until_over(client& me);
void read_until_over(client& me);
void maintain_until_over(client& me);

}  // namespace topk::test
