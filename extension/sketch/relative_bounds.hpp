// Bounds and totals of panes, added up and taken away again.
//
// A pane gives an item that it holds the bounds [lo, hi], and any other item [z, u]. Over several
// panes an item has
//
//   [Z + L, U + S]    L = sum of (lo - z), S = sum of (hi - u)  over the panes that hold it
//                     Z = sum of z,        U = sum of u         over all panes
//
// (Agarwal et al., "Mergeable Summaries", PODS 2012, with signed sums.) So a pane costs a pass over
// its own entries only; and everything is a sum, so a pane that was added can be subtracted.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/saturate.hpp"
#include "sketch/summary.hpp"

namespace topk::sketch {

// L and S of one item: its bounds relative to those of an absent item.
struct relative_bounds {
  std::int64_t lower = 0;
  std::int64_t upper = 0;

  // A pane that holds the item as `entry`, and has [z, u] = `absent`.
  void add(entry_view const& entry, bounds const& absent) noexcept {
    lower = add_saturated(lower, entry.lo - absent.lower);
    upper = add_saturated(upper, entry.hi - absent.upper);
  }
  // Requires: that pane was added.
  void subtract(entry_view const& entry, bounds const& absent) noexcept {
    lower = add_saturated(lower, absent.lower - entry.lo);
    upper = add_saturated(upper, absent.upper - entry.hi);
  }
  // The item's bounds, where an item in none of the panes has [Z, U] = `absent`.
  [[nodiscard]] bounds over(bounds const& absent) const noexcept {
    return {add_saturated(lower, absent.lower), add_saturated(upper, absent.upper)};
  }
  // Twice the middle, which needs no rounding.
  [[nodiscard]] std::int64_t middle_twice() const noexcept { return add_saturated(lower, upper); }
};

// [Z, U] of several panes.
inline void add_bounds(bounds& sum, bounds const& more) noexcept {
  sum.lower = add_saturated(sum.lower, more.lower);
  sum.upper = add_saturated(sum.upper, more.upper);
}
inline void subtract_bounds(bounds& sum, bounds const& less) noexcept {
  add_bounds(sum, {-less.lower, -less.upper});
}

// The narrowest that hold both.
[[nodiscard]] inline bounds hull_of(bounds const& a, bounds const& b) noexcept {
  return {std::min(a.lower, b.lower), std::max(a.upper, b.upper)};
}

// The totals of several panes, except for the times of their events, which a sum cannot give back.
inline void add_counts(pane_totals& sum, pane_totals const& more) noexcept {
  sum.gross_in = add_saturated(sum.gross_in, more.gross_in);
  sum.gross_out = add_saturated(sum.gross_out, more.gross_out);
  sum.total_lower = add_saturated(sum.total_lower, more.total_lower);
  sum.total_upper = add_saturated(sum.total_upper, more.total_upper);
  sum.events = add_saturated(sum.events, more.events);
}
inline void subtract_counts(pane_totals& sum, pane_totals const& less) noexcept {
  add_counts(sum, {.gross_in = -less.gross_in,
                   .gross_out = -less.gross_out,
                   .total_lower = -less.total_lower,
                   .total_upper = -less.total_upper,
                   .events = -less.events});
}

}  // namespace topk::sketch
