// Times and lengths of time: int64 microseconds, and the words people write for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace topk {

using micros = std::int64_t;  // since 1970-01-01 00:00:00 UTC, or a length

inline constexpr micros second = 1'000'000;
inline constexpr micros minute = 60 * second;
inline constexpr micros hour = 60 * minute;
inline constexpr micros day = 24 * hour;
inline constexpr micros week = 7 * day;

// The years 0000 to 9999, SQLite's own range of dates: nothing outside is accepted as a time.
inline constexpr micros earliest_time = -62'167'219'200 * second;
inline constexpr micros latest_time = 253'402'300'799 * second + 999'999;

// '90s', '5min', '1hour', '2 weeks', '1.5h', 'PT15M', 'P1DT12H', '3600' (seconds, also '0.5'). Case
// and blanks do not matter. Units: ms, s, sec, second(s), m, min, minute(s), h, hr, hour(s), d,
// day(s), w, week(s). nullopt for anything else: other units (months have no length), signs, zero,
// more than 10,000 years.
[[nodiscard]] std::optional<micros> parse_duration(std::string_view text);

// Seconds as a number of microseconds, rounded to the nearest (halves away from zero); nullopt
// unless finite and within earliest_time .. latest_time.
[[nodiscard]] std::optional<micros> time_from_seconds(double seconds) noexcept;
[[nodiscard]] inline std::optional<micros> time_from_seconds(std::int64_t seconds) noexcept {
  if (seconds < earliest_time / second || seconds > latest_time / second) return std::nullopt;
  return seconds * second;
}

// The time in seconds as a double: the greatest one that time_from_seconds() does not read as a
// later time. So doubles compare as the times do, wherever as_logged() holds of the one that is
// stored.
[[nodiscard]] double seconds_of(micros time) noexcept;

// The time itself, or the last one before it that seconds_of() can spell. Doubles lie more than a
// microsecond apart before 1697 and after 2242, by 30 in the year 9999: a ts is rounded on arrival
// to what the log can hold, so that log and summaries agree.
[[nodiscard]] micros as_logged(micros time) noexcept;

// Hands `use` the time in seconds, as SQL shows it: an std::int64_t where whole, else a double.
template <class Use>
decltype(auto) in_seconds(micros time, Use&& use) {
  if (time % second == 0) return use(std::int64_t{time / second});
  return use(seconds_of(time));
}

// '1min', '90s', '20min', '1day', '1.5s': the shortest spelling parse_duration reads back to the
// same length.
[[nodiscard]] std::string spell_duration(micros length);

// floor(a / b) * b and ceil(a / b) * b for any sign of a. Requires: b > 0.
[[nodiscard]] constexpr micros round_down(micros a, micros b) noexcept {
  return a - ((a % b) + b) % b;
}
[[nodiscard]] constexpr micros round_up(micros a, micros b) noexcept { return -round_down(-a, b); }

}  // namespace topk
