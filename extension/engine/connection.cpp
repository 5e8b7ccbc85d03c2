#include "engine/connection.hpp"

#include "engine/stream_state.hpp"
#include "sqlite/statement.hpp"

namespace topk::engine {
namespace {

constexpr std::int64_t julian_ms_at_1970 = 210'866'760'000'000;

std::string key_of(std::string_view schema, std::string_view table) {
  return sqlite::lowercase(sqlite::quoted(schema) + "." + sqlite::quoted(table));
}

}  // namespace

micros connection::now() noexcept {
  if (clock_ == nullptr) {
    void* vfs = nullptr;
    if (sqlite3_file_control(db_, "main", SQLITE_FCNTL_VFS_POINTER, static_cast<void*>(&vfs)) !=
            SQLITE_OK ||
        vfs == nullptr) {
      vfs = sqlite3_vfs_find(nullptr);
    }
    clock_ = static_cast<sqlite3_vfs*>(vfs);
  }
  sqlite3_int64 milliseconds = 0;
  if (std::string_view(clock_->zName) == "memdb" && read_clock_by_sql()) return last_now_;
  if (clock_->iVersion >= 2 && clock_->xCurrentTimeInt64 != nullptr) {
    clock_->xCurrentTimeInt64(clock_, &milliseconds);
  } else {
    double days = 0;
    clock_->xCurrentTime(clock_, &days);
    milliseconds = static_cast<sqlite3_int64>(days * 86'400'000.0 + 0.5);
  }
  return last_now_ = (milliseconds - julian_ms_at_1970) * 1000;
}

// A deserialized database has a VFS of its own, which is not the connection's; SQLite's dates
// follow that.
bool connection::read_clock_by_sql() noexcept {
  sqlite3_stmt* stmt = nullptr;
  constexpr char const* sql =
      "SELECT strftime('%s', 'now') * 1000 + "
      "CAST(substr(strftime('%f', 'now'), 4) AS INTEGER)";
  bool read = false;
  if (sqlite3_prepare_v2(db_, sql, -1, &stmt, nullptr) == SQLITE_OK &&
      sqlite3_step(stmt) == SQLITE_ROW) {
    last_now_ = sqlite3_column_int64(stmt, 0) * 1000;
    read = true;
  }
  sqlite3_finalize(stmt);
  return read;
}

std::shared_ptr<stream_state> connection::find(std::string_view schema, std::string_view table) {
  if (last_found_.table == table && last_found_.schema == schema) {
    if (auto state = last_found_.state.lock()) return state;
  }
  auto const at = streams_.find(key_of(schema, table));
  if (at == streams_.end()) return nullptr;
  last_found_ = {std::string(schema), std::string(table), at->second};
  return at->second.lock();
}

void connection::enter(std::shared_ptr<stream_state> const& state) {
  last_found_ = {};
  streams_[key_of(state->store().schema(), state->store().table())] = state;
}

void connection::leave(std::string_view schema, std::string_view table) noexcept {
  last_found_ = {};
  try {
    auto const key = key_of(schema, table);
    streams_.erase(key);
    clocks_.erase(key);
  } catch (...) {  // no memory to build the key: the dead entry is found dead when it is looked up
  }
}

std::shared_ptr<query_clock> connection::clock_of(std::string_view schema, std::string_view table) {
  auto& clock = clocks_[key_of(schema, table)];
  if (clock == nullptr) clock = std::make_shared<query_clock>();
  return clock;
}

status connection::rename(std::shared_ptr<stream_state> const& state, std::string const& to) {
  std::string const from = key_of(state->store().schema(), state->store().table());
  decltype(streams_) entry;
  std::string entry_key = key_of(state->store().schema(), to);
  entry[entry_key] = state;
  if (auto renamed = state->rename(to); !renamed) return renamed;
  // Nothing here allocates: the tables have their new names.
  last_found_ = {};
  streams_.erase(from);
  streams_.erase(entry.begin()->first);
  streams_.merge(entry);
  clocks_.erase(entry_key);
  if (auto clock = clocks_.extract(from); !clock.empty()) {
    clock.key() = std::move(entry_key);
    clocks_.insert(std::move(clock));
  }
  return {};
}

result<std::vector<std::string>> connection::schemas() {
  sqlite::statement list(db_, "SELECT name FROM pragma_database_list ORDER BY seq <> 1, seq");
  auto use = list.begin();
  std::vector<std::string> names;
  for (;;) {
    auto row = use.step();
    if (!row) return std::move(row).error();
    if (!*row) return names;
    names.emplace_back(use.text(0));
  }
}

// Looks the stream up in one schema, connecting its virtual table if the schema has it.
result<std::shared_ptr<stream_state>> connection::connect(std::string const& asked,
                                                          std::string const& table, bool& exists) {
  // "main" is a name of the first database, whatever SQLITE_DBCONFIG_MAINDBNAME has called it.
  char const* const first = sqlite::lowercase(asked) == "main" ? sqlite3_db_name(db_, 0) : nullptr;
  std::string const schema = first == nullptr ? asked : first;
  auto known = find(schema, table);
  if (known != nullptr) {
    auto const current = known->is_current();
    if (!current) return current.error();
    if (!*current) {
      leave(schema, table);
      known.reset();
    }
  }
  if (known != nullptr && !known->may_be_gone) {
    exists = true;
    return known;
  }
  {
    sqlite::statement look(db_, "SELECT 1 FROM " + sqlite::quoted(schema) +
                                    ".sqlite_schema WHERE type IN ('table', 'view') AND "
                                    "name = ?1 COLLATE NOCASE");
    auto use = look.begin();
    auto row = use.bind(1, std::string_view(table)).step();
    if (!row) return std::move(row).error();
    exists = *row;
    if (!exists) {
      leave(schema, table);
      return std::shared_ptr<stream_state>{};
    }
  }
  // Preparing a statement on a virtual table connects it.
  sqlite3_stmt* stmt = nullptr;
  std::string const sql =
      "SELECT 1 FROM " + sqlite::quoted(schema) + "." + sqlite::quoted(table) + " LIMIT 0";
  int const code = sqlite3_prepare_v2(db_, sql.c_str(), -1, &stmt, nullptr);
  sqlite::owned_stmt const owned(stmt);
  if (code != SQLITE_OK) return sqlite::last_error(db_, code);
  known = find(schema, table);
  if (known != nullptr) known->may_be_gone = false;
  return known;
}

bool connection::has_schema(std::string const& name) const noexcept {
  return sqlite3_db_readonly(db_, name.c_str()) != -1;
}

result<std::shared_ptr<stream_state>> connection::resolve(std::string_view name) {
  auto parsed = sqlite::table_name_of(name);
  if (!parsed) return std::move(parsed).error();
  if (parsed->schema && !has_schema(*parsed->schema)) {
    return failure(errc::invalid_argument, "stream='" + std::string(name) + "': no schema '" +
                                               *parsed->schema + "' is attached");
  }
  // Null: not in this schema.
  auto const look_in = [&](std::string const& schema) -> result<std::shared_ptr<stream_state>> {
    bool exists = false;
    auto state = connect(schema, parsed->table, exists);
    if (!state || *state || !exists) return state;
    return failure(errc::invalid_argument, "'" + std::string(name) +
                                               "' is a table but no stream: make one with CREATE "
                                               "VIRTUAL TABLE ... USING topk_stream()");
  };
  if (parsed->schema) {
    if (auto state = look_in(*parsed->schema); !state || *state) return state;
  } else {
    // Temp and main are first, and one of them has it nearly always: the list of all costs a query.
    for (std::string const schema : {"temp", "main"}) {
      if (!has_schema(schema)) continue;
      if (auto state = look_in(schema); !state || *state) return state;
    }
    auto names = schemas();
    if (!names) return std::move(names).error();
    for (auto const& schema : *names) {
      if (schema == "temp" || schema == "main") continue;
      if (auto state = look_in(schema); !state || *state) return state;
    }
  }
  bool const is_default = sqlite::lowercase(parsed->table) == default_stream &&
                          (!parsed->schema || sqlite::lowercase(*parsed->schema) == "main");
  if (is_default) return std::shared_ptr<stream_state>{};
  return failure(errc::invalid_argument, "no such stream: '" + std::string(name) + "'");
}

result<std::shared_ptr<stream_state>> connection::resolve_default() {
  bool exists = false;
  auto state = connect("main", default_stream, exists);
  if (!state || *state || !exists) return state;
  return failure(errc::invalid_argument,
                 "the table 'topk_events' is no stream: rename it, so that the default stream can "
                 "have its name");
}

result<bool> connection::is_being_read(std::string const& schema, std::int64_t root) {
  if (root == 0) return false;
  std::int64_t database = -1;
  for (sqlite3_stmt* stmt = sqlite3_next_stmt(db_, nullptr); stmt != nullptr;
       stmt = sqlite3_next_stmt(db_, stmt)) {
    if (!sqlite3_stmt_busy(stmt)) continue;
    char const* const sql = sqlite3_sql(stmt);
    if (sql == nullptr) return true;
    std::string key = std::to_string(root) + " " + schema + " " + sql;
    auto verdict = verdicts_.find(key);
    if (verdict == verdicts_.end()) {
      if (database < 0) {
        sqlite::statement number(
            db_, "SELECT seq FROM pragma_database_list WHERE name = ?1 COLLATE NOCASE");
        auto use = number.begin();
        auto row = use.bind(1, std::string_view(schema)).step();
        if (!row) return row;
        database = *row ? use.integer(0) : 0;
      }
      auto opened = opens(sql, database, root);
      if (!opened) return opened;
      verdict = verdicts_.emplace(std::move(key), *opened).first;
      return is_being_read(schema, root);  // the list of statements has moved on
    }
    if (verdict->second) return true;
  }
  return false;
}

// SQLite's own program of the statement says which b-trees it opens, views and triggers included.
result<bool> connection::opens(char const* sql, std::int64_t database, std::int64_t root) {
  return has_instruction(sql, [&](std::string_view opcode, sqlite3_stmt* at) {
    return (opcode.starts_with("Open") || opcode.starts_with("Reopen")) &&
           sqlite3_column_int64(at, 3) == root && sqlite3_column_int64(at, 4) == database;
  });
}

template <class Wanted>
bool connection::has_instruction(char const* sql, Wanted&& wanted) {
  sqlite3_stmt* stmt = nullptr;
  std::string const explain = std::string("EXPLAIN ") + sql;
  int const code = sqlite3_prepare_v2(db_, explain.c_str(), -1, &stmt, nullptr);
  sqlite::owned_stmt const owned(stmt);
  if ((code & 0xFF) == SQLITE_NOMEM) throw std::bad_alloc();
  if (code != SQLITE_OK || stmt == nullptr || sqlite3_column_count(stmt) < 8) return true;
  for (;;) {
    int const step = sqlite3_step(stmt);
    if ((step & 0xFF) == SQLITE_NOMEM) throw std::bad_alloc();
    if (step == SQLITE_DONE) return false;
    if (step != SQLITE_ROW) return true;
    auto const* opcode = reinterpret_cast<char const*>(sqlite3_column_text(stmt, 1));
    if (opcode == nullptr || wanted(std::string_view(opcode), stmt)) return true;
  }
}

bool connection::slides_a_frame_of(std::string_view function) {
  std::vector<std::string> running;
  std::string question(function);
  for (sqlite3_stmt* stmt = sqlite3_next_stmt(db_, nullptr); stmt != nullptr;
       stmt = sqlite3_next_stmt(db_, stmt)) {
    if (!sqlite3_stmt_busy(stmt)) continue;
    char const* const sql = sqlite3_sql(stmt);
    if (sql == nullptr) return true;
    running.emplace_back(sql);
    question += '\n' + std::to_string(reinterpret_cast<std::uintptr_t>(stmt)) + ' ' +
                std::to_string(sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_RUN, 0)) + ' ' + sql;
  }
  if (question == slides_.question) return slides_.answer;
  bool slides = false;
  for (auto const& sql : running) {
    slides = slides || has_instruction(sql.c_str(), [&](std::string_view opcode, sqlite3_stmt* at) {
               auto const* called = reinterpret_cast<char const*>(sqlite3_column_text(at, 5));
               return opcode == "AggInverse" && called != nullptr &&
                      std::string_view(called).starts_with(function);
             });
  }
  slides_.question = std::move(question);
  slides_.answer = slides;
  return slides;
}

std::uint64_t connection::aggregate_seed() noexcept {
  if (!aggregate_seed_) {
    std::uint64_t seed = 0;
    sqlite3_randomness(sizeof(seed), &seed);
    aggregate_seed_ = seed;
  }
  return *aggregate_seed_;
}

}  // namespace topk::engine
