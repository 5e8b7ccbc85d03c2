// The shadow tables of one stream as a whole: their names, their life from CREATE to DROP, and the
// statements of statements.sql, kept prepared. Each table's rows are defined in a file of its own:
// config_table, tail_table, log_table, block_table, pane_table, key_table, ahead_table.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sqlite/row_feed.hpp"
#include "sqlite/statement.hpp"

namespace topk::storage {

// One name for each statement of statements.sql; the build makes its enumerators.
enum class sql : std::uint8_t;

// The suffixes of shadow tables, behind xShadowName, DROP and RENAME.
inline constexpr std::array<char const*, 8> shadow_suffixes = {"config", "tail", "pane",  "part",
                                                               "keys",   "log",  "block", "ahead"};
[[nodiscard]] bool is_shadow_suffix(std::string_view suffix) noexcept;

// Where a stream keeps its events: nowhere, in stream_log or in stream_block.
enum class log_form : std::uint8_t { none, rows, blocks };
// What the config table calls `format`. A stream without a log has the first.
inline constexpr std::int64_t format_of_rows = 1;
inline constexpr std::int64_t format_of_blocks = 2;
inline constexpr std::int64_t newest_format = format_of_blocks;
[[nodiscard]] constexpr log_form form_of(std::int64_t format) noexcept {
  return format == format_of_rows ? log_form::rows : log_form::blocks;
}

// Statements are finalized with this object, which must go before the connection is closed.
class shadow_tables : public sqlite::own_tables {
 public:
  // `log` is what is known of it before the config table has been read.
  shadow_tables(sqlite3* db, std::string schema, std::string table, log_form log);
  shadow_tables(shadow_tables const&) = delete;  // its statements point to it
  shadow_tables& operator=(shadow_tables const&) = delete;

  [[nodiscard]] sqlite3* db() const noexcept { return db_; }
  [[nodiscard]] std::string const& schema() const noexcept { return schema_; }
  [[nodiscard]] std::string const& table() const noexcept { return table_; }
  [[nodiscard]] log_form log() const noexcept { return log_; }
  // As the config table says.
  void set_log(log_form log) noexcept { log_ = log; }
  // Whether stream_log is there, and empty, beside the blocks: see engine/old_log.
  void set_old_log(bool is_there) noexcept { has_old_log_ = is_there; }
  // "schema"."table", quoted.
  [[nodiscard]] std::string name() const {
    return sqlite::quoted(schema_) + "." + sqlite::quoted(table_);
  }
  // "schema"."table_suffix", quoted.
  [[nodiscard]] std::string shadow(std::string_view suffix) const;

  // Whether there is a table of this suffix. Costs no statement.
  [[nodiscard]] result<bool> exists(std::string_view suffix) const;

  // Whether anything in the schema, a view or an index also, has the name that a table of this
  // suffix would get.
  result<bool> is_taken(std::string_view suffix);

  status create();
  // The blocks' table, of a stream that had none.
  status create_blocks();
  status drop();
  status rename(std::string const& to);
  // The tables have had this name again since a rollback.
  void rename_was_undone(std::string to) noexcept;
  // errc::corrupt where a view or a virtual table has the name of a shadow table; of the log's,
  // once its form is known.
  status check_tables();

  // False also where a view or a virtual table has the name of a shadow table.
  [[nodiscard]] bool are_whole() const override { return has_all(); }

  // A statement over shadow tables.
  [[nodiscard]] sqlite::statement over(std::string sql) {
    return {db_, std::move(sql), &running_, this};
  }
  // Whether SQLite is running one of our statements right now: the caller was then invoked by a
  // trigger or view that somebody put on a shadow table.
  [[nodiscard]] bool is_running() const noexcept { return running_ > 0; }

  // ---- for the files of the tables

  // The text of a statement with its names filled in.
  [[nodiscard]] std::string text(sql id) const;
  // One execution of a statement that stays prepared from its first use on.
  [[nodiscard]] sqlite::statement::execution begin(sql id) { return kept(id).begin(); }
  // A rare statement, prepared for one use.
  [[nodiscard]] sqlite::statement once(sql id) { return over(text(id)); }
  // Fails where the connection has been interrupted. To be called before a write that may follow
  // another: a write that is interrupted itself takes the user's transaction with it.
  status stop_if_interrupted();
  // Runs a rare statement that has no parameters, or several.
  status run(sql id);
  // Runs `use`; returns how many rows it wrote or deleted.
  result<std::int64_t> changed(sqlite::statement::execution& use);
  // Deletes an item's rows by a rare statement; returns how many.
  result<std::int64_t> forget(sql id, item_view const& item);
  // Runs a statement that reads `count` rows from topk_row_feed. Cheaper a row than one INSERT
  // each, from some ten rows on.
  status feed(sql into, sqlite::row_feed& rows, std::int64_t count);
  // The INTEGER in a column of a row of stream_`suffix`; anything else is damage, and the error
  // names it. A key of another type sorts apart from all integers, and a loop that relies on rising
  // keys would not end.
  result<std::int64_t> integer(sqlite::statement::execution const& use, int column,
                               std::string_view suffix) const {
    if (use.type(column) == SQLITE_INTEGER) return use.integer(column);
    return damaged(use, column, suffix);
  }
  // How often SQLite has prepared a kept statement again.
  [[nodiscard]] int repreparations(sql id) const noexcept;

 private:
  [[nodiscard]] bool has_all() const;
  sqlite::statement& kept(sql id);
  void release() noexcept;
  status drop_views();
  // Whether a table of this suffix belongs to the stream; another may be the user's.
  [[nodiscard]] bool is_ours(std::string_view suffix) const noexcept;
  // Whether a table of this suffix may be missing.
  [[nodiscard]] bool is_optional(std::string_view suffix) const noexcept;
  // Whether there is a table of this suffix, and it belongs to the stream. True also for one that
  // is missing and should not be.
  [[nodiscard]] result<bool> has_own(std::string_view suffix) const;
  // Whether the table of this suffix has all columns that we use.
  [[nodiscard]] bool has_columns(std::string_view suffix) const;
  sqlite::statement::execution& bind_names(sqlite::statement::execution& use) const;
  [[nodiscard]] status damaged(sqlite::statement::execution const& use, int column,
                               std::string_view suffix) const;

  sqlite3* db_;
  std::string schema_;
  std::string table_;
  log_form log_;
  bool has_old_log_ = false;
  int running_ = 0;                                     // steps of our statements under way
  std::vector<std::optional<sqlite::statement>> kept_;  // by sql
};

}  // namespace topk::storage
