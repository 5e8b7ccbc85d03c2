// Which panes answer a window: the coarsest that lie inside, finer ones towards the edges where
// they are still kept, and at each edge at most one pane that the edge may cut. Whether the edge
// really cuts that pane depends on its first and last event.
#pragma once

#include <cstdint>
#include <vector>

#include "stream/pane_levels.hpp"
#include "stream/stream_head.hpp"

namespace topk::stream {

// The events with since < ts <= until.
struct time_span {
  micros since = 0;
  micros until = 0;
  friend bool operator==(time_span const&, time_span const&) = default;
};

struct pane_range {
  std::size_t level = 0;
  std::int64_t first = 0;
  std::int64_t last = 0;  // inclusive
  friend bool operator==(pane_range const&, pane_range const&) = default;
};

struct window_panes {
  std::vector<pane_range> inside;  // disjoint in time, all inside the window
  std::vector<pane_range> edges;   // single panes, at most two, that an edge of the window meets
};

// Every folded event with since < ts <= until lies in exactly one of the panes.
// Requires: head.levels.size() == levels.size(), span.since < span.until.
[[nodiscard]] window_panes cover_window(std::vector<pane_level> const& levels,
                                        stream_head const& head, time_span span);

}  // namespace topk::stream
