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

// What days_until() counts, back to a date: year, month, day of month.
struct civil_date {
  int year;
  int month;
  int day_of_month;
};
civil_date date_of(std::int64_t days) noexcept {
  std::int64_t const since_march_of_0 = days + 719'468;
  std::int64_t const era = (since_march_of_0 + 146'097) / 146'097 - 1;
  std::int64_t const of_era = since_march_of_0 - era * 146'097;
  std::int64_t const year_of_era =
      (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
  std::int64_t const of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  std::int64_t const from_march = (5 * of_year + 2) / 153;
  auto const month = static_cast<int>(from_march < 10 ? from_march + 3 : from_march - 9);
  return {static_cast<int>(era * 400 + year_of_era) + (month <= 2 ? 1 : 0), month,
          static_cast<int>(of_year - (153 * from_march + 2) / 5) + 1};
}

void put_two(char* to, std::int64_t number) noexcept {
  to[0] = static_cast<char>('0' + number / 10);
  to[1] = static_cast<char>('0' + number % 10);
}

constexpr std::size_t spelled_size = 19;

void spell(micros time, char separator, char* to) noexcept {
  std::int64_t const days = round_down(time, day) / day;
  std::int64_t const seconds = (time - days * day) / second;
  auto const date = date_of(days);
  put_two(to, date.year / 100);
  put_two(to + 2, date.year % 100);
  put_two(to + 5, date.month);
  put_two(to + 8, date.day_of_month);
  put_two(to + 11, seconds / 3600);
  put_two(to + 14, seconds / 60 % 60);
  put_two(to + 17, seconds % 60);
  to[4] = to[7] = '-';
  to[10] = separator;
  to[13] = to[16] = ':';
}

}  // namespace

date_form form_of_date(std::string_view text, micros time) noexcept {
  if (text.size() < spelled_size || (text[10] != ' ' && text[10] != 'T')) return date_form::other;
  char spelled[spelled_size];
  spell(time, text[10], spelled);
  if (text.substr(0, spelled_size) != std::string_view(spelled, spelled_size)) {
    return date_form::other;
  }
  scanner rest(text.substr(spelled_size));
  if (rest.take('.')) {
    while (is_digit(rest.peek())) rest.skip(1);
  }
  rest.take('Z');
  if (!rest.at_end()) return date_form::other;
  return text[10] == 'T' ? date_form::with_t : date_form::spaced;
}

std::string spell_date(micros time, char separator) {
  char spelled[spelled_size];
  spell(time, separator, spelled);
  return {spelled, spelled_size};
}

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
