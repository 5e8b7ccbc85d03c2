#include "kit/value.hpp"

#include <sqlite3.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace topk::test {
namespace {

constexpr double two_to_63 = 9223372036854775808.0;

// As SQLite compares them: without rounding the integer to a double.
std::weak_ordering compare(std::int64_t a, double b) noexcept {
  if (b < -two_to_63) return std::weak_ordering::greater;
  if (b >= two_to_63) return std::weak_ordering::less;
  auto const whole = static_cast<std::int64_t>(b);
  if (a != whole) return a <=> whole;
  double const fraction = b - static_cast<double>(whole);
  if (fraction > 0) return std::weak_ordering::less;
  if (fraction < 0) return std::weak_ordering::greater;
  return std::weak_ordering::equivalent;
}

std::weak_ordering compare(double a, double b) noexcept {
  if (a < b) return std::weak_ordering::less;
  if (a > b) return std::weak_ordering::greater;
  return std::weak_ordering::equivalent;
}

std::weak_ordering compare(std::string const& a, std::string const& b) noexcept {
  std::size_t const shared = a.size() < b.size() ? a.size() : b.size();
  int const order = shared == 0 ? 0 : std::memcmp(a.data(), b.data(), shared);
  if (order != 0) return order < 0 ? std::weak_ordering::less : std::weak_ordering::greater;
  return a.size() <=> b.size();
}

int order_class(value_type type) noexcept {
  switch (type) {
    case value_type::null: return 0;
    case value_type::integer:
    case value_type::real: return 1;
    case value_type::text: return 2;
    case value_type::blob: return 3;
  }
  return 0;
}

std::string hex(std::string const& bytes) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out = "x'";
  for (char const c : bytes) {
    auto const byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out + "'";
}

// Control characters by char(): a CAST of their bytes would be another text where databases keep
// UTF-16.
std::string text_literal(std::string const& bytes) {
  std::string out = "'";
  bool is_sum = false;
  for (char const c : bytes) {
    if (c == '\0' || c == '\n' || c == '\r') {
      out += "' || char(" + std::to_string(static_cast<int>(c)) + ") || '";
      is_sum = true;
      continue;
    }
    out += c;
    if (c == '\'') out += c;
  }
  out += "'";
  return is_sum ? "(" + out + ")" : out;
}

std::string real_literal(double number) {
  if (std::isinf(number)) return number > 0 ? "1e999" : "-1e999";
  char buffer[64];
  // The shortest of the usual precisions that reads back: SQLite 3.40 may lose the last bit of
  // seventeen digits.
  for (int digits = 15; digits <= 17; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, number);
    if (compare(std::strtod(buffer, nullptr), number) == 0) break;
  }
  std::string out = buffer;
  if (out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

}  // namespace

value value::integer(std::int64_t number) {
  value out;
  out.type_ = value_type::integer;
  out.integer_ = number;
  return out;
}

value value::real(double number) {
  value out;
  out.type_ = value_type::real;
  out.real_ = number;
  return out;
}

value value::text(std::string bytes) {
  value out;
  out.type_ = value_type::text;
  out.bytes_ = std::move(bytes);
  return out;
}

value value::blob(std::string bytes) {
  value out;
  out.type_ = value_type::blob;
  out.bytes_ = std::move(bytes);
  return out;
}

value value::column(sqlite3_stmt* statement, int at) {
  switch (sqlite3_column_type(statement, at)) {
    case SQLITE_INTEGER: return integer(sqlite3_column_int64(statement, at));
    case SQLITE_FLOAT: return real(sqlite3_column_double(statement, at));
    case SQLITE_NULL: return {};
    case SQLITE_TEXT: {
      auto const* data = reinterpret_cast<char const*>(sqlite3_column_text(statement, at));
      return text(std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement, at))));
    }
    default: {
      auto const* data = static_cast<char const*>(sqlite3_column_blob(statement, at));
      auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement, at));
      return blob(size == 0 ? std::string() : std::string(data, size));
    }
  }
}

double value::as_real() const noexcept {
  return type_ == value_type::integer ? static_cast<double>(integer_) : real_;
}

std::size_t value::byte_size() const noexcept { return is_number() ? 8 : bytes_.size(); }

value value::canonical() const {
  if (type_ != value_type::real || !(real_ >= -two_to_63) || !(real_ < two_to_63)) return *this;
  auto const whole = static_cast<std::int64_t>(real_);
  return compare(whole, real_) == 0 ? integer(whole) : *this;
}

std::string value::literal() const {
  switch (type_) {
    case value_type::null: return "NULL";
    case value_type::integer: return std::to_string(integer_);
    case value_type::real: return real_literal(real_);
    case value_type::text: return text_literal(bytes_);
    case value_type::blob: return hex(bytes_);
  }
  return "NULL";
}

int value::bind(sqlite3_stmt* statement, int at) const {
  // A null pointer would bind NULL: an empty std::string's data() is not one.
  switch (type_) {
    case value_type::null: return sqlite3_bind_null(statement, at);
    case value_type::integer: return sqlite3_bind_int64(statement, at, integer_);
    case value_type::real: return sqlite3_bind_double(statement, at, real_);
    case value_type::text:
      return sqlite3_bind_text64(statement, at, bytes_.data(), bytes_.size(), SQLITE_TRANSIENT,
                                 SQLITE_UTF8);
    case value_type::blob:
      return sqlite3_bind_blob64(statement, at, bytes_.data(), bytes_.size(), SQLITE_TRANSIENT);
  }
  return SQLITE_ERROR;
}

std::weak_ordering operator<=>(value const& a, value const& b) noexcept {
  int const class_a = order_class(a.type_);
  int const class_b = order_class(b.type_);
  if (class_a != class_b) return class_a <=> class_b;
  if (class_a == 0) return std::weak_ordering::equivalent;
  if (class_a > 1) return compare(a.bytes_, b.bytes_);
  bool const whole_a = a.type_ == value_type::integer;
  bool const whole_b = b.type_ == value_type::integer;
  if (whole_a && whole_b) return a.integer_ <=> b.integer_;
  if (whole_a) return compare(a.integer_, b.real_);
  if (whole_b) return 0 <=> compare(b.integer_, a.real_);
  return compare(a.real_, b.real_);
}

std::int64_t micros_of(double seconds) noexcept {
  double const whole = std::floor(seconds);
  return static_cast<std::int64_t>(whole) * 1'000'000 + std::llround((seconds - whole) * 1e6);
}

std::int64_t as_real_has_it(std::int64_t micros) noexcept {
  std::int64_t const part = ((micros % 1'000'000) + 1'000'000) % 1'000'000;
  return micros_of(static_cast<double>((micros - part) / 1'000'000) +
                   static_cast<double>(part) / 1e6);
}

std::string quoted_name(std::string const& name) {
  std::string out = "\"";
  for (char const c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + "\"";
}

std::string to_text(std::vector<row> const& rows) {
  std::string out;
  for (row const& each : rows) {
    for (std::size_t at = 0; at < each.size(); ++at) {
      if (at != 0) out += '|';
      out += each[at].literal();
    }
    out += '\n';
  }
  return out;
}

}  // namespace topk::test
