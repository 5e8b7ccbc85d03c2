// The forms of date that programs write, read without SQLite.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace topk {

// Whether the text begins with YYYY-MM-DD, digits of any value: what a date must be here.
[[nodiscard]] bool begins_with_a_date(std::string_view text) noexcept;

// YYYY-MM-DD, alone or followed by HH:MM, HH:MM:SS or HH:MM:SS.f, then by Z or an offset: the forms
// that SQLite's unixepoch() reads, with its meaning, but to the microsecond. Further digits are cut
// off. nullopt for anything else, and for what lies outside of the years 0000 to 9999.
[[nodiscard]] std::optional<micros> parse_date(std::string_view text) noexcept;

// How a date is written, as far as comparing texts needs to know: those of `spaced` alone, or of
// `with_t` alone, are in order of time by their bytes, to the second.
enum class date_form : std::uint8_t {
  spaced,  // YYYY-MM-DD HH:MM:SS, perhaps a fraction, perhaps Z; each field in its range
  with_t,  // the same with T between date and time
  other
};
// Requires: parse_date(text) == time.
[[nodiscard]] date_form form_of_date(std::string_view text, micros time) noexcept;

// YYYY-MM-DD, the separator, HH:MM:SS of the second that holds `time`. Requires: earliest_time <=
// time <= latest_time.
[[nodiscard]] std::string spell_date(micros time, char separator);

}  // namespace topk
