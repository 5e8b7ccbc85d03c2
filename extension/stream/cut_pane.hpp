// Which of a pane's events a span of time may hold, where only the first and the last time are
// known.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/saturate.hpp"
#include "sketch/summary.hpp"
#include "stream/window_cover.hpp"

namespace topk::stream {

enum class pane_meets : std::uint8_t {
  nothing,  // all events lie outside the span
  whole,    // all inside
  part      // on both sides of an edge
};

[[nodiscard]] inline pane_meets meeting(sketch::pane_totals const& of, time_span span) noexcept {
  if (of.last <= span.since || of.first > span.until) return pane_meets::nothing;
  bool const is_inside = of.first > span.since && of.last <= span.until;
  return is_inside ? pane_meets::whole : pane_meets::part;
}

// The part of the pane's time that the span covers, of the middle of these bounds: an estimate.
// Requires: the span meets the pane.
[[nodiscard]] inline std::int64_t share_of(sketch::bounds const& all, sketch::pane_totals const& of,
                                           time_span span) noexcept {
  std::int64_t const whole = of.last - of.first + 1;
  std::int64_t const inside = std::min(of.last, span.until) - std::max(of.first - 1, span.since);
  return scaled(add_saturated(all.lower, all.upper), inside, 2 * whole);
}

}  // namespace topk::stream
