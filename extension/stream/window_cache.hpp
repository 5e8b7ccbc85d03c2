// A window's sum, kept between questions and moved to the next window at the cost of what changed.
#pragma once

#include <optional>

#include "base/memory_budget.hpp"
#include "stream/event_batch.hpp"
#include "stream/pane_store.hpp"
#include "stream/window_sum.hpp"

namespace topk::stream {

// What a window is computed from. References must outlive the call.
struct window_source {
  std::vector<pane_level> const& levels;
  std::uint64_t seed;
  stream_head const& head;  // the stored head
  pane_store& store;
  event_batch const& events;   // in no pane yet: the tail, and what is pending
  std::uint64_t events_epoch;  // changes when events were removed
  // One more pane, whose times lie in the window; for a new window_cache only.
  sketch::stored_summary const* waiting = nullptr;
};

class window_cache {
 public:
  // Null partition: over all partitions. The sum is of the items in `range` alone, and its memory
  // is charged to `budget`, which must outlive it.
  explicit window_cache(std::optional<item> partition, memory_budget* budget = nullptr,
                        hash_range range = {})
      : partition_(std::move(partition)), budget_(memory_budget::unlimited, budget),
        sum_(&budget_, range) {}

  // The sum over the window. Valid until the next call. Null: the budget does not allow it. A
  // failure leaves an empty cache, and so does null.
  result<window_sum const*> sum_of(window_source const& source, time_span span);

  // The panes inside are known to hold about so many items: their sum is then made at its size at
  // once, where growing to it would take twice the memory.
  void expect(std::size_t items) noexcept { expected_ = items; }

  [[nodiscard]] std::optional<item> const& partition() const noexcept { return partition_; }
  // Of the last window, microseconds.
  [[nodiscard]] micros length() const noexcept { return span_.until - span_.since; }
  // What is charged.
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return budget_.used(); }
  void clear() noexcept;

 private:
  status fill(window_source const& source, time_span span, bool same_panes, bool same_events);
  template <class Visitor>
  status each_parsed(window_source const& source, pane_range const& range, Visitor const& visitor);
  status move_panes(window_source const& source, std::vector<pane_range> wanted);
  status move_edges(window_source const& source, std::vector<pane_range> wanted);
  void move_events(window_source const& source, time_span span);
  void add_new_events(window_source const& source, time_span span);
  void add_new_event(event_fields const& event, std::uint64_t seed);

  std::optional<item> partition_;
  memory_budget budget_;  // its own, so that it knows what it holds
  window_sum sum_;
  bool is_filled_ = false;
  // What sum_ is the sum of.
  std::uint64_t generation_ = 0;
  std::vector<pane_range> inside_;
  std::vector<pane_range> edges_;
  time_span span_;
  std::uint64_t events_epoch_ = 0;
  std::size_t expected_ = 0;     // items; 0: not known
  std::size_t events_seen_ = 0;  // the first so many of the source's events
};

// Calls the store's visit that fits the partition (null: over all).
status each_pane(pane_store& store, std::optional<item> const& partition, pane_range const& range,
                 pane_store::visit const& visitor);

// Whether the event counts in a window of this partition (null: over all).
[[nodiscard]] bool counts_in(event_fields const& event, time_span span,
                             std::optional<item> const& partition) noexcept;

}  // namespace topk::stream
