#include "kit/database.hpp"

#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <system_error>

namespace topk::test {
namespace {

// Runs a prepared statement to its end. The statement is reset, not finalized.
int run_statement(sqlite3_stmt* statement, std::vector<value> const& parameters,
                  std::vector<row>& rows) {
  int const wanted = sqlite3_bind_parameter_count(statement);
  for (int at = 1; at <= wanted; ++at) {
    auto const index = static_cast<std::size_t>(at - 1);
    value const& given = index < parameters.size() ? parameters[index] : value();
    if (int const code = given.bind(statement, at); code != SQLITE_OK) return code;
  }
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
    int const columns = sqlite3_column_count(statement);
    row& filled = rows.emplace_back();
    for (int at = 0; at < columns; ++at) filled.push_back(value::column(statement, at));
  }
  int const reset = sqlite3_reset(statement);
  return code == SQLITE_DONE ? SQLITE_OK : reset;
}

[[noreturn]] void fail(int code, std::string const& what, std::string const& message) {
  throw sql_error(code & 0xFF, what + ": " + message + " (code " + std::to_string(code) + ")");
}

std::string encoding = "UTF-8";

}  // namespace

void use_encoding(std::string const& wanted) { encoding = wanted; }

void draw_encoding(std::uint64_t seed) {
  char const* const given = std::getenv("TOPK_ENCODING");
  static char const* const all[] = {"UTF-8", "UTF-16le", "UTF-16be"};
  use_encoding(given != nullptr && *given != '\0' ? given : all[seed % 3]);
}

std::string const& encoding_in_use() noexcept { return encoding; }

std::string stored_text(std::string const& bytes) {
  database db(":memory:");
  return db.query("SELECT ?1", {value::text(bytes)}).at(0).at(0).bytes();
}

std::string library_path() {
  if (char const* given = std::getenv("TOPK_LIBRARY"); given != nullptr && *given != '\0') {
    return given;
  }
#ifdef TOPK_LIBRARY_PATH
  return TOPK_LIBRARY_PATH;
#else
  throw std::runtime_error("set TOPK_LIBRARY to the path of topk.so");
#endif
}

void prepared::finalize::operator()(sqlite3_stmt* statement) const noexcept {
  sqlite3_finalize(statement);
}

prepared::prepared(sqlite3* connection, std::string const& sql) {
  sqlite3_stmt* raw = nullptr;
  int const code = sqlite3_prepare_v2(connection, sql.c_str(), -1, &raw, nullptr);
  statement_.reset(raw);
  if (code != SQLITE_OK) fail(code, sql, sqlite3_errmsg(connection));
}

outcome prepared::run(std::vector<value> const& parameters) {
  outcome result;
  int const code = run_statement(statement_.get(), parameters, result.rows);
  result.code = code & 0xFF;
  if (code != SQLITE_OK) result.message = sqlite3_errmsg(sqlite3_db_handle(statement_.get()));
  return result;
}

database::database(std::string const& path, char const* vfs)
    : database(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs) {}

database::database(std::string const& path, int flags, char const* vfs) {
  sqlite3* raw = nullptr;
  int const code = sqlite3_open_v2(path.c_str(), &raw, flags, vfs);
  handle_.reset(raw);
  if (code != SQLITE_OK) fail(code, path, raw == nullptr ? "out of memory" : sqlite3_errmsg(raw));
  // Without effect on a database that is there already.
  if (encoding != "UTF-8") exec("PRAGMA encoding='" + encoding + "'");
}

void database::load_topk() {
  std::string const path = library_path();
  int code = sqlite3_db_config(handle(), SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1,
                               static_cast<int*>(nullptr));
  if (code != SQLITE_OK) fail(code, path, "extension loading cannot be enabled");
  char* message = nullptr;
  code = sqlite3_load_extension(handle(), path.c_str(), nullptr, &message);
  std::string const text = message == nullptr ? "" : message;
  sqlite3_free(message);
  if (code != SQLITE_OK) fail(code, path, text);
}

outcome database::attempt(std::string const& sql, std::vector<value> const& parameters) {
  outcome result;
  char const* rest = sql.c_str();
  while (*rest != '\0') {
    sqlite3_stmt* raw = nullptr;
    int code = sqlite3_prepare_v2(handle(), rest, -1, &raw, &rest);
    if (code == SQLITE_OK && raw == nullptr) continue;  // a comment, or blanks
    if (code == SQLITE_OK) code = run_statement(raw, parameters, result.rows);
    if (code != SQLITE_OK) {
      result.code = code & 0xFF;
      result.message = sqlite3_errmsg(handle());
    }
    sqlite3_finalize(raw);
    if (code != SQLITE_OK) break;
  }
  return result;
}

std::vector<row> database::query(std::string const& sql, std::vector<value> const& parameters) {
  outcome result = attempt(sql, parameters);
  if (!result.ok()) fail(result.code, sql, result.message);
  return std::move(result.rows);
}

value database::scalar(std::string const& sql, std::vector<value> const& parameters) {
  std::vector<row> const rows = query(sql, parameters);
  return rows.empty() || rows.front().empty() ? value() : rows.front().front();
}

bool database::in_transaction() const noexcept { return sqlite3_get_autocommit(handle()) == 0; }

int database::close() noexcept {
  int const code = sqlite3_close(handle());
  if (code == SQLITE_OK) static_cast<void>(handle_.release());
  return code;
}

void database::close_handle::operator()(sqlite3* handle) const noexcept {
  sqlite3_close_v2(handle);
}

scratch_directory::scratch_directory() {
  namespace fs = std::filesystem;
  std::error_code ignored;
  bool const has_ram = fs::is_directory("/dev/shm", ignored);
  fs::path const above = has_ram ? fs::path("/dev/shm") : fs::temp_directory_path();
  std::random_device draw;
  do path_ = (above / ("topk_test_" + std::to_string(draw()))).string();
  while (!fs::create_directory(path_));  // false: somebody has it; throws if it cannot be made
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace topk::test
