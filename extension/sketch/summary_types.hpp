// The numbers that summaries are made of and asked for.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/item.hpp"
#include "base/limits.hpp"

namespace topk::sketch {

// What an item's count certainly lies between, both inclusive.
struct bounds {
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  friend bool operator==(bounds const&, bounds const&) = default;
};

// How much a summary may hold. An entry is charged entry_charge + its item's bytes.
struct capacity {
  std::uint32_t entries = 0;  // 1 .. 2^20
  std::uint64_t bytes = 0;    // at least one entry always fits, whatever its size
  static constexpr std::uint64_t entry_charge = 32;
  [[nodiscard]] static constexpr std::uint64_t charge(std::size_t item_bytes) noexcept {
    return entry_charge + item_bytes;
  }
  // Whether there is room for one more item of this size, beside so many that are charged so much.
  [[nodiscard]] constexpr bool has_room(std::size_t items, std::uint64_t charged,
                                        std::size_t item_bytes) const noexcept {
    return items == 0 || (items < entries && charged + charge(item_bytes) <= bytes);
  }
  static constexpr std::uint32_t most_entries = greatest_counters;
  friend bool operator==(capacity const&, capacity const&) = default;
};

// The numbers of a pane as a whole.
struct pane_totals {
  std::int64_t gross_in = 0;   // sum of the positive weights
  std::int64_t gross_out = 0;  // sum of the absolute values of the negative weights
  std::int64_t total_lower = 0;
  std::int64_t total_upper = 0;
  std::int64_t events = 0;  // how many events; after `forget` no more than an estimate
  std::int64_t first = 0;  // least and greatest time of an event, microseconds; 0 while events == 0
  std::int64_t last = 0;
  friend bool operator==(pane_totals const&, pane_totals const&) = default;
};

// Counts one event in. Requires: weight != 0.
inline void count_event(pane_totals& totals, std::int64_t weight, std::int64_t time) noexcept {
  if (weight > 0) {
    totals.gross_in += weight;
  } else {
    totals.gross_out -= weight;
  }
  totals.total_lower += weight;
  totals.total_upper += weight;
  if (totals.events++ == 0) [[unlikely]] {
    totals.first = totals.last = time;
  } else if (time > totals.last) {
    totals.last = time;
  } else if (time < totals.first) {
    totals.first = time;
  }
}

// How a closed pane is stored: pane v1, the greatest first, for streams that an older library
// writes too; or pane v2.
enum class closed_form : std::uint8_t { ranked = 1, by_item = 2 };

struct entry_view {
  item_view item;
  std::int64_t hi = 0;
  std::int64_t lo = 0;
};

}  // namespace topk::sketch
