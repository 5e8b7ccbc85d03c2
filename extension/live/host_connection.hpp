// What a stream may ask of the database connection it is open on: the handle, the clock, who is
// running, and records that outlive the stream's memory.
//
// Knows no stream. `connection` adds the streams that are open.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "sqlite/api.hpp"
#include "sqlite/running_statements.hpp"

namespace topk::live {

class query_clock;

class host_connection {
 public:
  explicit host_connection(sqlite3* db) noexcept : db_(db), running_(db) {}
  host_connection(host_connection const&) = delete;
  host_connection& operator=(host_connection const&) = delete;

  [[nodiscard]] sqlite3* db() const noexcept { return db_; }

  // Microseconds since 1970 by the connection's VFS.
  [[nodiscard]] micros now() noexcept;
  // A reading of the clock that is good enough to tell whether `t` lies ahead: the last one if it
  // has passed `t` already, else a new one. now() is called where a transaction begins.
  [[nodiscard]] micros now_against(micros t) noexcept { return t <= last_now_ ? last_now_ : now(); }
  [[nodiscard]] micros last_now() const noexcept { return last_now_; }

  // As running_statements::read() and slide_a_frame_of().
  result<bool> is_being_read(std::string const& schema, std::int64_t root) {
    return running_.read(schema, root);
  }
  bool slides_a_frame_of(std::string_view function) { return running_.slide_a_frame_of(function); }

  // The hash seed of this connection's aggregates: random, so that nobody can make items collide.
  [[nodiscard]] std::uint64_t aggregate_seed() noexcept;

  // What this connection has seen of the stream of this name.
  [[nodiscard]] std::shared_ptr<query_clock> clock_of(std::string_view schema,
                                                      std::string_view table);

  // The clock when the open transaction first brought the stream of this identity an event that its
  // watermark does not follow at once; stream::no_time before. A table that is dropped, and brought
  // back by ROLLBACK TO, is the same stream.
  micros& own_jump(std::int64_t stream);

  void transaction_ended() noexcept {
    running_.forget_verdicts();
    own_jumps_.clear();
    unmade_savepoint.reset();
  }

  // Level of the last xSavepoint, if it failed. SQLite follows it with xRollbackTo of this level,
  // which must then do nothing.
  std::optional<int> unmade_savepoint;

  // Log rows read by hybrid queries on this connection, for topk_debug() and tests.
  std::int64_t log_rows_read = 0;
  // Stored panes that were visited, for the same.
  std::int64_t panes_read = 0;

 protected:
  // "schema"."table", lower case: how a connection knows its streams.
  [[nodiscard]] static std::string key_of(std::string_view schema, std::string_view table);

  std::map<std::string, std::shared_ptr<query_clock>> clocks_;  // by key_of()

 private:
  bool read_clock_by_sql() noexcept;

  sqlite3* db_;
  sqlite3_vfs* vfs_ = nullptr;
  micros last_now_ = 0;
  std::vector<std::pair<std::int64_t, micros>> own_jumps_;  // by identity
  sqlite::running_statements running_;
  std::optional<std::uint64_t> aggregate_seed_;
};

}  // namespace topk::live
