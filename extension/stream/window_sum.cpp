// Who notices which change:
//
//   panes come or go             panes_sum::changes(): the ranking and the overlay's links compare
//   edges, span, overlay empty   forget() here
//   single events                update() of the one item: the next answer costs no pass
//
// total() and estimate() need neither ranking nor links: they add up what is there.
#include "stream/window_sum.hpp"

#include <algorithm>

#include "base/saturate.hpp"
#include "stream/row_selection.hpp"

namespace topk::stream {
namespace {

// Beyond so many rows, keeping them ranked takes more than most windows do.
constexpr std::size_t most_ranked = 4096;
// A window of so few items is ranked again in less time than a question takes, and the ranking
// would take more memory than the window: that of a small partition, of which there may be many.
constexpr std::size_t ranked_again = 128;

}  // namespace

void window_sum::clear_overlay() noexcept {
  ranking_.forget();
  overlay_.clear();
}

void window_sum::add_edge(sketch::stored_summary const& pane, std::uint64_t seed) {
  ranking_.forget();
  overlay_.add_edge(pane, seed, range_);
}

void window_sum::clear_edges() noexcept {
  ranking_.forget();
  overlay_.clear_edges();
}

void window_sum::set_span(time_span span) noexcept {
  ranking_.forget();
  overlay_.weigh(span);
}

void window_sum::reserve_events(std::size_t count) {
  overlay_.reserve_events(count);
  ranking_.expect_changes(count, parts());
}

void window_sum::count_event(item_view const& item, std::uint64_t hash, std::int64_t weight,
                             bool enters) {
  auto const& contribution = overlay_.count_event(item, hash, weight, enters, inside);
  ranking_.update(item, hash, contribution, parts());
}

std::vector<ranked_item> window_sum::top(std::size_t k) const {
  if (k <= most_ranked) {
    try {
      overlay_.link(inside);
      auto rows = ranking_.top(k, parts());
      if (inside.items().size() + overlay_.items().size() <= ranked_again) ranking_.release();
      return rows;
    } catch (over_budget const&) {
    }
  }
  ranking_.release();
  row_selection rows(k);
  each([&](candidate const& one) { rows.offer(one); });
  return rows.take(unknown_upper());
}

contribution window_sum::contribution_of(item_view const& item, std::uint64_t hash) const noexcept {
  contribution all;  // looked up here, as the overlay may not be linked
  if (auto const* const known = overlay_.items().find(item, hash)) all = *known;
  all.in_panes = inside.items().position_of(item, hash);
  return all;
}

candidate window_sum::counts_of(item_view const& item, std::uint64_t hash) const noexcept {
  return parts().sum_of(item, hash, contribution_of(item, hash));
}

ranked_item window_sum::estimate(item_view const& item, std::uint64_t hash) const {
  auto const all = contribution_of(item, hash);
  auto const sum = parts().sum_of(item, hash, all);
  bool const is_held = overlay_.has(all) || all.in_panes;
  std::int64_t const count = is_held ? shown_count(sum) : sum.count;
  return {topk::item(item), count, sum.lower, sum.upper, false};
}

sketch::bounds window_sum::total() const noexcept {
  auto const& panes = inside.totals();
  auto const beyond = overlay_.totals();
  return {std::max<std::int64_t>(add_saturated(panes.total_lower, beyond.total_lower), 0),
          std::max<std::int64_t>(add_saturated(panes.total_upper, beyond.total_upper), 0)};
}

sketch::pane_totals window_sum::totals() const noexcept {
  auto sum = inside.totals();
  add_counts(sum, overlay_.totals());
  return sum;
}

std::int64_t window_sum::total_estimate() const noexcept {
  auto const& panes = inside.totals();
  auto const middle = add_saturated(panes.total_lower, panes.total_upper) / 2;
  auto const [lower, upper] = total();
  return std::clamp(add_saturated(middle, overlay_.total_estimate()), lower, upper);
}

}  // namespace topk::stream
