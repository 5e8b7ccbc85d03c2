// The forms of date that programs write, read without SQLite.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace topk {

// Whether the text begins with YYYY-MM-DD, digits of any value: what a date must be here.
[[nodiscard]] bool begins_with_a_date(std::string_view text) noexcept;

// YYYY-MM-DD, alone or followed by HH:MM, HH:MM:SS or HH:MM:SS.f, then by Z or an offset: the forms
// that SQLite's unixepoch() reads, with its meaning, but to the microsecond. Further digits are cut
// off. nullopt for anything else, and for what lies outside of the years 0000 to 9999.
[[nodiscard]] std::optional<micros> parse_date(std::string_view text) noexcept;

}  // namespace topk
