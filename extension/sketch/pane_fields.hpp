// What every version of a stored pane has in common: how numbers, totals and bounds are written.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/sealed_blob.hpp"
#include "base/status.hpp"
#include "sketch/summary_types.hpp"

namespace topk::sketch {

inline constexpr blob_format pane_format{"stored pane", 0xD5, std::uint8_t{1}, 2};

[[nodiscard]] inline status corrupt(char const* what) { return pane_format.damaged(what); }

// Sums saturate at 2^62, one more than is stored.
[[nodiscard]] constexpr std::int64_t storable(std::int64_t value) noexcept {
  return std::clamp(value, -greatest_stored, greatest_stored);
}
[[nodiscard]] constexpr bool is_storable(std::int64_t value) noexcept {
  return storable(value) == value;
}

// to - from, where that may need 64 bits. Requires: from <= to.
[[nodiscard]] constexpr std::uint64_t distance(std::int64_t from, std::int64_t to) noexcept {
  return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
}

// --- writing

inline void put_unsigned(byte_writer& out, std::int64_t value) {
  out.put_varint(static_cast<std::uint64_t>(storable(value)));
}
void put_totals(byte_writer& out, pane_totals const& totals);
// Nothing, where both are 0: that is a flag.
void put_base(byte_writer& out, bounds const& base);

// --- reading: each take_ function moves past what it names, or says what is wrong

[[nodiscard]] std::optional<std::int64_t> take_unsigned(byte_reader& in) noexcept;
[[nodiscard]] std::optional<std::int64_t> take_signed(byte_reader& in) noexcept;
// A number at or after `from`, stored as the distance.
[[nodiscard]] std::optional<std::int64_t> take_from(byte_reader& in, std::int64_t from) noexcept;
status take_totals(byte_reader& in, pane_totals& totals);
// A flag whose numbers say nothing is refused: it could have been left out.
status take_base(byte_reader& in, bounds& base);

}  // namespace topk::sketch
