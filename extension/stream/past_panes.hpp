// Panes that stay for questions about the past, as far as a budget of bytes goes.
//
//             horizon              past            formed of the level above
//   level l      |------ stay ------|------ kept ------|-- - - -
//
// A window that ends now is answered by the panes that a level keeps in any case. As of earlier its
// edges would meet coarse panes only, of which a share is a guess. So a pane that has become older
// than `kept` is cut to its first `spare` entries, and stays. Where all such panes together take
// more than the budget, those of the finest level go first, and of these the oldest: a stream with
// few events has its finest panes for as long as it retains anything.
//
// What stays follows from the stored panes, the head and the events of the fold alone.
#pragma once

#include <cstdint>
#include <vector>

#include "stream/event_batch.hpp"
#include "stream/pane_levels.hpp"
#include "stream/pane_store.hpp"
#include "stream/stream_head.hpp"

namespace topk::stream {

class past_panes {
 public:
  // All references must outlive it.
  past_panes(std::vector<pane_level> const& levels, pane_store& store, stream_head& head) noexcept
      : levels_(levels), store_(store), head_(head) {}

  // The panes up to due[level] have become older than their levels keep: raises the horizons below
  // the top level as the budget asks, and cuts what stays. The horizon of the top level must be
  // settled; events[0, count), of which the oldest is given, are about to be written.
  status settle(std::vector<micros> const& due, event_batch const& events, std::size_t count,
                micros oldest);
  // The body of a pane that ends at `end` had `before` bytes, 0 if there was none, and now has
  // `after`.
  void wrote(std::size_t level, micros end, std::size_t before, std::size_t after) noexcept;
  // Whether a pane is one of these.
  [[nodiscard]] bool has(std::size_t level, micros end) const noexcept {
    auto const& marks = head_.levels[level];
    return level + 1 < levels_.size() && end > marks.horizon && end <= marks.past;
  }

 private:
  result<std::int64_t> claim(std::size_t level, micros due, event_batch const& events,
                             std::size_t count, micros oldest);
  status make_room(std::size_t level, micros due, std::int64_t claim, std::int64_t& total);
  [[nodiscard]] std::int64_t guess(std::size_t level, micros due, event_batch const& events,
                                   std::size_t count, micros oldest) const noexcept;
  status follow_retention();
  status drop_until(std::size_t level, micros to);
  status drop_oldest(std::size_t level, std::int64_t& total);
  void drop_all(std::size_t level, micros due) noexcept;
  status cut(std::size_t level, micros due);
  status cut_one(std::size_t level, pane_row const& row);

  std::vector<pane_level> const& levels_;
  pane_store& store_;
  stream_head& head_;
};

}  // namespace topk::stream
