// The sum of the panes inside a window, and the top K of it.
//
//   Merge: per item S = sum of (hi - u) and L = sum of (lo - z) over the panes that hold it; U and Z are
//   the sums of u and z over all panes. An item has [L + Z, S + U], an item in no pane [Z, U].
//   (Agarwal et al., "Mergeable Summaries", PODS 2012, with signed sums.)
//
// Linear, so a pane can be subtracted: exactly what was added. Never truncated. A property test of
// this name guards each: merge_any_order_equal, subtract_of_add_is_identity, proven_respects_ties,
// cut_pane_bounds_with_retractions, total_bounds.
#pragma once

#include <cstdint>
#include <vector>

#include "sketch/summary.hpp"
#include "stream/item_map.hpp"
#include "stream/window_cover.hpp"

namespace topk::stream {

// One row of an answer.
struct ranked_item {
  item key;
  std::int64_t count = 0;
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  bool is_proven = false;
};

// The order of answers: count, then lower, both descending, then the item.
[[nodiscard]] bool ranks_before(ranked_item const& a, ranked_item const& b) noexcept;

// Panes added up.
class merged_panes {
 public:
  void add(sketch::stored_summary const& pane, std::uint64_t seed);
  // Requires: the same pane was added before.
  void subtract(sketch::stored_summary const& pane, std::uint64_t seed);
  void clear() noexcept;

  struct sums {
    std::int64_t upper = 0;  // S
    std::int64_t lower = 0;  // L
    std::int64_t panes = 0;  // how many of the panes hold the item; 0 implies S = L = 0
  };
  using entry = item_map<sums>::entry;

  [[nodiscard]] item_map<sums> const& items() const noexcept { return items_; }
  [[nodiscard]] sketch::bounds absent() const noexcept { return absent_; }  // [Z, U]
  [[nodiscard]] sketch::bounds total() const noexcept { return total_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

  // The i-th entry by S + L, or by S, descending. Sorted as far as was asked, kept until a pane
  // comes or goes. Requires: i < items().size().
  [[nodiscard]] std::uint32_t nth_by_middle(std::size_t i) const;
  [[nodiscard]] std::uint32_t nth_by_upper(std::size_t i) const;

 private:
  struct ranking {
    std::vector<std::uint32_t> order;
    std::size_t sorted = 0;
  };
  template <class Before>
  void extend(ranking& of, std::size_t i, Before before) const;
  void forget_rankings() noexcept;

  item_map<sums> items_;
  sketch::bounds absent_;
  sketch::bounds total_;
  mutable ranking by_middle_;
  mutable ranking by_upper_;
};

// What an item has beside the merged panes: in panes at the edges, and in the tail.
struct contribution {
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  std::int64_t middle_twice = 0;  // lower + upper of what lies wholly inside
  std::int64_t share = 0;         // of cut panes: the part of the middle that the window covers
};

// One window: merged panes, and an overlay of edge panes and single events.
class window_sum {
 public:
  merged_panes inside;

  void clear_overlay() noexcept;
  // A pane that an edge of the window meets: nothing, all, or a cut part of it.
  void add_edge(sketch::stored_summary const& pane, time_span span, std::uint64_t seed);
  // So many single events may follow.
  void expect_events(std::size_t count);
  // One event inside the window that is in no pane.
  void add_event(item_view const& item, std::uint64_t hash, std::int64_t weight);

  // Rows 1..k, at most, of items with a count above 0.
  [[nodiscard]] std::vector<ranked_item> top(std::size_t k) const;
  // The row of one item, held or not; is_proven says nothing.
  [[nodiscard]] ranked_item estimate(item_view const& item, std::uint64_t hash) const;
  [[nodiscard]] sketch::bounds total() const noexcept;
  // The most that an item known to no pane and no event can have.
  [[nodiscard]] std::int64_t unknown_upper() const noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  // Whether known items that are not returned leave this row in the top K for certain.
  struct rival {
    std::int64_t upper = 0;
    item_view first;
    bool exists = false;
    void meet(std::int64_t other, item_view const& item) noexcept;
  };
  [[nodiscard]] ranked_item row(item_view const& item, merged_panes::sums const* held,
                                contribution const* beside) const;
  void prove(std::vector<ranked_item>& rows, rival const& strongest) const noexcept;

  item_map<contribution> overlay_;
  contribution constant_;  // what the overlay's panes add to every item
  sketch::bounds overlay_total_;
};

}  // namespace topk::stream
