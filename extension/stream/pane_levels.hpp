// The levels of panes of a stream: how wide a pane is, how long it is kept, how much it may hold.
//
// Level 0 is the finest. A declared window W is answered at a grain of at most W/60, so it asks for
// the widest round width that is at most W/60 and a multiple of the level below; windows that would
// get the same width share a level. `retain` counts as a window if it is longer than all of them.
#pragma once

#include <vector>

#include "base/time.hpp"
#include "sketch/summary.hpp"
#include "stream/stream_options.hpp"

namespace topk::stream {

struct pane_level {
  micros width = 0;
  micros kept = 0;         // panes stay in any case until they end this long before R
  std::uint32_t keep = 0;  // entries of a stored pane once its parent has absorbed it
  std::uint32_t spare =
      0;  // entries of a pane that stays beyond `kept`, see past_panes.hpp; 0: none
  sketch::capacity live{};  // what a pane may hold while it is filled or waits for its parent
};

// Never empty; at most 17 levels.
[[nodiscard]] std::vector<pane_level> plan_levels(stream_options const& options);

// The pane of this width that holds time t: pane p covers (p-1)*width < t <= p*width.
[[nodiscard]] constexpr std::int64_t pane_of(micros t, micros width) noexcept {
  return round_up(t, width) / width;
}

// Where the level's horizon is to be when the reference time is `reference`: what is older has left
// it. On the grid of the level above, so that no pane there is half formed.
[[nodiscard]] micros horizon_at(std::vector<pane_level> const& levels, std::size_t level,
                                micros reference) noexcept;

// A stored pane in place; the errors of stored_summary::parse, and errc::corrupt where its events
// are of another time than its number says.
[[nodiscard]] result<sketch::stored_summary> parse_pane(byte_view body, std::int64_t pane,
                                                        micros width);
// The same check of a pane that is decoded already.
[[nodiscard]] status check_times(sketch::pane_totals const& totals, std::int64_t pane,
                                 micros width);

// How much of the stream's memory its parts may take, in bytes but for rows. Beyond `memory` there
// is beyond_memory, for what does not shrink with it.
inline constexpr std::size_t beyond_memory = 256 * 1024;
struct memory_plan {
  std::size_t batch_bytes = 0;      // events in memory before they are folded
  std::size_t tail_rows = 0;        // committed events that wait before they are folded
  std::size_t partition_bytes = 0;  // partitions met, remembered so as not to look them up
  std::size_t answer_bytes = 0;     // windows and answers; a fold takes their place
  std::size_t few_events = 0;       // while there are so few in memory, answers may take more:
  std::size_t more_answer_bytes = 0;
};
[[nodiscard]] memory_plan plan_memory(stream_options const& options) noexcept;

}  // namespace topk::stream
