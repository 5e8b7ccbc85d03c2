// Statements: `kept_` has one slot for each statement of statements.sql. A slot is filled at the
// first use, with the names of this stream in place of {tail}, {pane}, ...; it is emptied where the
// names change (rename) or where a prepared statement would keep its table locked (drop). Rare
// statements take no slot.
//
// Names: the schema of a database file may have been written by anybody. A view or virtual table
// with the name of a shadow table would run foreign code inside our statements: check_tables()
// refuses both when a stream is loaded, and drop() removes views, which DROP TABLE would not take.
#include "storage/shadow_tables.hpp"

#include <algorithm>

#include "shadow_sql.hpp"
#include "sqlite/values.hpp"

namespace topk::storage {
namespace {

struct shadow_column {
  char const* suffix;
  char const* name;
};
constexpr shadow_column shadow_columns[] = {
    {"config", "key"},   {"config", "value"}, {"tail", "seq"},        {"tail", "ts"},
    {"tail", "item"},    {"tail", "weight"},  {"tail", "partition"},  {"tail", "now"},
    {"tail", "held"},    {"pane", "level"},   {"pane", "pane"},       {"pane", "version"},
    {"pane", "body"},    {"part", "level"},   {"part", "pane"},       {"part", "partition"},
    {"part", "version"}, {"part", "body"},    {"keys", "id"},         {"keys", "partition"},
    {"log", "ts"},       {"log", "item"},     {"log", "weight"},      {"log", "partition"},
    {"log", "seq"},      {"block", "last"},   {"block", "first"},     {"block", "oldest"},
    {"block", "newest"}, {"block", "events"}, {"block", "body"},      {"ahead", "ts"},
    {"ahead", "item"},   {"ahead", "weight"}, {"ahead", "partition"}, {"ahead", "seq"}};

}  // namespace

bool is_shadow_suffix(std::string_view suffix) noexcept {
  return std::any_of(shadow_suffixes.begin(), shadow_suffixes.end(), [&](char const* known) {
    return sqlite3_strnicmp(known, suffix.data(), static_cast<int>(suffix.size())) == 0 &&
           std::string_view(known).size() == suffix.size();
  });
}

shadow_tables::shadow_tables(sqlite3* db, std::string schema, std::string table, log_form log)
    : db_(db), schema_(std::move(schema)), table_(std::move(table)), log_(log),
      kept_(sql_texts.size()) {}

std::string shadow_tables::shadow(std::string_view suffix) const {
  return sqlite::quoted(schema_) + "." + sqlite::quoted(table_ + "_" + std::string(suffix));
}

result<bool> shadow_tables::exists(std::string_view suffix) const {
  std::string const name = table_ + "_" + std::string(suffix);
  int const code = sqlite3_table_column_metadata(db_, schema_.c_str(), name.c_str(), nullptr,
                                                 nullptr, nullptr, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return true;
  if (code == SQLITE_ERROR) return false;  // "no such table"
  return sqlite::last_error(db_, code);
}

bool shadow_tables::is_ours(std::string_view suffix) const noexcept {
  if (suffix == "log") return log_ == log_form::rows || has_old_log_;
  if (suffix == "block") return log_ == log_form::blocks;
  return true;
}

// Made when it is needed; or empty, and left over.
bool shadow_tables::is_optional(std::string_view suffix) const noexcept {
  return suffix == "ahead" || suffix == "keys" || (suffix == "log" && log_ == log_form::blocks);
}

bool shadow_tables::has_columns(std::string_view suffix) const {
  std::string const name = table_ + "_" + std::string(suffix);
  return std::all_of(
      std::begin(shadow_columns), std::end(shadow_columns), [&](shadow_column const& each) {
        // SQLITE_ERROR is SQLite's for what is not there.
        return suffix != each.suffix ||
               sqlite3_table_column_metadata(db_, schema_.c_str(), name.c_str(), each.name, nullptr,
                                             nullptr, nullptr, nullptr, nullptr) != SQLITE_ERROR;
      });
}

result<bool> shadow_tables::has_own(std::string_view suffix) const {
  if (!is_ours(suffix)) return false;
  if (!is_optional(suffix)) return true;
  TOPK_ASSIGN(bool const is_there, exists(suffix));
  return is_there && has_columns(suffix);
}

// The stream's name, and the suffix of its log.
sqlite::statement::execution& shadow_tables::bind_names(sqlite::statement::execution& use) const {
  constexpr std::array<std::string_view, 3> logs = {"_config", "_log",
                                                    "_block"};  // none: a name twice
  return use.bind(1, std::string_view(table_)).bind(2, logs[static_cast<std::size_t>(log_)]);
}

bool shadow_tables::has_all() const {
  // Not by once(), which would ask here again.
  sqlite::statement look(db_, text(sql::not_a_table));
  auto use = look.begin();
  auto const is_other = bind_names(use).step();
  if (is_other && *is_other) return false;
  return std::all_of(shadow_suffixes.begin(), shadow_suffixes.end(), [&](char const* suffix) {
    if (!is_ours(suffix)) return true;
    if (is_optional(suffix)) {
      auto const is_there = exists(suffix);
      if (is_there && !*is_there) return true;
    }
    return has_columns(suffix);
  });
}

std::string shadow_tables::text(sql id) const {
  std::string out;
  std::string_view rest = sql_texts[static_cast<std::size_t>(id)];
  for (;;) {
    auto const open = rest.find('{');
    if (open == rest.npos) break;
    auto const close = rest.find('}', open);
    out += rest.substr(0, open);
    auto const word = rest.substr(open + 1, close - open - 1);
    out += word == "schema" ? sqlite::quoted(schema_) : shadow(word);
    rest = rest.substr(close + 1);
  }
  return out += rest;
}

sqlite::statement& shadow_tables::kept(sql id) {
  auto& slot = kept_[static_cast<std::size_t>(id)];
  if (!slot) slot.emplace(over(text(id)));
  return *slot;
}

void shadow_tables::release() noexcept {
  for (auto& slot : kept_) slot.reset();
}

int shadow_tables::repreparations(sql id) const noexcept {
  auto const& slot = kept_[static_cast<std::size_t>(id)];
  return slot ? slot->repreparations() : 0;
}

status shadow_tables::stop_if_interrupted() { return begin(sql::nothing).run(); }

status shadow_tables::run(sql id) {
  TOPK_TRY(stop_if_interrupted());
  auto const script = text(id);
  sqlite::step_under_way const running(&running_);
  auto outcome = sqlite::execute(db_, script);
  return outcome ? outcome : blamed_on(*this, std::move(outcome));
}

result<std::int64_t> shadow_tables::changed(sqlite::statement::execution& use) {
  TOPK_TRY(use.run());
  return std::int64_t{sqlite3_changes(db_)};
}

result<std::int64_t> shadow_tables::forget(sql id, item_view const& item) {
  auto query = once(id);
  auto use = query.begin();
  use.bind(1, item);
  return changed(use);
}

status shadow_tables::damaged(sqlite::statement::execution const& use, int column,
                              std::string_view suffix) const {
  return failure(errc::corrupt, "a row of " + shadow(suffix) + " has " +
                                    std::string(use.name(column)) + "=" +
                                    sqlite::shown(use.value(column)) + ", which is not an integer");
}

status shadow_tables::feed(sql into, sqlite::row_feed& rows, std::int64_t count) {
  auto use = begin(into);
  use.bind_pointer(1, &rows, sqlite::row_feed::module_name);
  TOPK_ASSIGN(auto const written, changed(use));
  if (written == count) return {};
  return failure(errc::corrupt, "a table or view named " +
                                    std::string(sqlite::row_feed::module_name) +
                                    " shadows an internal function; rename or drop it");
}

result<bool> shadow_tables::is_taken(std::string_view suffix) {
  auto query = once(sql::named);
  auto use = query.begin();
  std::string const name = table_ + "_" + std::string(suffix);
  return use.bind(1, std::string_view(name)).step();
}

status shadow_tables::create() {
  // What is made later would stand in the place of the user's.
  for (char const* const suffix : shadow_suffixes) {
    if (!is_ours(suffix) || !is_optional(suffix)) continue;
    TOPK_ASSIGN(bool const is_there, exists(suffix));
    if (!is_there) continue;
    std::string const name = table_ + "_" + suffix;
    return failure(errc::invalid_argument, "table " + sqlite::quoted(name) + " already exists");
  }
  TOPK_TRY(sqlite::execute(db_, text(sql::create_shared)));
  switch (log_) {
    case log_form::none: return {};
    case log_form::rows: return sqlite::execute(db_, text(sql::create_log));
    case log_form::blocks: return sqlite::execute(db_, text(sql::create_blocks));
  }
  return {};
}

status shadow_tables::create_blocks() { return run(sql::create_blocks); }

status shadow_tables::check_tables() {
  auto query = once(sql::not_a_table);
  auto use = query.begin();
  TOPK_ASSIGN(bool const has_row, bind_names(use).step());
  if (!has_row) return {};
  return failure(errc::corrupt, sqlite::quoted(schema_) + "." + sqlite::quoted(use.text(0)) +
                                    " should be a shadow table but is a " +
                                    (use.text(1) == "view" ? "view" : "virtual table"));
}

status shadow_tables::drop_views() {
  std::vector<std::string> views;
  {
    auto query = once(sql::not_a_table);
    auto use = query.begin();
    bind_names(use);
    TOPK_TRY(sqlite::for_each_row(use, [&]() -> status {
      if (use.text(1) == "view") views.emplace_back(use.text(0));
      return {};
    }));
  }
  for (auto const& view : views) {
    TOPK_TRY(
        sqlite::execute(db_, "DROP VIEW " + sqlite::quoted(schema_) + "." + sqlite::quoted(view)));
  }
  return {};
}

status shadow_tables::drop() {
  release();
  TOPK_TRY(drop_views());
  for (char const* const suffix : shadow_suffixes) {
    TOPK_ASSIGN(bool const is_own, has_own(suffix));
    if (!is_own) continue;
    TOPK_TRY(sqlite::execute(db_, "DROP TABLE IF EXISTS " + shadow(suffix)));
  }
  return {};
}

status shadow_tables::rename(std::string const& to) {
  release();
  std::string name = to;  // allocates here, so that nothing fails once the tables have new names
  for (char const* const suffix : shadow_suffixes) {
    TOPK_ASSIGN(bool const is_own, has_own(suffix));
    if (!is_own) continue;
    auto renamed = sqlite::execute(
        db_, "ALTER TABLE " + shadow(suffix) + " RENAME TO " + sqlite::quoted(to + "_" + suffix));
    if (renamed) continue;
    TOPK_ASSIGN(bool const is_there, exists(suffix));
    return is_there ? renamed : sqlite::missing_table(renamed);
  }
  table_.swap(name);
  release();
  return {};
}

void shadow_tables::rename_was_undone(std::string to) noexcept {
  release();
  table_.swap(to);
}

}  // namespace topk::storage
