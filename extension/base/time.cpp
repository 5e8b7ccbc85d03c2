// Lengths of time in two spellings: a number and a unit ('1.5h', '2 weeks', a bare number of
// seconds), and ISO 8601 ('PT15M', 'P1DT12H'). Numbers are read in two parts, so that whole ones
// are exact and only a fraction is rounded. Nothing is longer than the calendar: 10,000 years.
#include "base/time.hpp"

#include <array>

#include "base/text.hpp"

namespace topk {
namespace {

// To the nearest whole number, halves away from zero. Not llround: that would need libm at run
// time.
micros nearest(double value) noexcept {
  return static_cast<micros>(value < 0 ? value - 0.5 : value + 0.5);
}

// The years 0000 to 9999 are 10,000 Gregorian years: no length of time is longer than the calendar.
constexpr micros longest_duration = latest_time - earliest_time + 1;

// 2^33 seconds from 1970, the year 2242: from here on doubles lie more than a microsecond apart.
constexpr micros last_dense = (micros{1} << 33) * second;

// Whole seconds apart, so that only the fraction is rounded. Requires: the result is a micros.
micros read_seconds(double seconds) noexcept {
  auto const whole = static_cast<micros>(seconds);
  return whole * second +
         nearest((seconds - static_cast<double>(whole)) * static_cast<double>(second));
}

// The next double towards minus infinity. Requires: not 0, finite. (std::nextafter needs libm.)
double next_below(double value) noexcept {
  auto const bits = __builtin_bit_cast(std::uint64_t, value);
  return __builtin_bit_cast(double, value > 0 ? bits - 1 : bits + 1);
}

struct unit {
  std::string_view name;
  micros length;
};

constexpr std::array<unit, 19> units{{
    {"ms", second / 1000}, {"s", second},  {"sec", second}, {"second", second},
    {"seconds", second},   {"m", minute},  {"min", minute}, {"minute", minute},
    {"minutes", minute},   {"h", hour},    {"hr", hour},    {"hour", hour},
    {"hours", hour},       {"d", day},     {"day", day},    {"days", day},
    {"w", week},           {"week", week}, {"weeks", week},
}};

// A decimal number without sign or exponent.
struct decimal {
  micros whole = 0;     // saturates past longest_duration
  double fraction = 0;  // in [0, 1]
  bool has_fraction = false;
};

// Takes a number off the front of `text`: digits, or digits '.' digits.
std::optional<decimal> take_decimal(std::string_view& text) noexcept {
  std::size_t at = 0;
  decimal number;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    if (number.whole <= longest_duration) number.whole = number.whole * 10 + (text[at] - '0');
  }
  if (at == 0) return std::nullopt;
  if (at < text.size() && text[at] == '.') {
    auto const point = at++;
    // Fifteen digits are exact in a double; further ones are far below a microsecond of a week.
    double digits = 0;
    double scale = 1;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (at - point > 15) continue;
      digits = digits * 10 + (text[at] - '0');
      scale *= 10;
    }
    if (at == point + 1) return std::nullopt;
    number.fraction = digits / scale;
    number.has_fraction = true;
  }
  text.remove_prefix(at);
  return number;
}

// nullopt past the longest duration.
std::optional<micros> times(decimal const& number, micros unit_length) noexcept {
  if (number.whole > longest_duration / unit_length) return std::nullopt;
  auto const length =
      number.whole * unit_length + (nearest(number.fraction * static_cast<double>(unit_length)));
  if (length > longest_duration) return std::nullopt;
  return length;
}

std::optional<micros> unit_length(std::string_view name) noexcept {
  for (auto const& [known, length] : units) {
    if (known == name) return length;
  }
  return std::nullopt;
}

// What follows the 'p' of an ISO 8601 duration, in lower case: weeks, days, then 't' and hours,
// minutes, seconds. Years and months have no length. Only the last number may have a fraction.
std::optional<micros> parse_iso(std::string_view text) noexcept {
  constexpr std::string_view designators = "wdthms";
  constexpr std::array<micros, 6> lengths{week, day, 0, hour, minute, second};
  std::size_t next = 0;  // the first designator that may still come
  bool expects_number = true;
  bool had_fraction = false;
  micros sum = 0;
  while (!text.empty()) {
    if (text.front() == 't') {
      if (next > 2) return std::nullopt;
      next = 3;
      expects_number = true;
      text.remove_prefix(1);
      continue;
    }
    auto const number = take_decimal(text);
    if (!number || text.empty() || had_fraction) return std::nullopt;
    auto const which = designators.find(text.front());
    if (which == std::string_view::npos || which == 2 || which < next) return std::nullopt;
    if (which > 2 && next < 3) return std::nullopt;
    text.remove_prefix(1);
    auto const part = times(*number, lengths[which]);
    if (!part || *part > longest_duration - sum) return std::nullopt;
    sum += *part;
    next = which + 1;
    had_fraction = number->has_fraction;
    expects_number = false;
  }
  if (expects_number) return std::nullopt;
  return sum;
}

std::optional<micros> parse_number_and_unit(std::string_view text) noexcept {
  auto const number = take_decimal(text);
  if (!number) return std::nullopt;
  auto const name = trimmed(text);
  auto const length = name.empty() ? std::optional(second) : unit_length(name);
  if (!length) return std::nullopt;
  return times(*number, *length);
}

}  // namespace

std::optional<micros> parse_duration(std::string_view text) {
  std::string const lowered = lowercase(trimmed(text));
  std::string_view const spelled = lowered;
  auto const length = !spelled.empty() && spelled.front() == 'p' ? parse_iso(spelled.substr(1))
                                                                 : parse_number_and_unit(spelled);
  if (!length || *length == 0) return std::nullopt;
  return length;
}

std::optional<micros> time_from_seconds(double seconds) noexcept {
  // Also false for a NaN. One second of room on either side, for what rounds to the edge.
  constexpr auto edge = static_cast<double>(second);
  if (!(seconds > static_cast<double>(earliest_time) / edge - 1 &&
        seconds < static_cast<double>(latest_time) / edge + 1)) {
    return std::nullopt;
  }
  auto const time = read_seconds(seconds);
  if (time < earliest_time || time > latest_time) return std::nullopt;
  return time;
}

double seconds_of(micros time) noexcept {
  constexpr auto scale = static_cast<double>(second);
  bool const is_dense = time >= -last_dense && time <= last_dense;
  if (is_dense) return static_cast<double>(time) / scale;
  // As the statements log_held and held_span have it.
  micros const whole = time / second;
  double const seconds = static_cast<double>(whole) + static_cast<double>(time % second) / scale;
  bool const is_readable = time > -4 * longest_duration && time < 4 * longest_duration;
  return is_readable && read_seconds(seconds) > time ? next_below(seconds) : seconds;
}

micros as_logged(micros time) noexcept {
  bool const is_dense = time >= -last_dense && time <= last_dense;
  return is_dense || time % second == 0 ? time : read_seconds(seconds_of(time));
}

std::string spell_duration(micros length) {
  if (length < 0) return "-" + spell_duration(-length);
  constexpr std::array<unit, 3> with_plural{{{"week", week}, {"day", day}, {"hour", hour}}};
  if (length > 0) {
    for (auto const& [name, unit_length] : with_plural) {
      if (length % unit_length != 0) continue;
      auto const count = length / unit_length;
      return std::to_string(count) + std::string(name) + (count == 1 ? "" : "s");
    }
    if (length % minute == 0) return std::to_string(length / minute) + "min";
  }
  std::string spelled = std::to_string(length / second);
  if (auto const rest = length % second; rest != 0) {
    std::string digits = std::to_string(second + rest).substr(1);
    digits.erase(digits.find_last_not_of('0') + 1);
    spelled += "." + digits;
  }
  return spelled + "s";
}

}  // namespace topk
