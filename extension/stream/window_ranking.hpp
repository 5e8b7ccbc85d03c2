// The answer of a window: its first items by count, and by upper bound those that might still
// belong among them. Kept between questions, while single events change single items.
#pragma once

#include <cstdint>
#include <vector>

#include "stream/leaders.hpp"
#include "stream/overlay.hpp"
#include "stream/panes_sum.hpp"

namespace topk::stream {

using sketch::ranked_item;

// The parts of a window; their sum for one item. References must outlive it.
struct window_parts {
  panes_sum const& inside;
  overlay const& beyond;

  // Requires: `of` is linked to `inside`.
  [[nodiscard]] candidate sum_of(item_view const& item, std::uint64_t hash,
                                 contribution const& of) const noexcept;
  // Bounds that may be below 0: of an item, and of one that nothing holds. The same requirement.
  [[nodiscard]] sketch::bounds bounds_of(contribution const& of) const noexcept;
  [[nodiscard]] sketch::bounds absent() const noexcept;
  // The most that an item in no pane and no event can have; at least 0.
  [[nodiscard]] std::int64_t unknown_upper() const noexcept;
};

class window_ranking {
 public:
  explicit window_ranking(memory_budget* budget) noexcept : by_count_(budget), by_upper_(budget) {}

  // Anything but a single item has changed.
  void forget() noexcept { is_valid_ = false; }
  // Forgets, and frees its memory.
  void release() noexcept {
    forget();
    by_count_.release();
    by_upper_.release();
  }
  // So many single items are about to change: forgets, if ranking again costs less.
  void expect_changes(std::size_t count, window_parts const& of) noexcept;
  // One item has changed. Requires: `as` is its contribution to `of`. On bad_alloc: forgotten.
  // Over the budget, it forgets and does not throw.
  void update(item_view const& item, std::uint64_t hash, contribution const& as,
              window_parts const& of);
  // Rows 1..k, at most: items with a count above 0, then others that may be in the window.
  // Requires: k >= 1, of.beyond linked.
  [[nodiscard]] std::vector<ranked_item> top(std::size_t k, window_parts const& of);

 private:
  [[nodiscard]] bool is_current(window_parts const& of) const noexcept {
    return is_valid_ && ranked_at_ == of.inside.changes();
  }
  void rank(std::size_t k, window_parts const& of);
  void offer_overlay(window_parts const& of);

  leaders<by_count> by_count_;
  leaders<by_upper> by_upper_;
  bool is_valid_ = false;
  std::uint64_t ranked_at_ = 0;  // panes_sum::changes() at that time
};

}  // namespace topk::stream
