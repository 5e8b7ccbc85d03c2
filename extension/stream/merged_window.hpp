// The sum of the panes inside a window, and the top K of it.
//
//   Merge: per item S = sum of (hi - u) and L = sum of (lo - z) over the panes that hold it; U and
//   Z are the sums of u and z over all panes. An item has [L + Z, S + U], an item in no pane [Z,
//   U]. (Agarwal et al., "Mergeable Summaries", PODS 2012, with signed sums.)
//
// Linear, so a pane can be subtracted: exactly what was added. Never truncated. The items that may
// be in an answer are kept ranked, so that a single event costs no pass over the others. A property
// test of this name guards each: merge_any_order_equal, subtract_of_add_is_identity,
// proven_respects_ties, cut_pane_bounds_with_retractions, total_bounds.
#pragma once

#include <cstdint>
#include <vector>

#include "sketch/summary.hpp"
#include "stream/item_map.hpp"
#include "stream/leaders.hpp"
#include "stream/value_ranking.hpp"
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

// Panes added up.
class merged_panes {
 public:
  void add(sketch::stored_summary const& pane, std::uint64_t seed);
  // Requires: the same pane was added before.
  void subtract(sketch::stored_summary const& pane, std::uint64_t seed);
  void clear() noexcept;
  // So many panes like this one may be about to be added; once they are, call give_back().
  void expect(sketch::stored_summary const& pane, std::size_t panes);
  void give_back() { items_.give_back(); }

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
  // Another number after each change. While it stands, entries keep their places in items().
  [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }

 private:
  void changed() noexcept;

  item_map<sums> items_;
  sketch::bounds absent_;
  sketch::bounds total_;
  std::vector<std::uint64_t> hashes_;  // of the pane that is being added or subtracted
  std::uint64_t changes_ = 0;
  mutable value_ranking by_middle_;
  mutable value_ranking by_upper_;
};

// What an item has beside the merged panes: in single events, and in panes at the edges.
struct contribution {
  std::int64_t events_sum = 0;
  std::uint32_t events = 0;  // how many
  std::uint32_t edge = 0;    // the number of its edge_weight + 1; 0: no edge pane holds it
  std::uint32_t inside =
      0;  // the number of its entry in the merged panes + 1; 0: they do not hold it
};

// What the edge panes that hold an item add to it, as the window stands.
struct edge_weight {
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  std::int64_t middle_twice = 0;  // lower + upper of what lies wholly inside
  std::int64_t share = 0;         // of cut panes: the part of the middle that the window covers
  std::uint32_t panes = 0;        // how many of them the window meets
};

// One window: merged panes, and an overlay of edge panes and single events.
class window_sum {
 public:
  merged_panes inside;

  void clear_overlay() noexcept;
  // Panes that an edge of the window may meet. They count as the next set_span() weighs them:
  // nothing, all, or a cut part of each is inside.
  void add_edge(sketch::stored_summary const& pane, std::uint64_t seed);
  void clear_edges() noexcept;
  void set_span(time_span span) noexcept;
  // So many single events may follow.
  void expect_events(std::size_t count);
  // One event inside the window that is in no pane; or one that was added has left it.
  void add_event(item_view const& item, std::uint64_t hash, std::int64_t weight);
  void remove_event(item_view const& item, std::uint64_t hash, std::int64_t weight);
  // Most of the overlay is of items that have left it: filling it anew costs less than to go on.
  [[nodiscard]] bool is_worn() const noexcept;

  // Rows 1..k, at most, of items with a count above 0. Requires: k >= 1.
  [[nodiscard]] std::vector<ranked_item> top(std::size_t k) const;
  // The row of one item, held or not; is_proven says nothing.
  [[nodiscard]] ranked_item estimate(item_view const& item, std::uint64_t hash) const;
  [[nodiscard]] sketch::bounds total() const noexcept;
  // The most that an item known to no pane and no event can have.
  [[nodiscard]] std::int64_t unknown_upper() const noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  using overlay = item_map<contribution>;
  struct edge_entry {
    std::uint32_t at;  // its weight
    std::int64_t lo;
    std::int64_t hi;
  };
  struct edge_pane {
    sketch::pane_totals totals;
    sketch::bounds absent;
    std::vector<edge_entry> entries;
  };
  void weigh_whole(edge_pane const& edge) noexcept;
  void weigh_cut(edge_pane const& edge, time_span span) noexcept;
  void count_event(item_view const& item, std::uint64_t hash, std::int64_t weight, bool comes);
  void find_all_inside() const noexcept;
  void rank(std::size_t k) const;
  [[nodiscard]] candidate placed(item_view const& item, std::uint64_t hash,
                                 contribution const& beside) const noexcept;
  template <class Before, class Nth, class Value>
  void offer_inside(leaders<Before>& to, Nth nth, Value value, std::int64_t least) const;

  // Whether an event or an edge pane has the item; if not, it is as if it were not in the overlay.
  [[nodiscard]] bool is_there(contribution const& beside) const noexcept {
    return beside.events != 0 || (beside.edge != 0 && weights_[beside.edge - 1].panes != 0);
  }
  // Neither has it, wherever the window lies: only filling the overlay anew would be rid of it.
  [[nodiscard]] static bool is_gone(contribution const& beside) noexcept {
    return beside.events == 0 && beside.edge == 0;
  }

  mutable overlay overlay_;  // erases nothing
  // inside.changes() as of which contribution::inside holds.
  mutable std::uint64_t found_inside_ = ~std::uint64_t{0};
  std::vector<edge_pane> edges_;
  std::vector<edge_weight> weights_;
  edge_weight constant_;  // what the edge panes add to every item
  sketch::bounds edges_total_;
  std::int64_t events_total_ = 0;
  std::size_t gone_ = 0;  // how many of the overlay are gone; as of set_span

  // The first by count and by upper bound: valid for inside.changes() == ranked_, while is_ranked_.
  mutable leaders<by_count> first_;
  mutable leaders<by_upper> rivals_;
  mutable bool is_ranked_ = false;
  mutable std::uint64_t ranked_ = 0;
};

}  // namespace topk::stream
