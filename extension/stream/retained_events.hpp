// How many of the accepted events a stream still holds.
#pragma once

#include "stream/event_batch.hpp"
#include "stream/pane_levels.hpp"
#include "stream/pane_store.hpp"
#include "stream/stream_head.hpp"

namespace topk::stream {

// Events with ts > `after`: those in `tail` exactly; those in panes as whole panes of the coarsest
// level, so that a pane which `after` cuts counts whole. Reads each pane of the stream's whole time
// once, and holds one at a time. errc::corrupt where a pane is damaged.
[[nodiscard]] result<std::int64_t> retained_events(std::vector<pane_level> const& levels,
                                                   stream_head const& stored, pane_store& panes,
                                                   event_batch const& tail, micros after);

}  // namespace topk::stream
