// A SQLite value with its type, in SQLite's own order, and as a literal that SQL reads back.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

struct sqlite3_stmt;

namespace topk::test {

enum class value_type { null, integer, real, text, blob };

class value {
 public:
  value() = default;  // NULL
  static value integer(std::int64_t number);
  static value real(double number);
  static value text(std::string bytes);
  static value blob(std::string bytes);
  // The value in a column of the current row.
  static value column(sqlite3_stmt* statement, int at);

  [[nodiscard]] value_type type() const noexcept { return type_; }
  [[nodiscard]] bool is_null() const noexcept { return type_ == value_type::null; }
  [[nodiscard]] bool is_number() const noexcept {
    return type_ == value_type::integer || type_ == value_type::real;
  }
  [[nodiscard]] std::int64_t as_integer() const noexcept { return integer_; }
  // A number as a double; 0 for anything else.
  [[nodiscard]] double as_real() const noexcept;
  [[nodiscard]] std::string const& bytes() const noexcept { return bytes_; }
  // Bytes of a text or blob, 8 for a number, 0 for NULL.
  [[nodiscard]] std::size_t byte_size() const noexcept;

  // A REAL that equals an INTEGER becomes it; anything else stays.
  [[nodiscard]] value canonical() const;
  // An SQL expression of exactly this value, on one line.
  [[nodiscard]] std::string literal() const;
  // SQLITE_OK or SQLite's code.
  [[nodiscard]] int bind(sqlite3_stmt* statement, int at) const;

  // SQLite's order: NULL, numbers by value, text by bytes, blobs by bytes. 1 and 1.0 are equal.
  friend std::weak_ordering operator<=>(value const& a, value const& b) noexcept;
  friend bool operator==(value const& a, value const& b) noexcept { return (a <=> b) == 0; }

 private:
  value_type type_ = value_type::null;
  std::int64_t integer_ = 0;
  double real_ = 0;
  std::string bytes_;
};

using row = std::vector<value>;

// "name" with its double quotes doubled.
// A number of seconds as microseconds, the whole ones apart: their product may pass 2^53.
[[nodiscard]] std::int64_t micros_of(double seconds) noexcept;
// The time as it is read from its REAL: the same but far from 1970, where doubles are sparse.
[[nodiscard]] std::int64_t as_real_has_it(std::int64_t micros) noexcept;

[[nodiscard]] std::string quoted_name(std::string const& name);

// All values of all rows as literals, for messages.
[[nodiscard]] std::string to_text(std::vector<row> const& rows);

}  // namespace topk::test
