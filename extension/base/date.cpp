// One pass over the text, form by form as SQLite's date.c takes them:
//
//   2025-11-20  T  10:00:59.123456  +01:00
//   '--------'  |  '-------------'  '----'
//    date()     |   clock()          offset()
//               blanks and T, any number of each or none
//
// SQLite checks a day against 31 only and goes on into the next month (2025-02-31 is 2025-03-03),
// takes the hour 24 with any minute, and refuses a second 60. Its fraction of a second has three
// digits, rounded or cut off by its version: ours has six.
#include "base/date.hpp"

#include <cstddef>

#include "base/text.hpp"

namespace topk {
namespace {

// The text from some place on. Past the end it reads NUL, which is no part of any date.
class scanner {
 public:
  explicit scanner(std::string_view text) noexcept : text_(text) {}

  [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
    return ahead < text_.size() ? text_[ahead] : '\0';
  }
  [[nodiscard]] bool at_end() const noexcept { return text_.empty(); }
  void skip(std::size_t count) noexcept { text_.remove_prefix(count); }
  void skip_blanks() noexcept {
    while (is_blank(peek())) skip(1);
  }
  bool take(char wanted) noexcept {
    if (peek() != wanted) return false;
    skip(1);
    return true;
  }
  // Two digits, 0 .. most; -1 for anything else, and nothing is taken.
  int take_two(int most) noexcept {
    if (!is_digit(peek()) || !is_digit(peek(1))) return -1;
    int const number = (peek() - '0') * 10 + (peek(1) - '0');
    if (number > most) return -1;
    skip(2);
    return number;
  }

 private:
  std::string_view text_;
};

// Days since 1970-01-01 of the first of a month, in the Gregorian calendar of all years. Years
// begin in March, so that the leap day is the last of one: in each 400 of them the days repeat.
constexpr std::int64_t days_until(int year, int month) noexcept {
  std::int64_t const shifted = year - (month <= 2 ? 1 : 0) + 400;  // from year -1 on
  std::int64_t const era = shifted / 400;
  std::int64_t const of_era = shifted % 400;
  std::int64_t const of_year = (153 * ((month + 9) % 12) + 2) / 5;
  return (era - 1) * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}
static_assert(days_until(1970, 1) == 0);
static_assert(days_until(2000, 3) == 11'017);
static_assert(days_until(0, 1) * day == earliest_time);

std::optional<micros> date(scanner& text) noexcept {
  int const century = text.take_two(99);
  int const rest = text.take_two(99);
  if (century < 0 || rest < 0 || !text.take('-')) return std::nullopt;
  int const month = text.take_two(12);
  if (month < 1 || !text.take('-')) return std::nullopt;
  int const day_of_month = text.take_two(31);
  if (day_of_month < 1) return std::nullopt;
  return (days_until(century * 100 + rest, month) + day_of_month - 1) * day;
}

std::optional<micros> clock(scanner& text) noexcept {
  int const hours = text.take_two(24);
  if (hours < 0 || !text.take(':')) return std::nullopt;
  int const minutes = text.take_two(59);
  if (minutes < 0) return std::nullopt;
  micros time = hours * hour + minutes * minute;
  if (!text.take(':')) return time;
  int const seconds = text.take_two(59);
  if (seconds < 0) return std::nullopt;
  time += seconds * second;
  if (text.peek() != '.' || !is_digit(text.peek(1))) return time;
  text.skip(1);
  for (micros step = second / 10; is_digit(text.peek()); step /= 10) {
    time += (text.peek() - '0') * step;
    text.skip(1);
  }
  return time;
}

// East of Greenwich is positive; none is 0.
std::optional<micros> offset(scanner& text) noexcept {
  text.skip_blanks();
  char const sign = text.peek();
  if (sign == 'Z' || sign == 'z') {
    text.skip(1);
    return 0;
  }
  if (sign != '+' && sign != '-') return 0;
  text.skip(1);
  int const hours = text.take_two(14);
  if (hours < 0 || !text.take(':')) return std::nullopt;
  int const minutes = text.take_two(59);
  if (minutes < 0) return std::nullopt;
  micros const east = hours * hour + minutes * minute;
  return sign == '-' ? -east : east;
}

}  // namespace

bool begins_with_a_date(std::string_view text) noexcept {
  if (text.size() < 10) return false;
  for (std::size_t i = 0; i < 10; ++i) {
    bool const dash = i == 4 || i == 7;
    if (dash ? text[i] != '-' : !is_digit(text[i])) return false;
  }
  return true;
}

std::optional<micros> parse_date(std::string_view text) noexcept {
  scanner rest(text);
  auto const midnight = date(rest);
  if (!midnight) return std::nullopt;
  micros time = *midnight;
  while (is_blank(rest.peek()) || rest.peek() == 'T') rest.skip(1);
  if (!rest.at_end()) {
    auto const of_day = clock(rest);
    if (!of_day) return std::nullopt;
    auto const east = offset(rest);
    if (!east) return std::nullopt;
    time += *of_day - *east;
    rest.skip_blanks();
    if (!rest.at_end()) return std::nullopt;
  }
  if (time < earliest_time || time > latest_time) return std::nullopt;
  return time;
}

}  // namespace topk
