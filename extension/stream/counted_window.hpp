// A window whose panes are replaced, one by one, by exact counts of their events: the state of a
// hybrid answer.
//
//   panes inside, as sums    bounds of each item
//   cut panes                counted at once: of their part inside, a sketch knows too little
//   tail and pending events  exact anyway
#pragma once

#include <functional>
#include <optional>

#include "stream/item_map.hpp"
#include "stream/window_cache.hpp"

namespace topk::stream {

// Adds the sums of weights of the events in the span to `counts`; returns how many events it read.
// Items that are in the tail are part of it too.
using log_reader =
    std::function<result<std::int64_t>(time_span span, item_map<std::int64_t>& counts)>;

// All that is known is charged to the budget: each call may throw over_budget.
class counted_window {
 public:
  // What is known of one item.
  struct knowledge {
    sketch::relative_bounds sketched;  // over the panes that are not counted yet
    std::int64_t counted = 0;          // the exact sum of everything else
  };
  struct pane_gap {
    std::size_t pane = 0;
    std::int64_t size = 0;  // 0: no pane leaves anything open
  };

  // Borrows all. One partition, or null for all together. An empty span has no events.
  counted_window(window_source const& source, time_span span, std::optional<item> const& partition,
                 log_reader const& read, memory_budget& budget)
      : source_(source), span_(span), partition_(partition), read_(read), budget_(budget) {}

  // Once, in this order.
  status load_panes();
  status count_cuts();

  [[nodiscard]] item_map<knowledge> const& items() const noexcept { return known_; }
  [[nodiscard]] sketch::bounds bounds_of(knowledge const& of) const noexcept;
  // Of an item that is not in items().
  [[nodiscard]] sketch::bounds const& unknown() const noexcept { return unknown_; }
  // The sum of all weights.
  [[nodiscard]] sketch::bounds total() const noexcept;

  // The pane whose sketch leaves most open: about these items, or, null, about unknown ones.
  result<pane_gap> widest_gap(item_map<char> const* wanted);
  [[nodiscard]] std::int64_t events_of(pane_gap const& of) const noexcept {
    return panes_[of.pane].totals.events;
  }
  // How many events are to be counted, the panes that leave most open first, until an unknown item
  // has less than this.
  [[nodiscard]] std::int64_t events_until_unknown_below(std::int64_t upper) const;
  // Counts a pane in place of its sketch.
  status count_pane(pane_gap const& of);

  // Events of the cut panes, and of all panes that the window meets.
  [[nodiscard]] std::int64_t cut_events() const noexcept { return cut_events_; }
  [[nodiscard]] std::int64_t events() const noexcept { return events_; }
  [[nodiscard]] std::int64_t rows_read() const noexcept { return rows_read_; }
  [[nodiscard]] std::int64_t panes_read() const noexcept { return panes_read_; }

 private:
  // One pane of the window and its part inside. Its entries stay in the store, and are read again
  // where they are asked for: all of them at once would be more than the sums.
  struct window_pane {
    pane_range at;
    sketch::pane_totals totals;
    sketch::bounds absent;
    time_span inside;
  };

  status load(pane_range const& range);
  void add(sketch::stored_summary const& pane);
  void subtract(sketch::stored_summary const& pane);
  status count(time_span const& part);
  void add_events(time_span const& part, std::int64_t sign);
  template <class Visitor>
  status with_sketch(window_pane const& pane, Visitor const& visitor);
  [[nodiscard]] std::int64_t openness(sketch::stored_summary const& pane,
                                      item_map<char> const& wanted) const;

  window_source const& source_;
  time_span span_;
  std::optional<item> const& partition_;
  log_reader const& read_;
  memory_budget& budget_;

  budgeted<window_pane> panes_{budget_allocator<window_pane>(&budget_)};
  std::size_t pane_count_ = 0;  // at most so many lie inside
  budgeted<time_span> cuts_{budget_allocator<time_span>(&budget_)};
  std::int64_t cut_events_ = 0;
  std::int64_t events_ = 0;
  item_map<knowledge> known_{&budget_};
  budgeted<std::uint64_t> hashes_{budget_allocator<std::uint64_t>(&budget_)};  // of one pane
  sketch::bounds unknown_;                                                     // [Z, U]
  sketch::bounds sketched_total_;
  std::int64_t counted_total_ = 0;
  std::int64_t rows_read_ = 0;
  std::int64_t panes_read_ = 0;
};

}  // namespace topk::stream
