// Fold: flushes events, in sequence order, from the tail or a pending batch into stored panes, and
// rolls panes up into those of the levels above.
//
// Deterministic: the panes written depend on the stored panes, the head and the events, in order,
// and on nothing else.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "sketch/exact_counts.hpp"
#include "stream/event_batch.hpp"
#include "stream/pane_levels.hpp"
#include "stream/pane_store.hpp"
#include "stream/past_panes.hpp"
#include "stream/stream_head.hpp"

namespace topk::stream {

struct fold_limits {
  static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

  std::int64_t formed_panes = unlimited;   // parents to roll up; the rest waits for the next fold
  std::int64_t expired_panes = unlimited;  // rows to erase
  bool form_parents = true;                // false while more events follow at once
  // The head with the events counted in that are known but not folded yet, if there are any: its
  // watermark is the one to go by.
  stream_head const* live = nullptr;
};

class pane_fold {
 public:
  // All references must outlive it. `head` is the stored head; it is updated.
  pane_fold(std::vector<pane_level> const& levels, std::uint64_t seed, bool is_logged,
            pane_store& store, stream_head& head)
      : levels_(levels), seed_(seed), is_logged_(is_logged), store_(store), head_(head),
        past_(levels, store, head) {}

  // Writes the first `count` events into panes and the head, rolls up what is due, erases what has
  // expired, and raises the generation. If it fails, head and store are to be discarded (the
  // statement rolls back).
  status take(event_batch const& events, std::size_t count, fold_limits const& limits);

  // Cuts every pane that its parent has absorbed to its best entries.
  status cut_absorbed();

 private:
  // Where one event goes.
  struct target {
    std::int64_t pane;
    std::uint32_t row;  // in the batch
  };

  // An empty one by default.
  struct time_range {
    micros oldest = std::numeric_limits<micros>::max();
    micros newest = no_time;
  };
  time_range count_events(event_batch const& events, std::size_t count);
  status raise_horizons(event_batch const& events, std::size_t count, micros oldest,
                        std::int64_t& budget);
  status expire(std::int64_t limit);
  status roll_up_due(std::int64_t& budget);
  status roll_up(std::size_t level, micros up_to, std::int64_t& budget, bool keep_children);
  status roll_up_pane(std::size_t level, std::int64_t pane, bool keep_children);
  status roll_up_partitions(std::size_t level, std::int64_t pane, bool keep_children);
  status roll_up_unpartitioned(std::size_t level, std::int64_t pane, bool keep_children);
  status save_rolled_up(std::size_t level, std::int64_t pane, item_view const* partition,
                        sketch::summary& parent);
  status write_level(std::size_t level, event_batch const& events, std::size_t count);
  status write_partitions(std::size_t level, event_batch const& events, std::size_t count);
  status write_pane(std::size_t level, std::int64_t pane, item_view const* partition,
                    event_batch const& events, std::span<target const> rows);
  std::vector<std::byte> new_pane(std::size_t level, micros end, event_batch const& events,
                                  std::span<target const> rows);
  void add_rows(sketch::summary& filled, event_batch const& events, std::span<target const> rows);
  template <class Pane>
  [[nodiscard]] std::vector<std::byte> stored_form(std::size_t level, micros end,
                                                   Pane& filled) const;
  status write_unpartitioned(std::size_t level, std::int64_t pane, event_batch const& events,
                             std::span<target const> rows, std::span<target const> others);
  status cut_stored(std::size_t level, std::int64_t pane, item_view const* partition);
  [[nodiscard]] bool is_worth_cutting(std::size_t level, micros end,
                                      sketch::stored_summary const& child) const noexcept;
  status cut(std::size_t level, pane_row const& row, sketch::stored_summary const& child);
  [[nodiscard]] std::optional<std::vector<std::byte>> cut_body(
      std::size_t level, micros end, sketch::stored_summary const& child) const;
  [[nodiscard]] std::size_t keep_of(std::size_t level, micros end) const noexcept;
  [[nodiscard]] bool takes(std::size_t level, micros t) const noexcept;
  [[nodiscard]] bool is_absorbed(std::size_t level, micros end) const noexcept;
  // The watermark that panes below the top level go by.
  [[nodiscard]] micros roll_reference() const noexcept {
    return head_.roll_reference(levels_.back().kept);
  }
  [[nodiscard]] bool is_top(std::size_t level) const noexcept {
    return level + 1 == levels_.size();
  }

  std::vector<pane_level> const& levels_;
  std::uint64_t seed_;
  bool is_logged_;
  pane_store& store_;
  stream_head& head_;
  std::vector<target> targets_;
  sketch::exact_counts counts_;
  past_panes past_;
};

}  // namespace topk::stream
