// Fold: events in sequence order go from the tail or a pending batch into stored panes.
//
// An event goes into level 0 if it is younger than level 0's horizon, else into the lowest level
// that still keeps its time; and into every formed pane that covers it. Panes whose time has passed
// are merged upward ("formed") from their children, which are then cut to the entries worth
// keeping.
//
// Deterministic: the panes written depend on the stored panes, the head and the rows, in order, and
// on nothing else.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "stream/event_batch.hpp"
#include "stream/pane_levels.hpp"
#include "stream/pane_store.hpp"
#include "stream/stream_head.hpp"

namespace topk::stream {

struct fold_limits {
  static constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

  std::int64_t formed_panes = unlimited;   // parents to form; the rest waits for the next fold
  std::int64_t expired_panes = unlimited;  // rows to erase
  bool form_parents = true;                // false while more events follow at once
  micros reference =
      no_time;  // what the head's shall be at least: events that follow, taken already
};

class folder {
 public:
  // All references must outlive the folder. `head` is the stored head; it is moved on.
  folder(std::vector<pane_level> const& levels, std::uint64_t seed, bool is_logged,
         pane_store& store, stream_head& head)
      : levels_(levels), seed_(seed), is_logged_(is_logged), store_(store), head_(head) {}

  // Takes the first `count` events into panes and the head, forms what is due, erases what has
  // expired, and raises the generation. Where it fails, head and store are to be thrown away (a
  // statement rolls back).
  status take(event_batch const& events, std::size_t count, fold_limits const& limits);

  // Cuts every pane that its parent has absorbed to its best entries.
  status tidy();

 private:
  struct target {
    std::int64_t pane;
    std::uint32_t row;
  };

  status move_horizons(fold_limits const& limits, std::int64_t& budget);
  status form_due(std::int64_t& budget);
  status form(std::size_t level, micros up_to, std::int64_t& budget, bool keep_children);
  status form_one(std::size_t level, std::int64_t pane, bool keep_children);
  status form_partitions(std::size_t level, std::int64_t pane, bool keep_children);
  status apply(std::size_t level, event_batch const& events, std::size_t count);
  status apply_partitions(std::size_t level, event_batch const& events, std::size_t count);
  template <class Rows>
  status apply_to(std::size_t level, std::int64_t pane, item_view const* partition,
                  event_batch const& events, Rows const& rows);
  status store_formed(std::size_t level, std::int64_t pane, item_view const* partition,
                      sketch::summary& formed);
  status trim(std::size_t level, pane_row const& row, sketch::stored_summary const& child);
  [[nodiscard]] std::optional<std::vector<std::byte>> trimmed(
      std::size_t level, sketch::stored_summary const& child) const;
  [[nodiscard]] bool takes(std::size_t level, micros t) const noexcept;
  [[nodiscard]] bool is_absorbed(std::size_t level, micros end) const noexcept;
  [[nodiscard]] bool is_top(std::size_t level) const noexcept {
    return level + 1 == levels_.size();
  }

  std::vector<pane_level> const& levels_;
  std::uint64_t seed_;
  bool is_logged_;
  pane_store& store_;
  stream_head& head_;
  std::vector<target> targets_;
};

}  // namespace topk::stream
