// What a window has besides the panes that lie wholly inside it: panes at its edges, and single
// events that are in no pane yet.
//
//              since                                        until
//   ----[ edge ]-|-[ pane ][ pane ][ pane ][ pane ]--[ edge | ]-----> time
//             cut, or not                                  e  e e    events of the tail
//
// Small compared with the panes' sum, so it can be filled again while that sum is kept.
#pragma once

#include <cstdint>

#include "base/saturate.hpp"
#include "sketch/summary.hpp"
#include "stream/item_map.hpp"
#include "stream/panes_sum.hpp"
#include "stream/window_cover.hpp"

namespace topk::stream {

// What one item has in the overlay.
struct contribution {
  std::int64_t events_sum = 0;
  std::uint32_t events = 0;  // how many
  slot_ref edge{};           // its edge_weight; nowhere: no edge pane holds it
  slot_ref in_panes{};       // its place in the panes' sum, as of the last link()
};

// What the edge panes add to an item, as the window lies.
struct edge_weight {
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  std::int64_t middle_twice = 0;  // lower + upper of the panes that lie wholly inside
  std::int64_t share = 0;         // of cut panes: the part of the middle that the window covers
  std::uint32_t panes = 0;        // how many of the panes that hold the item the window meets
};

class overlay {
 public:
  explicit overlay(memory_budget* budget) noexcept
      : items_(budget), edges_(budget_allocator<edge_pane>(budget)),
        weights_(budget_allocator<edge_weight>(budget)) {}

  void clear() noexcept;
  // A pane that an edge of the window may meet. It counts as the next weigh() finds it: not at
  // all, wholly, or in part.
  // Entries outside `range` are left out.
  void add_edge(sketch::stored_summary const& pane, std::uint64_t seed, hash_range range);
  void clear_edges() noexcept;
  void weigh(time_span span) noexcept;

  void reserve_events(std::size_t count);
  // One event enters, or leaves with its weight negated; returns its item's contribution, linked if
  // the others are. Valid until the next call.
  contribution const& count_event(item_view const& item, std::uint64_t hash, std::int64_t weight,
                                  bool enters, panes_sum const& panes);
  // One of an item that is left out: it counts in the totals alone.
  void count_left_out(std::int64_t weight, bool enters) noexcept {
    if (enters) {
      sketch::count_event(entered_, weight, 0);
    } else {
      sketch::count_event(left_, -weight, 0);
    }
  }
  // Looks up where the panes' sum holds each item, unless that is known.
  void link(panes_sum const& panes) noexcept;

  using map = item_map<contribution>;
  [[nodiscard]] map const& items() const noexcept { return items_; }
  // The edge panes' part. Requires: of.edge is somewhere.
  [[nodiscard]] edge_weight const& edge_of(contribution const& of) const noexcept {
    return weights_[*of.edge];
  }
  // What the edge panes add to every item, held or not.
  [[nodiscard]] edge_weight const& for_all() const noexcept { return for_all_; }
  // Of the edge panes, as the window lies, and of the events. Of a cut pane the gross sums are
  // those of all of it.
  [[nodiscard]] sketch::pane_totals totals() const noexcept;
  // Whether an edge of the window cuts a pane, so that its bounds are those of a part.
  [[nodiscard]] bool is_cut() const noexcept { return is_cut_; }
  // Of a cut pane, the part of its time that the window covers.
  [[nodiscard]] std::int64_t total_estimate() const noexcept {
    return add_saturated(edges_share_, entered_.total_lower - left_.total_lower);
  }

  // Whether an event or an edge pane inside the window has the item; if not, it counts as if it
  // were not here.
  [[nodiscard]] bool has(contribution const& of) const noexcept {
    return of.events != 0 || (of.edge && weights_[*of.edge].panes != 0);
  }
  // Most items here are dead: filling the overlay again costs less than going on with it.
  [[nodiscard]] bool is_mostly_dead() const noexcept { return dead_ > 64 + items_.size() / 2; }

 private:
  struct edge_entry {
    std::uint32_t weight;  // its place in weights_
    std::int64_t lo;
    std::int64_t hi;
  };
  struct edge_pane {
    sketch::pane_totals totals;
    sketch::bounds absent;
    budgeted<edge_entry> entries;
  };
  void weigh_whole(edge_pane const& edge) noexcept;
  void weigh_cut(edge_pane const& edge, time_span span) noexcept;

  // No event and no edge pane refers to it, wherever the window lies. Nothing is erased singly.
  [[nodiscard]] static bool is_dead(contribution const& of) noexcept {
    return of.events == 0 && !of.edge;
  }

  static constexpr std::uint64_t not_linked = ~std::uint64_t{0};

  map items_;
  std::uint64_t linked_to_ = not_linked;  // panes_sum::changes() as of which in_panes holds
  budgeted<edge_pane> edges_;
  budgeted<edge_weight> weights_;
  edge_weight for_all_;
  sketch::pane_totals edges_totals_;
  std::int64_t edges_share_ = 0;  // an estimate of their sum of weights
  sketch::pane_totals entered_;   // events that came
  sketch::pane_totals left_;      // and those of them that have left
  bool is_cut_ = false;
  std::size_t dead_ = 0;  // how many items are dead
};

}  // namespace topk::stream
