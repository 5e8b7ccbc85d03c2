// The sum of a window: of the panes inside it, and of the overlay beyond them. It gives the bounds
// of any item, and the top K.
//
// A property test of this name guards each: proven_respects_ties, cut_pane_bounds_with_retractions,
// total_bounds.
#pragma once

#include <cstdint>
#include <vector>

#include "stream/overlay.hpp"
#include "stream/panes_sum.hpp"
#include "stream/window_ranking.hpp"

namespace topk::stream {

// Not thread-safe, const members included: they keep what they have found out.
class window_sum {
 public:
  panes_sum inside;

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
  // Filling the overlay again costs less than going on with it.
  [[nodiscard]] bool is_overlay_mostly_dead() const noexcept { return overlay_.is_mostly_dead(); }

  // ---- answers
  // Rows 1..k, at most, of items with a count above 0. Requires: k >= 1.
  [[nodiscard]] std::vector<ranked_item> top(std::size_t k) const;
  // The row of one item, held or not; is_proven is false.
  [[nodiscard]] ranked_item estimate(item_view const& item, std::uint64_t hash) const;
  [[nodiscard]] sketch::bounds total() const noexcept;
  // The most that an item known to no pane and no event can have.
  [[nodiscard]] std::int64_t unknown_upper() const noexcept { return parts().unknown_upper(); }
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  [[nodiscard]] window_parts parts() const noexcept { return {inside, overlay_}; }
  void count_event(item_view const& item, std::uint64_t hash, std::int64_t weight, bool enters);

  mutable overlay overlay_;         // top() links it to `inside`
  mutable window_ranking ranking_;  // as of the last top(), and the single events since
};

}  // namespace topk::stream
