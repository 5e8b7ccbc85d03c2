// Owners of what SQLite allocates, and prepared statements whose use always ends in a reset.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/item.hpp"
#include "base/status.hpp"
#include "base/time.hpp"
#include "sqlite/api.hpp"

namespace topk::sqlite {

struct text_deleter {
  void operator()(char* text) const noexcept { sqlite3_free(text); }
};
using owned_text = std::unique_ptr<char, text_deleter>;

struct stmt_deleter {
  void operator()(sqlite3_stmt* stmt) const noexcept { sqlite3_finalize(stmt); }
};
using owned_stmt = std::unique_ptr<sqlite3_stmt, stmt_deleter>;

// The connection's last error as a status; throws std::bad_alloc for SQLITE_NOMEM.
[[nodiscard]] status last_error(sqlite3* db, int code);

// "name", quoted as an identifier.
[[nodiscard]] std::string quoted(std::string_view name);

// The tables that our statements use.
class own_tables {
 public:
  virtual ~own_tables() = default;
  // Whether all of them are there, with their columns. Asked where something has failed.
  [[nodiscard]] virtual bool are_whole() const = 0;
};

// Counts a step of one of our statements while it lives, whatever ends it. A null counter: nothing.
class step_under_way {
 public:
  explicit step_under_way(int* counter) noexcept : counter_(counter) {
    if (counter_ != nullptr) ++*counter_;
  }
  step_under_way(step_under_way const&) = delete;
  step_under_way& operator=(step_under_way const&) = delete;
  ~step_under_way() {
    if (counter_ != nullptr) --*counter_;
  }

 private:
  int* counter_;
};

class statement {
 public:
  // Prepared at its first use, and again where SQLite asks for it. `sql` is one statement. Where
  // `running` is given, it counts the steps under way. With `tables`, what fails because they are
  // not whole is errc::corrupt.
  statement(sqlite3* db, std::string sql, int* running = nullptr,
            own_tables const* tables = nullptr)
      : db_(db), sql_(std::move(sql)), running_(running), tables_(tables) {}

  // One execution. Resets and clears the bindings when it ends, so that no lock outlives it.
  // Binding is sticky: after a failure the rest does nothing, and step reports it.
  class execution {
   public:
    explicit execution(statement& of) noexcept : of_(&of) {}
    execution(execution const&) = delete;
    execution& operator=(execution const&) = delete;
    ~execution();

    execution& bind(int at, std::int64_t value);
    execution& bind(int at, double value);
    execution& bind(int at, std::string_view text);
    execution& bind(int at, byte_view blob);
    execution& bind(int at, item_view const& item);
    execution& bind(int at, sqlite3_value* value);
    // A pointer that only a table-valued function asking for this type can read; borrowed.
    execution& bind_pointer(int at, void* pointer, char const* type);
    execution& bind_time(int at, micros time);  // seconds: INTEGER where whole, else REAL

    // True: a row is there. False: done.
    result<bool> step();
    // For statements without rows, or whose rows do not matter.
    status run();

    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] int type(int column) const;
    [[nodiscard]] byte_view blob(int column) const;
    [[nodiscard]] std::string_view text(int column) const;
    [[nodiscard]] sqlite3_value* value(int column) const;
    [[nodiscard]] std::string_view name(int column) const;
    // As stored_item_of; valid until the next step.
    [[nodiscard]] std::optional<item_view> item(int column);

   private:
    bool ready();
    template <class Call>
    execution& bound(Call call);

    statement* of_;
    status failed_;
    char number_[8];
  };

  [[nodiscard]] execution begin() noexcept { return execution(*this); }
  // How often SQLite has prepared it again, as it does when the schema was read again.
  [[nodiscard]] int repreparations() const noexcept {
    return stmt_ ? sqlite3_stmt_status(stmt_.get(), SQLITE_STMTSTATUS_REPREPARE, 0) : 0;
  }
  [[nodiscard]] std::string const& sql() const noexcept { return sql_; }

 private:
  [[nodiscard]] status failed(int code) const;

  sqlite3* db_;
  std::string sql_;
  int* running_;
  own_tables const* tables_;
  owned_stmt stmt_;
};

// Steps `use` to its end and calls `visit()` at each row, which reads the columns from `use`.
// `visit` returns a status; a failed one ends the loop and is returned.
template <class Visit>
status for_each_row(statement::execution& use, Visit&& visit) {
  for (;;) {
    TOPK_ASSIGN(bool const has_row, use.step());
    if (!has_row) return {};
    TOPK_TRY(visit());
  }
}

// The same error, or errc::corrupt where it came of tables that are not whole. SQLite has no code
// for a table or column that is missing, and its words are no contract: so the schema is asked.
[[nodiscard]] status blamed_on(own_tables const& tables, status error);
// What SQLite told, as damage.
[[nodiscard]] status missing_table(status const& told);

// Runs every statement in `sql`, rows ignored.
status execute(sqlite3* db, std::string const& sql);

}  // namespace topk::sqlite
