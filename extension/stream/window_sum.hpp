// The sum of a window: of the panes inside it, and of the overlay beyond them. It gives the bounds
// of any item, and the top K.
//
// A property test of this name guards each: proven_respects_ties, cut_pane_bounds_with_retractions,
// total_bounds.
#pragma once

#include <cstdint>
#include <vector>

#include "base/memory_budget.hpp"
#include "stream/overlay.hpp"
#include "stream/panes_sum.hpp"
#include "stream/window_ranking.hpp"

namespace topk::stream {

// Not thread-safe, const members included: they keep what they have found out.
class window_sum {
 public:
  // All its memory is charged to the budget; null: not counted. Entries of panes whose hashes lie
  // outside `range` are left out, and so must be events.
  explicit window_sum(memory_budget* budget = nullptr, hash_range range = {}) noexcept
      : inside(budget), range_(range), overlay_(budget), ranking_(budget) {}

  panes_sum inside;

  [[nodiscard]] hash_range range() const noexcept { return range_; }

  // ---- the overlay
  void clear_overlay() noexcept;
  // Panes that an edge of the window may meet; they count as the next set_span() weighs them.
  void add_edge(sketch::stored_summary const& pane, std::uint64_t seed);
  void clear_edges() noexcept;
  void set_span(time_span span) noexcept;
  // So many single events may follow.
  void reserve_events(std::size_t count);
  // One event inside the window that is in no pane; or one that was added has left the window.
  void add_event(item_view const& item, std::uint64_t hash, std::int64_t weight) {
    count_event(item, hash, weight, true);
  }
  void remove_event(item_view const& item, std::uint64_t hash, std::int64_t weight) {
    count_event(item, hash, -weight, false);
  }
  // An event inside the window, or one that has left it (negated), of an item that is left out.
  void count_left_out(std::int64_t weight, bool enters) noexcept {
    overlay_.count_left_out(weight, enters);
  }
  // Filling the overlay again costs less than going on with it.
  [[nodiscard]] bool is_overlay_mostly_dead() const noexcept { return overlay_.is_mostly_dead(); }

  // ---- answers
  // Rows 1..k, at most, of items with a count above 0. Requires: k >= 1, a range of all.
  [[nodiscard]] std::vector<ranked_item> top(std::size_t k) const;
  // Calls visitor(candidate) for each item that a pane or an event has, in no order.
  template <class Visitor>
  void each(Visitor const& visitor) const;
  // The same, those of single events and cut panes first, then the others by upper bound,
  // descending: as long as the visitor returns true of those. Throws over_budget, perhaps after
  // calls.
  template <class Visitor>
  void each_by_upper(Visitor const& visitor) const;
  // The same, with bounds that may be below 0: visitor(item, bounds).
  template <class Visitor>
  void each_signed(Visitor const& visitor) const;
  // each_signed() visits no more.
  [[nodiscard]] std::size_t most_items() const noexcept {
    return inside.items().size() + overlay_.items().size();
  }
  // Those of an item that no pane and no event has.
  [[nodiscard]] sketch::bounds absent() const noexcept { return parts().absent(); }
  // What one item has, held or not. Borrows the item.
  [[nodiscard]] candidate counts_of(item_view const& item, std::uint64_t hash) const noexcept;
  // The row of one item, held or not; is_proven is false.
  [[nodiscard]] ranked_item estimate(item_view const& item, std::uint64_t hash) const;
  [[nodiscard]] sketch::bounds total() const noexcept;
  // Sums that may be below 0, as one source's retractions meet another's events. Without times, and
  // of a cut pane not of the part: Requires: !is_cut().
  [[nodiscard]] sketch::pane_totals totals() const noexcept;
  // Whether an edge of the window cuts a pane.
  [[nodiscard]] bool is_cut() const noexcept { return overlay_.is_cut(); }
  // An estimate of it, within these bounds.
  [[nodiscard]] std::int64_t total_estimate() const noexcept;
  // The most that an item known to no pane and no event can have.
  [[nodiscard]] std::int64_t unknown_upper() const noexcept { return parts().unknown_upper(); }

 private:
  // Calls visitor(item, hash, contribution) for the items of the overlay that the window has, or
  // for all that it has.
  template <class Visitor>
  void each_in_overlay(Visitor const& visitor) const;
  template <class Visitor>
  void each_contribution(Visitor const& visitor) const;
  [[nodiscard]] contribution contribution_of(item_view const& item,
                                             std::uint64_t hash) const noexcept;
  [[nodiscard]] window_parts parts() const noexcept { return {inside, overlay_}; }
  void count_event(item_view const& item, std::uint64_t hash, std::int64_t weight, bool enters);

  hash_range range_;
  mutable overlay overlay_;         // top() links it to `inside`
  mutable window_ranking ranking_;  // as of the last top(), and the single events since
};

template <class Visitor>
void window_sum::each_in_overlay(Visitor const& visitor) const {
  overlay_.link(inside);
  for (auto const& one : overlay_.items().entries()) {
    if (!overlay_.has(one.value) && !one.value.in_panes) continue;
    visitor(item_view(one.key), one.hash, one.value);
  }
}

template <class Visitor>
void window_sum::each_contribution(Visitor const& visitor) const {
  each_in_overlay(visitor);
  auto const& held = inside.items().entries();
  for (std::uint32_t at = 0; at < held.size(); ++at) {
    auto const& one = held[at];
    if (overlay_.items().contains(one.key, one.hash)) continue;
    visitor(item_view(one.key), one.hash, contribution{.in_panes = slot_ref(at)});
  }
}

template <class Visitor>
void window_sum::each(Visitor const& visitor) const {
  each_contribution([&](item_view const& item, std::uint64_t hash, contribution const& of) {
    visitor(parts().sum_of(item, hash, of));
  });
}

template <class Visitor>
void window_sum::each_signed(Visitor const& visitor) const {
  each_contribution([&](item_view const& item, std::uint64_t, contribution const& of) {
    visitor(item, parts().bounds_of(of));
  });
}

template <class Visitor>
void window_sum::each_by_upper(Visitor const& visitor) const {
  each_in_overlay([&](item_view const& item, std::uint64_t hash, contribution const& of) {
    visitor(parts().sum_of(item, hash, of));
  });
  auto const& held = inside.items().entries();
  for (std::size_t i = 0; i < held.size(); ++i) {
    slot_ref const at(inside.nth_by_upper(i));
    auto const& one = held[*at];
    if (overlay_.items().contains(one.key, one.hash)) continue;
    if (!visitor(parts().sum_of(one.key, one.hash, {.in_panes = at}))) return;
  }
}

}  // namespace topk::stream
