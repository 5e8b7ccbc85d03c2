// A pane gives each step that its events reach into:
//
//   step           |          |          |          |
//   pane               [first       last]
//   events lie                            in one step: all of it    lo .. hi
//   or              on both sides of an edge: to each of the steps  -gross_out .. hi + gross_out
//
// so that a pane that is cut may be counted whole in either step: the bounds of each are true,
// those of their sum wide. An edge that is also one of the pane's cuts nothing.
#include "stream/series.hpp"

#include <algorithm>

#include "base/saturate.hpp"
#include "stream/cut_pane.hpp"

namespace topk::stream {

time_span series_steps::at(std::size_t i) const noexcept {
  micros const until = whole_.until - static_cast<micros>(size() - 1 - i) * length_;
  return {std::max(until - length_, whole_.since), until};
}

time_span series_steps::counted(std::size_t i) const noexcept {
  auto const step = at(i);
  return {std::max(step.since, floor_), step.until};
}

time_span series_steps::counted() const noexcept {
  return {std::max(whole_.since, floor_), whole_.until};
}

pane_share count_of_item(pane_facts const& pane, sketch::bounds const& item) noexcept {
  return {item, add_saturated(item.upper, pane.totals.gross_out)};
}

pane_share count_of_all(pane_facts const& pane) noexcept {
  return {{pane.totals.total_lower, pane.totals.total_upper}, pane.totals.gross_in};
}

void series_sum::add_pane(pane_facts const& pane, pane_share const& of) noexcept {
  auto const counted = steps_.counted();
  micros const first = std::max(pane.totals.first, counted.since + 1);
  micros const last = std::min(pane.totals.last, counted.until);
  if (first > last) return;
  std::size_t const end = steps_.index_of(last);
  for (std::size_t i = steps_.index_of(first); i <= end; ++i) {
    auto const step = steps_.counted(i);
    auto& sum = sums_[i];
    if (meeting(pane.totals, step) == pane_meets::whole) {
      raise(sum.lower, of.whole.lower);
      raise(sum.upper, of.whole.upper);
      raise(sum.middle_twice, add_saturated(of.whole.lower, of.whole.upper));
    } else {
      raise(sum.lower, -pane.totals.gross_out);
      raise(sum.upper, of.part_upper);
      raise(sum.share, share_of(of.whole, pane.totals, step));
    }
  }
}

void series_sum::add_event(micros ts, std::int64_t weight) noexcept {
  auto const counted = steps_.counted();
  if (ts <= counted.since || ts > counted.until) return;
  auto& sum = sums_[steps_.index_of(ts)];
  raise(sum.lower, weight);
  raise(sum.upper, weight);
  raise(sum.middle_twice, add_saturated(weight, weight));
}

series_row series_sum::row(std::size_t i) const noexcept {
  auto const& sum = sums_[i];
  series_row out;
  out.lower = std::max<std::int64_t>(sum.lower, 0);
  out.upper = std::max(sum.upper, out.lower);
  out.count = std::clamp(add_saturated(sum.middle_twice >> 1, sum.share), out.lower, out.upper);
  return out;
}

}  // namespace topk::stream
