#include "sql.hpp"

#include <cstdio>
#include <cstdlib>

namespace topk::bench {

void give_up(std::string const& message) {
  std::fprintf(stderr, "benchmark: %s\n", message.c_str());
  std::exit(1);
}

work_folder::work_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "topk-bench-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) give_up("no temporary folder");
  path_ = name;
}
work_folder::~work_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}
void work_folder::remove(std::string const& name) const {
  for (char const* const suffix : {"", "-wal", "-shm", "-journal"})
    std::filesystem::remove(path_ / (name + suffix));
}
std::uintmax_t work_folder::bytes(std::string const& name) const {
  return std::filesystem::file_size(path_ / name);
}

query::query(sqlite3* db, std::string const& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(db, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
      SQLITE_OK) {
    give_up(sql + ": " + sqlite3_errmsg(db));
  }
  statement_.reset(statement);
}
query& query::bind(int at, std::int64_t value) {
  if (sqlite3_bind_int64(statement_.get(), at, value) != SQLITE_OK) give_up("bind");
  return *this;
}
query& query::bind(int at, char const* text, std::size_t bytes) {
  if (sqlite3_bind_text(statement_.get(), at, text, static_cast<int>(bytes), SQLITE_STATIC) !=
      SQLITE_OK) {
    give_up("bind");
  }
  return *this;
}
bool query::step() {
  int const code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) {
    give_up(std::string(sqlite3_sql(statement_.get())) + ": " +
            sqlite3_errmsg(sqlite3_db_handle(statement_.get())));
  }
  return false;
}
void query::run() {
  while (step()) {
    for (int column = sqlite3_column_count(statement_.get()); column-- > 0;) {
      switch (sqlite3_column_type(statement_.get(),
                                  column)) {  // as it is: no conversion in the measure
        case SQLITE_INTEGER:
          static_cast<void>(sqlite3_column_int64(statement_.get(), column));
          break;
        case SQLITE_FLOAT:
          static_cast<void>(sqlite3_column_double(statement_.get(), column));
          break;
        default: static_cast<void>(sqlite3_column_bytes(statement_.get(), column));
      }
    }
  }
  reset();
}
std::string query::text(int column) const {
  auto const* const bytes =
      reinterpret_cast<char const*>(sqlite3_column_text(statement_.get(), column));
  return bytes == nullptr ? "" : bytes;
}

connection::connection(std::string const& path, libraries const& with) {
  sqlite3* db = nullptr;
  if (sqlite3_open(path.c_str(), &db) != SQLITE_OK) give_up("open " + path);
  db_.reset(db);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, nullptr);
  for (auto const& library : {with.topk, with.rivals}) {
    char* error = nullptr;
    if (sqlite3_load_extension(db, library.c_str(), nullptr, &error) != SQLITE_OK) give_up(error);
  }
  exec(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-262144; PRAGMA "
      "temp_store=MEMORY");
}
void connection::exec(std::string const& sql) const {
  char* error = nullptr;
  if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, &error) != SQLITE_OK)
    give_up(sql + ": " + error);
}
double connection::number(std::string const& sql) const {
  auto once = prepare(sql);
  return once.step() ? once.real(0) : 0;
}

}  // namespace topk::bench
