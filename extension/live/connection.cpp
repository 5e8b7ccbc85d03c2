// Streams are found by name, "schema"."table" in lower case; the entry is weak, as SQLite connects
// and disconnects virtual tables when it likes.
//
//   resolve(name) --> connect(schema, table)
//                       |  entry alive, its table not undone  -->  that stream
//                       |  else look into sqlite_schema: not there --> none, and the entry goes
//                       '->  prepare "SELECT 1 FROM schema.table": SQLite connects the virtual
//                            table, whose xConnect enters the stream here
//
#include "live/connection.hpp"

#include "live/query_clock.hpp"
#include "sqlite/statement.hpp"
#include "sqlite/values.hpp"

namespace topk::live {
namespace {

// A name as an argument: in quotes where it holds what separates or quotes names.
std::string spelled(std::string_view name) {
  bool const is_plain = name.find_first_of(".\"") == name.npos && !name.empty();
  return is_plain ? std::string(name) : sqlite::quoted(name);
}

}  // namespace

std::shared_ptr<open_stream> connection::find(std::string_view schema, std::string_view table) {
  if (last_found_.table == table && last_found_.schema == schema) {
    if (auto state = last_found_.state.lock()) return state;
  }
  auto const at = streams_.find(key_of(schema, table));
  if (at == streams_.end()) return nullptr;
  last_found_ = {std::string(schema), std::string(table), at->second};
  return at->second.lock();
}

result<std::shared_ptr<open_stream>> connection::find_undone(std::string const& schema,
                                                             std::string const& table) {
  for (auto const& entry : all_) {
    auto state = entry.lock();
    if (state == nullptr) continue;
    if (sqlite::lowercase(state->store().schema()) != sqlite::lowercase(schema)) continue;
    TOPK_ASSIGN(bool const is_it, state->is_stored_as(table));
    if (!is_it) continue;
    std::string name = table;
    last_found_ = {};
    auto const former = key_of(state->store().schema(), state->store().table());
    if (auto const at = streams_.find(former); at != streams_.end() && at->second.lock() == state) {
      streams_.erase(at);
    }
    state->rename_was_undone(std::move(name));
    return state;
  }
  return std::shared_ptr<open_stream>{};
}

void connection::enter(std::shared_ptr<open_stream> const& state) {
  last_found_ = {};
  std::erase_if(all_, [&](auto const& one) { return one.expired() || one.lock() == state; });
  all_.push_back(state);
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

void connection::dropped(open_stream& state) noexcept {
  state.doubt();
  try {
    clocks_.erase(key_of(state.store().schema(), state.store().table()));
  } catch (...) {  // no memory to build the key: latencies of a stream of that name stay
  }
}

status connection::rename(std::shared_ptr<open_stream> const& state, std::string const& to) {
  std::string const from = key_of(state->store().schema(), state->store().table());
  decltype(streams_) entry;
  std::string entry_key = key_of(state->store().schema(), to);
  entry[entry_key] = state;
  TOPK_TRY(state->rename(to));
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
  sqlite::statement list(db(), "SELECT name FROM pragma_database_list ORDER BY seq <> 1, seq");
  auto use = list.begin();
  std::vector<std::string> names;
  for (;;) {
    TOPK_ASSIGN(bool const has_row, use.step());
    if (!has_row) return names;
    names.emplace_back(use.text(0));
  }
}

// Looks the stream up in one schema, connecting its virtual table if the schema has it.
result<std::vector<std::string>> connection::stream_names() {
  std::vector<std::string> names;
  TOPK_ASSIGN(auto const all, schemas());
  for (auto const& schema : all) {
    sqlite::statement list(
        db(),
        "SELECT name, EXISTS (SELECT 1 FROM temp.sqlite_schema AS hiding WHERE "
        "hiding.type IN ('table', 'view') AND hiding.name = listed.name COLLATE NOCASE) "
        "FROM " +
            sqlite::quoted(schema) +
            ".sqlite_schema AS listed WHERE type = 'table' AND rootpage = 0 AND "
            "sql LIKE 'create virtual table%using%topk_stream%' ORDER BY name");
    auto use = list.begin();
    TOPK_TRY(sqlite::for_each_row(use, [&]() -> status {
      std::string name = spelled(use.text(0));
      bool const is_plain = schema == "main" && use.integer(1) == 0;
      names.push_back(is_plain ? name : spelled(schema) + "." + name);
      return {};
    }));
  }
  return names;
}

result<std::shared_ptr<open_stream>> connection::connect(std::string const& asked,
                                                         std::string const& table, bool& exists) {
  // "main" is a name of the first database, whatever SQLITE_DBCONFIG_MAINDBNAME has called it.
  char const* const first = sqlite::lowercase(asked) == "main" ? sqlite3_db_name(db(), 0) : nullptr;
  std::string const schema = first == nullptr ? asked : first;
  auto known = find(schema, table);
  bool const may_be_gone = known == nullptr || known->may_be_gone;
  if (may_be_gone) {
    sqlite::statement look(db(), "SELECT 1 FROM " + sqlite::quoted(schema) +
                                     ".sqlite_schema WHERE type IN ('table', 'view') AND "
                                     "name = ?1 COLLATE NOCASE");
    auto use = look.begin();
    TOPK_ASSIGN(exists, use.bind(1, std::string_view(table)).step());
    if (!exists) {
      leave(schema, table);
      return std::shared_ptr<open_stream>{};
    }
  }
  if (known != nullptr) {
    TOPK_ASSIGN(bool const is_current, known->is_current());
    if (!is_current) leave(schema, table);
    exists = true;
    if (is_current && !may_be_gone) return known;
  }
  // Preparing a statement on a virtual table connects it.
  sqlite3_stmt* stmt = nullptr;
  std::string const sql =
      "SELECT 1 FROM " + sqlite::quoted(schema) + "." + sqlite::quoted(table) + " LIMIT 0";
  int const code = sqlite3_prepare_v2(db(), sql.c_str(), -1, &stmt, nullptr);
  sqlite::owned_stmt const owned(stmt);
  if (code != SQLITE_OK) return sqlite::last_error(db(), code);
  known = find(schema, table);
  if (known != nullptr) known->may_be_gone = false;
  return known;
}

result<std::string> connection::existing_streams() {
  constexpr std::size_t most_named = 10;
  TOPK_ASSIGN(auto const names, stream_names());
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), most_named); ++i) {
    out += (i == 0 ? "; existing streams: " : ", ") + sqlite::shown(std::string_view(names[i]));
  }
  return out + (names.size() > most_named ? ", ..." : "");
}

bool connection::has_schema(std::string const& name) const noexcept {
  return sqlite3_db_readonly(db(), name.c_str()) != -1;
}

result<std::shared_ptr<open_stream>> connection::resolve(std::string_view name) {
  TOPK_ASSIGN(auto parsed, sqlite::table_name_of(name));
  if (parsed.schema && !has_schema(*parsed.schema)) {
    return failure(errc::invalid_argument, "stream=" + sqlite::shown(name) + ": no schema '" +
                                               *parsed.schema + "' is attached");
  }
  // Null: not in this schema.
  auto const look_in = [&](std::string const& schema) -> result<std::shared_ptr<open_stream>> {
    bool exists = false;
    auto state = connect(schema, parsed.table, exists);
    if (!state || *state || !exists) return state;
    return failure(errc::invalid_argument,
                   sqlite::shown(name) +
                       " is a table, but not a stream: make one with CREATE "
                       "VIRTUAL TABLE ... USING topk_stream()");
  };
  if (parsed.schema) {
    if (auto state = look_in(*parsed.schema); !state || *state) return state;
  } else {
    // Temp and main are first, and one of them has it nearly always: the list of all costs a query.
    for (std::string const schema : {"temp", "main"}) {
      if (!has_schema(schema)) continue;
      if (auto state = look_in(schema); !state || *state) return state;
    }
    TOPK_ASSIGN(auto names, schemas());
    for (auto const& schema : names) {
      if (schema == "temp" || schema == "main") continue;
      if (auto state = look_in(schema); !state || *state) return state;
    }
  }
  bool const is_default = sqlite::lowercase(parsed.table) == default_stream &&
                          (!parsed.schema || sqlite::lowercase(*parsed.schema) == "main");
  if (is_default) return std::shared_ptr<open_stream>{};
  TOPK_ASSIGN(auto const existing, existing_streams());
  return failure(errc::invalid_argument, "no such stream: " + sqlite::shown(name) + existing);
}

result<std::shared_ptr<open_stream>> connection::resolve_default() {
  bool exists = false;
  auto state = connect("main", default_stream, exists);
  if (!state || *state || !exists) return state;
  return failure(
      errc::invalid_argument,
      "the table 'topk_events' is not a stream: rename it, so that the default stream can "
      "have its name");
}

}  // namespace topk::live
