// The shadow tables of one stream: rows in, rows out; knows no blob.
//
// Every method runs statements of sql/shadow/statements.sql, prepared once and finalized with this
// object, which must go before the connection is closed.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sqlite/row_feed.hpp"
#include "sqlite/statement.hpp"

namespace topk::storage {

// The suffixes of shadow tables, behind xShadowName, DROP and RENAME.
inline constexpr std::array<char const*, 6> shadow_suffixes = {"config", "tail", "pane",
                                                               "part",   "keys", "log"};
[[nodiscard]] bool is_shadow_suffix(std::string_view suffix) noexcept;

struct body_row {
  std::int64_t pane = 0;
  std::int64_t version = 0;
  byte_view body;
  std::optional<item_view> partition{};
};

class shadow_store {
 public:
  shadow_store(sqlite3* db, std::string schema, std::string table, bool has_log);
  shadow_store(shadow_store const&) = delete;  // its statements point to it
  shadow_store& operator=(shadow_store const&) = delete;

  [[nodiscard]] sqlite3* db() const noexcept { return db_; }
  [[nodiscard]] std::string const& schema() const noexcept { return schema_; }
  [[nodiscard]] std::string const& table() const noexcept { return table_; }
  // "schema"."table", quoted.
  [[nodiscard]] std::string name() const {
    return sqlite::quoted(schema_) + "." + sqlite::quoted(table_);
  }
  // "schema"."table_suffix", quoted.
  [[nodiscard]] std::string shadow(std::string_view suffix) const;
  // A SELECT of ts, item, weight, partition, seq over the log, and the tail's held rows if asked.
  // Parameters: 1 and 2 the span in seconds; 3 and 4 the same in microseconds, for held rows.
  [[nodiscard]] std::string log_rows_sql(bool with_held) const;

  // A statement over shadow tables.
  [[nodiscard]] sqlite::statement over(std::string sql) { return {db_, std::move(sql), &running_}; }
  // Whether SQLite runs one of our statements right now: whoever asks was called by a trigger or a
  // view that somebody put on a shadow table.
  [[nodiscard]] bool is_running() const noexcept { return running_ > 0; }

  status create(bool with_log);
  status drop();
  status rename(std::string const& to);

  // errc::corrupt where a view or a virtual table stands in a shadow table's place.
  status check_tables();
  // Differs after every commit of others. Begins a read transaction.
  result<std::int64_t> data_version();
  // Differs after every commit, also of this connection; costs no statement. nullopt: cannot be
  // told. Tells of what the schema's read transaction sees: without one, of what was last seen.
  // hold() begins one, also where the statement that asks reads another schema only.
  [[nodiscard]] std::optional<std::uint32_t> commits() const noexcept;
  // Where connections share a cache: keeps others from committing events until the transaction
  // ends, as reading the tables would. Everywhere else the read transaction does. Requires: the
  // tables are sound.
  status hold();
  // Differs where the schema was read anew before the last hold(): also where sqlite3_backup has
  // written another database over this one by the same connection, which data_version() takes for
  // its own commits.
  [[nodiscard]] int schema_readings() const noexcept;
  // PRAGMA read_uncommitted: where connections share a cache, rows may be seen that are undone
  // later.
  result<bool> reads_uncommitted();
  // Whether sqlite3_deserialize may have put another database in this one's place, which leaves no
  // trace.
  [[nodiscard]] bool is_deserialized() const noexcept;
  // Text, blob or integer as stored; nullopt: no such row.
  result<std::optional<std::vector<std::byte>>> config_blob(std::string_view key);
  result<std::optional<std::int64_t>> config_integer(std::string_view key);
  status put_config(std::string_view key, byte_view blob);
  status put_config(std::string_view key, std::int64_t value);

  status put_tail(sqlite::tail_row const& row);
  status put_log(sqlite::tail_row const& row);
  // The `count` rows that the feed has. Cheaper a row, from some ten rows on.
  status put_tail(sqlite::row_feed& rows, std::int64_t count);
  status put_log(sqlite::row_feed& rows, std::int64_t count);
  status tail_after(std::int64_t seq,
                    std::function<status(sqlite::tail_row const&)> const& visitor);
  result<std::int64_t> last_tail_seq();
  status drop_tail(std::int64_t up_to);
  result<std::int64_t> held_count(std::int64_t up_to);
  // Gives the held rows of the tail their rows in the log, and forgets those at or before `folded`.
  status log_held(std::int64_t folded);
  // Returns how many rows went. `before` is in microseconds, inclusive.
  result<std::int64_t> expire_log(std::int64_t before, std::int64_t limit);

  using body_visitor = std::function<status(body_row const&)>;
  result<bool> get_pane(std::int64_t level, std::int64_t pane, item_view const* partition,
                        std::int64_t& version, std::vector<std::byte>& body);
  status put_pane(std::int64_t level, body_row const& row);
  status each_pane(std::int64_t level, std::int64_t first, std::int64_t last,
                   body_visitor const& visitor);
  status each_part_of(item_view const& partition, std::int64_t level, std::int64_t first,
                      std::int64_t last, body_visitor const& visitor);
  status each_part(std::int64_t level, std::int64_t first, std::int64_t last,
                   body_visitor const& visitor);
  result<std::optional<std::int64_t>> next_pane(std::int64_t level, std::int64_t first);
  result<std::int64_t> expire(std::int64_t level, std::int64_t last, std::int64_t limit);

  // Partitions known, in order of their ids.
  status keys_after(
      std::int64_t id,
      std::function<void(std::int64_t id, item_view const& partition)> const& visitor);
  status put_key(item_view const& partition);
  result<std::int64_t> drop_unused_keys();

  // Count of panes, and bytes of panes and config.
  status pane_figures(std::int64_t& panes, std::int64_t& bytes);
  // Removes the item's rows; returns how many.
  result<std::int64_t> forget_tail(item_view const& item);
  result<std::int64_t> forget_log(item_view const& item);
  status clear_panes();
  status clear_tail();
  status clear_keys();
  status clear_all(bool with_log);

  // The page of the log in its schema, for finding who reads it; 0 without a log.
  result<std::int64_t> log_root();

 private:
  struct statements;
  // The text of a statement with its names filled in.
  [[nodiscard]] std::string filled(char const* sql) const;
  // Statements hold names: a rename makes new ones.
  void prepare();
  [[nodiscard]] sqlite::statement make(char const* sql) { return over(filled(sql)); }
  status clear(char const* sql);
  status drop_views();
  result<std::int64_t> changed(sqlite::statement::execution& use);
  status feed_all(sqlite::statement& into, sqlite::row_feed& rows, std::int64_t count);

  sqlite3* db_;
  std::string schema_;
  std::string table_;
  bool has_log_;
  int running_ = 0;
  std::shared_ptr<statements> statements_;
};

}  // namespace topk::storage
