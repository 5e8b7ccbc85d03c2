// What one database connection knows: its clock, its streams, and who is reading a log.
//
// Owned by the modules registered on the connection; streams live as long as a virtual table of
// theirs is connected.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "sqlite/api.hpp"
#include "sqlite/values.hpp"

namespace topk::engine {

class query_clock;
class stream_state;

inline constexpr char const* default_stream = "topk_events";

class connection {
 public:
  explicit connection(sqlite3* db) noexcept : db_(db) {}

  [[nodiscard]] sqlite3* db() const noexcept { return db_; }

  // Microseconds since 1970 by the connection's VFS.
  [[nodiscard]] micros now() noexcept;
  // A reading of the clock that is good enough to tell whether `t` lies ahead: the last one if it
  // has passed `t` already, else a new one. now() is called where a transaction begins.
  [[nodiscard]] micros now_against(micros t) noexcept { return t <= last_now_ ? last_now_ : now(); }

  [[nodiscard]] micros last_now() const noexcept { return last_now_; }

  // The stream connected under this name; null if there is none.
  [[nodiscard]] std::shared_ptr<stream_state> find(std::string_view schema, std::string_view table);
  void enter(std::shared_ptr<stream_state> const& state);
  void leave(std::string_view schema, std::string_view table) noexcept;
  // What this connection has seen of the stream of this name, until it leaves.
  [[nodiscard]] std::shared_ptr<query_clock> clock_of(std::string_view schema,
                                                      std::string_view table);
  // Renames the stream's tables, and its entry here with them.
  status rename(std::shared_ptr<stream_state> const& state, std::string const& to);

  // The stream a user names: connects it if need be. Unqualified: temp, main, attached, in that
  // order. Null: only for the default stream that is not made yet.
  result<std::shared_ptr<stream_state>> resolve(std::string_view name);
  result<std::shared_ptr<stream_state>> resolve_default();

  // Names of the attached schemas, in SQLite's order of search.
  result<std::vector<std::string>> schemas();

  // Whether a statement that is running on this connection, ours or the user's, has the table with
  // this root page open. Errs on the side of yes. Verdicts are kept until the transaction ends.
  result<bool> is_being_read(std::string const& schema, std::int64_t root);
  // Whether a statement that is running on this connection slides a window frame over one of the
  // functions of this name, and so will ask it for inverse steps. Errs on the side of yes.
  bool slides_a_frame_of(std::string_view function);
  // The hash seed of this connection's aggregates: random, so that nobody can make items collide.
  [[nodiscard]] std::uint64_t aggregate_seed() noexcept;

  void transaction_ended() noexcept {
    verdicts_.clear();
    unmade_savepoint.reset();
  }

  // The savepoint that could not be made, if the last one could not: SQLite answers with a rollback
  // to it, although nothing has happened since.
  std::optional<int> unmade_savepoint;

  // Log rows read by hybrid queries on this connection, for topk_debug() and tests.
  std::int64_t log_rows_read = 0;

 private:
  result<std::shared_ptr<stream_state>> connect(std::string const& asked, std::string const& table,
                                                bool& exists);
  [[nodiscard]] bool has_schema(std::string const& name) const noexcept;
  bool read_clock_by_sql() noexcept;
  result<bool> opens(char const* sql, std::int64_t database, std::int64_t root);
  // Whether SQLite's program of the statement has such an instruction; yes where it cannot be told.
  template <class Wanted>
  bool has_instruction(char const* sql, Wanted&& wanted);

  sqlite3* db_;
  sqlite3_vfs* clock_ = nullptr;
  micros last_now_ = 0;
  std::map<std::string, std::weak_ptr<stream_state>> streams_;  // "schema"."table", lower case
  struct {  // the last answer of find, for the same stream asked again and again
    std::string schema;
    std::string table;
    std::weak_ptr<stream_state> state;
  } last_found_;
  std::map<std::string, std::shared_ptr<query_clock>> clocks_;  // of the same names
  std::unordered_map<std::string, bool> verdicts_;
  std::optional<std::uint64_t> aggregate_seed_;
  struct {  // the last answer of slides_a_frame_of, for the many groups of one GROUP BY
    std::string question;
    bool answer = false;
  } slides_;
};

}  // namespace topk::engine
