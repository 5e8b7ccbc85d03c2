#include "storage/shadow_store.hpp"

#include <algorithm>

#include "shadow_sql.hpp"

namespace topk::storage {

struct shadow_store::statements {
  explicit statements(shadow_store& of)
      : get_config(of.make(sql::get_config)), put_config(of.make(sql::put_config)),
        data_version(of.make(sql::data_version)), hold(of.make(sql::hold)),
        read_uncommitted(of.make(sql::read_uncommitted)), put_tail(of.make(sql::put_tail)),
        tail_after(of.make(sql::tail_after)), last_tail(of.make(sql::last_tail)),
        drop_tail(of.make(sql::drop_tail)), held_count(of.make(sql::held_count)),
        log_held(of.make(sql::log_held)), release_held(of.make(sql::release_held)),
        put_log(of.make(sql::put_log)), feed_tail(of.make(sql::feed_tail)),
        feed_log(of.make(sql::feed_log)), expire_log(of.make(sql::expire_log)),
        get_pane(of.make(sql::get_pane)), put_pane(of.make(sql::put_pane)),
        each_pane(of.make(sql::each_pane)), next_pane(of.make(sql::next_pane)),
        expire_panes(of.make(sql::expire_panes)), get_part(of.make(sql::get_part)),
        put_part(of.make(sql::put_part)), each_part_of(of.make(sql::each_part_of)),
        each_part(of.make(sql::each_part)), expire_parts(of.make(sql::expire_parts)),
        keys_after(of.make(sql::keys_after)), put_key(of.make(sql::put_key)) {}

  sqlite::statement get_config, put_config, data_version, hold, read_uncommitted, put_tail,
      tail_after, last_tail, drop_tail, held_count, log_held, release_held, put_log, feed_tail,
      feed_log, expire_log, get_pane, put_pane, each_pane, next_pane, expire_panes, get_part,
      put_part, each_part_of, each_part, expire_parts, keys_after, put_key;
};

bool is_shadow_suffix(std::string_view suffix) noexcept {
  return std::any_of(shadow_suffixes.begin(), shadow_suffixes.end(), [&](char const* known) {
    return sqlite3_strnicmp(known, suffix.data(), static_cast<int>(suffix.size())) == 0 &&
           std::string_view(known).size() == suffix.size();
  });
}

shadow_store::shadow_store(sqlite3* db, std::string schema, std::string table, bool has_log)
    : db_(db), schema_(std::move(schema)), table_(std::move(table)), has_log_(has_log) {
  prepare();
}

void shadow_store::prepare() { statements_ = std::make_shared<statements>(*this); }

std::string shadow_store::shadow(std::string_view suffix) const {
  return sqlite::quoted(schema_) + "." + sqlite::quoted(table_ + "_" + std::string(suffix));
}

std::string shadow_store::filled(char const* sql) const {
  std::string out;
  std::string_view rest = sql;
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

std::string shadow_store::log_rows_sql(bool with_held) const {
  return filled(sql::log_span) + (with_held ? filled(sql::held_span) : "");
}

status shadow_store::create(bool with_log) {
  if (auto made = sqlite::execute(db_, filled(sql::create_shared)); !made) return made;
  return with_log ? sqlite::execute(db_, filled(sql::create_log)) : status{};
}

status shadow_store::check_tables() {
  auto once = make(sql::not_a_table);
  auto use = once.begin();
  auto row = use.bind(1, std::string_view(table_)).step();
  if (!row) return std::move(row).error();
  if (!*row) return {};
  return failure(errc::corrupt, sqlite::quoted(schema_) + "." + sqlite::quoted(use.text(0)) +
                                    " is no shadow table but a " +
                                    (use.text(1) == "view" ? "view" : "virtual table"));
}

// Views that stand in a table's place: DROP TABLE would not take them.
status shadow_store::drop_views() {
  std::vector<std::string> views;
  {
    auto once = make(sql::not_a_table);
    auto use = once.begin();
    use.bind(1, std::string_view(table_));
    for (;;) {
      auto row = use.step();
      if (!row) return std::move(row).error();
      if (!*row) break;
      if (use.text(1) == "view") views.emplace_back(use.text(0));
    }
  }
  for (auto const& view : views) {
    auto gone =
        sqlite::execute(db_, "DROP VIEW " + sqlite::quoted(schema_) + "." + sqlite::quoted(view));
    if (!gone) return gone;
  }
  return {};
}

status shadow_store::drop() {
  prepare();  // a statement in use would keep its table locked
  if (auto gone = drop_views(); !gone) return gone;
  for (char const* const suffix : shadow_suffixes) {
    if (auto gone = sqlite::execute(db_, "DROP TABLE IF EXISTS " + shadow(suffix)); !gone)
      return gone;
  }
  return {};
}

status shadow_store::rename(std::string const& to) {
  prepare();  // a statement in use would keep its table locked
  // All that allocates comes first: names change here and in the file, or nowhere.
  std::string name = to;
  name.swap(table_);
  std::shared_ptr<statements> renamed;
  try {
    renamed = std::make_shared<statements>(*this);
  } catch (...) {
    name.swap(table_);
    throw;
  }
  name.swap(table_);
  for (char const* const suffix : shadow_suffixes) {
    if (!has_log_ && std::string_view(suffix) == "log") continue;
    auto done = sqlite::execute(
        db_, "ALTER TABLE " + shadow(suffix) + " RENAME TO " + sqlite::quoted(to + "_" + suffix));
    if (!done) return done;
  }
  name.swap(table_);
  statements_.swap(renamed);
  return {};
}

status shadow_store::hold() {
  auto use = statements_->hold.begin();
  auto row = use.step();
  return row ? status{} : std::move(row).error();
}

result<std::int64_t> shadow_store::data_version() {
  auto use = statements_->data_version.begin();
  auto row = use.step();
  if (!row) return std::move(row).error();
  return *row ? use.integer(0) : 0;
}

std::optional<std::uint32_t> shadow_store::commits() const noexcept {
  unsigned int version = 0;
  int const code = sqlite3_file_control(db_, schema_.c_str(), SQLITE_FCNTL_DATA_VERSION,
                                        static_cast<void*>(&version));
  if (code != SQLITE_OK) return std::nullopt;
  return version;
}

result<bool> shadow_store::reads_uncommitted() {
  auto use = statements_->read_uncommitted.begin();
  auto row = use.step();
  if (!row) return std::move(row).error();
  return *row && use.integer(0) != 0;
}

int shadow_store::schema_readings() const noexcept { return statements_->hold.repreparations(); }

bool shadow_store::is_deserialized() const noexcept {
  sqlite3_vfs* vfs = nullptr;
  int const code = sqlite3_file_control(db_, schema_.c_str(), SQLITE_FCNTL_VFS_POINTER,
                                        static_cast<void*>(&vfs));
  return code == SQLITE_OK && vfs != nullptr && std::string_view(vfs->zName) == "memdb";
}

result<std::optional<std::vector<std::byte>>> shadow_store::config_blob(std::string_view key) {
  auto use = statements_->get_config.begin();
  auto row = use.bind(1, key).step();
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<std::vector<std::byte>>{};
  auto const bytes = use.blob(0);
  return std::optional(std::vector<std::byte>(bytes.begin(), bytes.end()));
}

result<std::optional<std::int64_t>> shadow_store::config_integer(std::string_view key) {
  auto use = statements_->get_config.begin();
  auto row = use.bind(1, key).step();
  if (!row) return std::move(row).error();
  if (!*row || use.type(0) != SQLITE_INTEGER) return std::optional<std::int64_t>{};
  return std::optional(use.integer(0));
}

status shadow_store::put_config(std::string_view key, byte_view blob) {
  return statements_->put_config.begin().bind(1, key).bind(2, blob).run();
}
status shadow_store::put_config(std::string_view key, std::int64_t value) {
  return statements_->put_config.begin().bind(1, key).bind(2, value).run();
}

status shadow_store::put_tail(sqlite::tail_row const& row) {
  auto use = statements_->put_tail.begin();
  use.bind(1, row.seq).bind(2, row.ts).bind(3, row.item).bind(4, row.weight);
  if (row.partition) use.bind(5, *row.partition);
  if (row.now) use.bind(6, *row.now);
  if (row.held) use.bind(7, std::int64_t{1});
  return use.run();
}

status shadow_store::put_log(sqlite::tail_row const& row) {
  auto use = statements_->put_log.begin();
  use.bind_time(1, row.ts).bind(2, row.item).bind(3, row.weight).bind(5, row.seq);
  if (row.partition) use.bind(4, *row.partition);
  return use.run();
}

status shadow_store::feed_all(sqlite::statement& into, sqlite::row_feed& rows, std::int64_t count) {
  auto use = into.begin();
  use.bind_pointer(1, &rows, sqlite::row_feed::module_name);
  auto const written = changed(use);
  if (!written) return written.error();
  if (*written == count) return {};
  return failure(errc::corrupt, "something of the name " +
                                    std::string(sqlite::row_feed::module_name) +
                                    " stands before the function of the extension; drop it");
}

status shadow_store::put_tail(sqlite::row_feed& rows, std::int64_t count) {
  return feed_all(statements_->feed_tail, rows, count);
}

status shadow_store::put_log(sqlite::row_feed& rows, std::int64_t count) {
  return feed_all(statements_->feed_log, rows, count);
}

status shadow_store::tail_after(std::int64_t seq,
                                std::function<status(sqlite::tail_row const&)> const& visitor) {
  auto use = statements_->tail_after.begin();
  use.bind(1, seq);
  for (;;) {
    auto row = use.step();
    if (!row) return std::move(row).error();
    if (!*row) return {};
    if (use.type(0) != SQLITE_INTEGER || use.type(1) != SQLITE_INTEGER ||
        use.type(3) != SQLITE_INTEGER || (!use.is_null(5) && use.type(5) != SQLITE_INTEGER)) {
      return failure(errc::corrupt, "a row of " + shadow("tail") + " is damaged");
    }
    char number[8];
    auto const item = sqlite::item_of(use.value(2), number);
    if (!item) return failure(errc::corrupt, "a row of " + shadow("tail") + " has no item");
    sqlite::tail_row out{
        .seq = use.integer(0), .ts = use.integer(1), .item = *item, .weight = use.integer(3)};
    out.partition = use.item(4);
    if (!use.is_null(5)) out.now = use.integer(5);
    out.held = !use.is_null(6);
    if (auto seen = visitor(out); !seen) return seen;
  }
}

result<std::int64_t> shadow_store::last_tail_seq() {
  auto use = statements_->last_tail.begin();
  auto row = use.step();
  if (!row) return std::move(row).error();
  return *row ? use.integer(0) : 0;
}

status shadow_store::drop_tail(std::int64_t up_to) {
  return statements_->drop_tail.begin().bind(1, up_to).run();
}

result<std::int64_t> shadow_store::held_count(std::int64_t up_to) {
  auto use = statements_->held_count.begin();
  auto row = use.bind(1, up_to).step();
  if (!row) return std::move(row).error();
  return *row ? use.integer(0) : 0;
}

status shadow_store::log_held(std::int64_t folded) {
  if (auto done = statements_->log_held.begin().run(); !done) return done;
  if (auto done = statements_->release_held.begin().run(); !done) return done;
  return drop_tail(folded);
}

result<std::int64_t> shadow_store::changed(sqlite::statement::execution& use) {
  if (auto done = use.run(); !done) return done;
  return std::int64_t{sqlite3_changes(db_)};
}

result<std::int64_t> shadow_store::expire_log(std::int64_t before, std::int64_t limit) {
  auto use = statements_->expire_log.begin();
  use.bind_time(1, before).bind(2, limit);
  return changed(use);
}

result<bool> shadow_store::get_pane(std::int64_t level, std::int64_t pane,
                                    item_view const* partition, std::int64_t& version,
                                    std::vector<std::byte>& body) {
  auto use = (partition == nullptr ? statements_->get_pane : statements_->get_part).begin();
  use.bind(1, level).bind(2, pane);
  if (partition != nullptr) use.bind(3, *partition);
  auto row = use.step();
  if (!row || !*row) return row;
  version = use.integer(0);
  auto const bytes = use.blob(1);
  body.assign(bytes.begin(), bytes.end());
  return true;
}

status shadow_store::put_pane(std::int64_t level, body_row const& row) {
  bool const whole = !row.partition;
  auto use = (whole ? statements_->put_pane : statements_->put_part).begin();
  use.bind(1, level).bind(2, row.pane);
  if (!whole) use.bind(3, *row.partition);
  return use.bind(whole ? 3 : 4, row.version).bind(whole ? 4 : 5, row.body).run();
}

status shadow_store::each_pane(std::int64_t level, std::int64_t first, std::int64_t last,
                               body_visitor const& visitor) {
  auto use = statements_->each_pane.begin();
  use.bind(1, level).bind(2, first).bind(3, last);
  for (;;) {
    auto row = use.step();
    if (!row) return std::move(row).error();
    if (!*row) return {};
    auto seen = visitor({use.integer(0), use.integer(1), use.blob(2), std::nullopt});
    if (!seen) return seen;
  }
}

status shadow_store::each_part_of(item_view const& partition, std::int64_t level,
                                  std::int64_t first, std::int64_t last,
                                  body_visitor const& visitor) {
  auto use = statements_->each_part_of.begin();
  use.bind(1, level).bind(2, first).bind(3, last).bind(4, partition);
  for (;;) {
    auto row = use.step();
    if (!row) return std::move(row).error();
    if (!*row) return {};
    auto seen = visitor({use.integer(0), use.integer(1), use.blob(2), partition});
    if (!seen) return seen;
  }
}

status shadow_store::each_part(std::int64_t level, std::int64_t first, std::int64_t last,
                               body_visitor const& visitor) {
  auto use = statements_->each_part.begin();
  use.bind(1, level).bind(2, first).bind(3, last);
  for (;;) {
    auto row = use.step();
    if (!row) return std::move(row).error();
    if (!*row) return {};
    auto const partition = use.item(0);
    if (!partition)
      return failure(errc::corrupt, "a row of " + shadow("part") + " has no partition");
    auto seen = visitor({use.integer(1), use.integer(2), use.blob(3), *partition});
    if (!seen) return seen;
  }
}

result<std::optional<std::int64_t>> shadow_store::next_pane(std::int64_t level,
                                                            std::int64_t first) {
  auto use = statements_->next_pane.begin();
  auto row = use.bind(1, level).bind(2, first).step();
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<std::int64_t>{};
  return std::optional(use.integer(0));
}

result<std::int64_t> shadow_store::expire(std::int64_t level, std::int64_t last,
                                          std::int64_t limit) {
  auto use = statements_->expire_panes.begin();
  use.bind(1, level).bind(2, last).bind(3, limit);
  auto panes = changed(use);
  if (!panes) return panes;
  auto use_parts = statements_->expire_parts.begin();
  use_parts.bind(1, level).bind(2, last).bind(3, limit);
  auto parts = changed(use_parts);
  if (!parts) return parts;
  return *panes + *parts;
}

status shadow_store::keys_after(
    std::int64_t id, std::function<void(std::int64_t, item_view const&)> const& visitor) {
  auto use = statements_->keys_after.begin();
  use.bind(1, id);
  for (;;) {
    auto row = use.step();
    if (!row) return std::move(row).error();
    if (!*row) return {};
    auto const partition = use.item(1);
    if (!partition)
      return failure(errc::corrupt, "a row of " + shadow("keys") + " has no partition");
    visitor(use.integer(0), *partition);
  }
}

status shadow_store::put_key(item_view const& partition) {
  return statements_->put_key.begin().bind(1, partition).run();
}

// The statements below are rare: prepared for one use.

result<std::int64_t> shadow_store::drop_unused_keys() {
  auto once = make(sql::drop_keys);
  auto use = once.begin();
  return changed(use);
}

status shadow_store::pane_figures(std::int64_t& panes, std::int64_t& bytes) {
  auto once = make(sql::pane_figures);
  auto use = once.begin();
  auto row = use.step();
  if (!row) return std::move(row).error();
  panes = use.integer(0);
  bytes = use.integer(1);
  return {};
}

result<std::int64_t> shadow_store::forget_tail(item_view const& item) {
  auto once = make(sql::forget_tail);
  auto use = once.begin();
  use.bind(1, item);
  return changed(use);
}

result<std::int64_t> shadow_store::forget_log(item_view const& item) {
  auto once = make(sql::forget_log);
  auto use = once.begin();
  use.bind(1, item);
  return changed(use);
}

status shadow_store::clear(char const* sql) {
  auto const script = filled(sql);
  sqlite::step_under_way const running(&running_);
  return sqlite::execute(db_, script);
}
status shadow_store::clear_panes() { return clear(sql::clear_panes); }
status shadow_store::clear_keys() { return clear(sql::clear_keys); }
status shadow_store::clear_tail() { return clear(sql::clear_tail); }

status shadow_store::clear_all(bool with_log) {
  if (auto gone = clear(sql::clear_shared); !gone) return gone;
  return with_log ? clear(sql::clear_log) : status{};
}

result<std::int64_t> shadow_store::log_root() {
  if (!has_log_) return std::int64_t{0};
  sqlite::statement once(db_,
                         "SELECT rootpage FROM " + sqlite::quoted(schema_) +
                             ".sqlite_schema WHERE type = 'table' AND lower(name) = lower(?1)");
  auto use = once.begin();
  std::string const name = table_ + "_log";
  auto row = use.bind(1, std::string_view(name)).step();
  if (!row) return std::move(row).error();
  return *row ? use.integer(0) : 0;
}

}  // namespace topk::storage
