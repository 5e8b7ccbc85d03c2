// Statements are prepared at their first use, reset and unbound at the end of each execution.
//
// A failed bind makes the execution fail at its next step, so that callers look at one result.
// SQLITE_NOMEM becomes std::bad_alloc here: out of memory has one way up.
#include "sqlite/statement.hpp"

#include <new>

#include "sqlite/values.hpp"

namespace topk::sqlite {
status last_error(sqlite3* db, int code) {
  if ((code & 0xFF) == SQLITE_NOMEM) throw std::bad_alloc();
  return failure(errc::backend, sqlite3_errmsg(db), sqlite3_extended_errcode(db));
}

status blamed_on(own_tables const& tables, status error) {
  if (error.code != errc::backend || error.detail != SQLITE_ERROR) return error;
  return tables.are_whole() ? error : missing_table(error);
}

status missing_table(status const& told) {
  return failure(errc::corrupt, "a shadow table is missing or altered: " + told.message);
}

status statement::failed(int code) const {
  status error = last_error(db_, code);
  return tables_ == nullptr ? error : blamed_on(*tables_, std::move(error));
}

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (char const c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out += '"';
}

bool statement::execution::ready() {
  if (!failed_) return false;
  if (of_->stmt_ != nullptr) return true;
  sqlite3_stmt* stmt = nullptr;
  int const code =
      sqlite3_prepare_v3(of_->db_, of_->sql_.c_str(), static_cast<int>(of_->sql_.size()),
                         SQLITE_PREPARE_PERSISTENT, &stmt, nullptr);
  of_->stmt_.reset(stmt);
  if (code != SQLITE_OK) {
    failed_ = of_->failed(code);
    return false;
  }
  return true;
}

statement::execution::~execution() {
  if (of_->stmt_ == nullptr) return;
  sqlite3_reset(of_->stmt_.get());  // its code repeats that of step
  // SQLite counts operations towards a progress handler across runs. From 0 again, the handler of a
  // host meets our long reads, where it may stop us, and not a short write, where that would roll
  // back the host's whole transaction.
  sqlite3_stmt_status(of_->stmt_.get(), SQLITE_STMTSTATUS_VM_STEP, 1);
  sqlite3_clear_bindings(of_->stmt_.get());
}

template <class Call>
statement::execution& statement::execution::bound(Call call) {
  if (!ready()) return *this;
  int const code = call(of_->stmt_.get());
  if (code != SQLITE_OK) failed_ = of_->failed(code);
  return *this;
}

statement::execution& statement::execution::bind(int at, std::int64_t value) {
  return bound([&](sqlite3_stmt* stmt) { return sqlite3_bind_int64(stmt, at, value); });
}
statement::execution& statement::execution::bind(int at, double value) {
  return bound([&](sqlite3_stmt* stmt) { return sqlite3_bind_double(stmt, at, value); });
}
statement::execution& statement::execution::bind(int at, std::string_view text) {
  return bound([&](sqlite3_stmt* stmt) {
    return sqlite3_bind_text64(stmt, at, address_of(text), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  });
}
statement::execution& statement::execution::bind(int at, byte_view blob) {
  return bound([&](sqlite3_stmt* stmt) {
    return sqlite3_bind_blob64(stmt, at, blob.data(), blob.size(), SQLITE_STATIC);
  });
}
statement::execution& statement::execution::bind(int at, sqlite3_value* value) {
  return bound([&](sqlite3_stmt* stmt) { return sqlite3_bind_value(stmt, at, value); });
}
statement::execution& statement::execution::bind(int at, item_view const& item) {
  switch (item.type) {
    case item_type::integer: return bind(at, integer_of(item));
    case item_type::real: return bind(at, real_of(item));
    case item_type::text: return bind(at, item.bytes);
    case item_type::null:
      return bound([&](sqlite3_stmt* stmt) { return sqlite3_bind_null(stmt, at); });
    case item_type::blob: break;
  }
  return bound([&](sqlite3_stmt* stmt) {
    return sqlite3_bind_blob64(stmt, at, address_of(item.bytes), item.bytes.size(), SQLITE_STATIC);
  });
}
statement::execution& statement::execution::bind_pointer(int at, void* pointer, char const* type) {
  return bound(
      [&](sqlite3_stmt* stmt) { return sqlite3_bind_pointer(stmt, at, pointer, type, nullptr); });
}
statement::execution& statement::execution::bind_time(int at, micros time) {
  return in_seconds(time, [&](auto seconds) -> execution& { return bind(at, seconds); });
}

result<bool> statement::execution::step() {
  if (!ready()) return failed_;
  int code = SQLITE_OK;
  {
    step_under_way const running(of_->running_);
    code = sqlite3_step(of_->stmt_.get());
  }
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  // SQLite begins no virtual table's transaction during a commit.
  bool const is_amid = sqlite3_extended_errcode(of_->db_) == SQLITE_LOCKED;
  if (is_amid && of_->running_ != nullptr) {
    return failure(errc::corrupt,
                   "a trigger on a shadow table writes to a virtual table; drop the trigger");
  }
  return of_->failed(code);
}

status statement::execution::run() {
  for (;;) {
    auto row = step();
    if (!row) return std::move(row).error();
    if (!*row) return {};
  }
}

std::int64_t statement::execution::integer(int column) const {
  return sqlite3_column_int64(of_->stmt_.get(), column);
}
bool statement::execution::is_null(int column) const { return type(column) == SQLITE_NULL; }
int statement::execution::type(int column) const {
  return sqlite3_column_type(of_->stmt_.get(), column);
}
byte_view statement::execution::blob(int column) const {
  auto const* bytes = static_cast<std::byte const*>(sqlite3_column_blob(of_->stmt_.get(), column));
  auto const size = static_cast<std::size_t>(sqlite3_column_bytes(of_->stmt_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, size};
}
std::string_view statement::execution::text(int column) const {
  auto const* text = reinterpret_cast<char const*>(sqlite3_column_text(of_->stmt_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(of_->stmt_.get(), column))};
}
sqlite3_value* statement::execution::value(int column) const {
  return sqlite3_column_value(of_->stmt_.get(), column);
}
std::string_view statement::execution::name(int column) const {
  char const* const name = sqlite3_column_name(of_->stmt_.get(), column);
  return name == nullptr ? std::string_view{} : name;
}
std::optional<item_view> statement::execution::item(int column) {
  return stored_item_of(value(column), number_);
}

status execute(sqlite3* db, std::string const& sql) {
  int const code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? status{} : last_error(db, code);
}

}  // namespace topk::sqlite
