// Numbers are compared as SQLite compares them, INTEGER with REAL without rounding: the integer
// parts first, then the fraction, which only a REAL has. The eight bytes of a number are
// little-endian on every CPU, since hashes and stored panes depend on them.
#include "base/item.hpp"

#include <cassert>
#include <cmath>

namespace topk {
namespace {

constexpr std::size_t number_bytes = 8;

std::uint64_t load_number(std::string_view bytes) noexcept {
  assert(bytes.size() == number_bytes);
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < number_bytes; ++i) {
    bits |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return bits;
}

// -2^63 and 2^63: both are doubles, and only the first is an int64.
constexpr double least_integer = -9223372036854775808.0;
constexpr double past_integers = 9223372036854775808.0;

bool equals_an_integer(double value) noexcept {
  return value >= least_integer && value < past_integers &&
         static_cast<double>(static_cast<std::int64_t>(value)) == value;
}

// Without rounding: the integer parts first; a fraction exists only below 2^53, where the integer
// is a double.
std::strong_ordering compare_numbers(std::int64_t a, double b) noexcept {
  if (b < least_integer) return std::strong_ordering::greater;
  if (b >= past_integers) return std::strong_ordering::less;
  auto const whole = static_cast<std::int64_t>(b);
  if (a != whole) return a <=> whole;
  auto const fraction = b - static_cast<double>(whole);
  if (fraction > 0) return std::strong_ordering::less;
  if (fraction < 0) return std::strong_ordering::greater;
  return std::strong_ordering::equal;
}

std::strong_ordering compare_numbers(double a, double b) noexcept {
  if (a < b) return std::strong_ordering::less;
  if (a > b) return std::strong_ordering::greater;
  return std::strong_ordering::equal;
}

std::strong_ordering reversed(std::strong_ordering order) noexcept { return 0 <=> order; }

std::strong_ordering compare_bytes(std::string_view a, std::string_view b) noexcept {
  // char_traits<char> compares as unsigned char, like memcmp.
  return a.compare(b) <=> 0;
}

bool is_number(item_type type) noexcept {
  return type == item_type::integer || type == item_type::real;
}

}  // namespace

std::strong_ordering compare_items(item_view const& a, item_view const& b) noexcept {
  if (!is_number(a.type) || !is_number(b.type)) {
    if (a.type == b.type) return compare_bytes(a.bytes, b.bytes);
    bool const has_null = a.type == item_type::null || b.type == item_type::null;
    if (!has_null && is_number(a.type)) return std::strong_ordering::less;
    if (!has_null && is_number(b.type)) return std::strong_ordering::greater;
    return a.type <=> b.type;
  }
  if (a.type == item_type::integer) {
    if (b.type == item_type::integer) return integer_of(a) <=> integer_of(b);
    return compare_numbers(integer_of(a), real_of(b));
  }
  if (b.type == item_type::integer) return reversed(compare_numbers(integer_of(b), real_of(a)));
  return compare_numbers(real_of(a), real_of(b));
}

std::int64_t integer_of(item_view const& item) noexcept {
  assert(item.type == item_type::integer);
  return static_cast<std::int64_t>(load_number(item.bytes));
}

double real_of(item_view const& item) noexcept {
  assert(item.type == item_type::real);
  return __builtin_bit_cast(double, load_number(item.bytes));  // std's is in libc++ from 14 on only
}

bool is_canonical(item_view const& item) noexcept {
  switch (item.type) {
    case item_type::integer: return item.bytes.size() == number_bytes;
    case item_type::real: {
      if (item.bytes.size() != number_bytes) return false;
      double const value = real_of(item);
      return !std::isnan(value) && !equals_an_integer(value);
    }
    case item_type::text:
    case item_type::blob: return true;
    case item_type::null: break;
  }
  return false;  // a type byte that is not one of ours
}

void item::take_to_heap(std::string_view bytes) {
  if (bytes.size() >= std::size_t{1} << 30) throw std::bad_alloc();
  char* const copy = new char[bytes.size()];
  std::memcpy(copy, bytes.data(), bytes.size());
  std::memcpy(small_ + pointer_at, &copy, sizeof(copy));
}

item_view real_view(double value, char (&bytes)[8]) noexcept {
  assert(!std::isnan(value));
  if (equals_an_integer(value)) return integer_view(static_cast<std::int64_t>(value), bytes);
  auto view = integer_view(__builtin_bit_cast(std::int64_t, value), bytes);
  view.type = item_type::real;
  return view;
}

item item::integer(std::int64_t value) {
  char bytes[number_bytes];
  return item(integer_view(value, bytes));
}

item item::real(double value) {
  char bytes[number_bytes];
  return item(real_view(value, bytes));
}

}  // namespace topk
