// Rows of a content= table that are dated ahead of the clock: they wait in a table of their own,
// and each question counts those that lie in its window. So the window decides whether a row
// counts, and not the clock. A later write moves rows whose time has come to the tail.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "live/open_stream.hpp"
#include "stream/window_slices.hpp"
#include "trend/ranking.hpp"

namespace topk::engine {

// Lets a row wait, or takes back one that does. Requires: its partition was admitted.
status put_ahead(live::open_stream& state, live::new_event const& event);

// Moves rows whose time has come to the tail, the oldest first and `most` of them; fewer where
// memory is full. True: there are no more. Requires: begin().
result<bool> take_due(live::open_stream& state, std::int64_t most);
// All of them, folding where memory is full. Needs a statement journal.
status take_all_due(live::open_stream& state);

// The reference time and the newest event, with the waiting rows whose time has come; no_time where
// there is none.
struct stream_times {
  micros reference = stream::no_time;
  micros newest = stream::no_time;
};
result<stream_times> times_of(live::open_stream& state, micros now);

result<bool> has_ahead(live::open_stream& state, stream::time_span span);
// Calls the visitor with each waiting row of a window and a partition (null: of all).
status each_ahead(live::open_stream& state, stream::time_span span,
                  std::optional<item> const& partition,
                  std::function<void(sqlite::tail_row const&)> const& visit);

// Calls the visitor with each event of a window and a partition that no stored pane holds: those of
// the tail, those that are pending, and the waiting rows.
struct loose_event {
  item_view item;
  micros ts = 0;
  std::int64_t weight = 0;
};
status each_loose_event(live::open_stream& state, stream::time_span span,
                        std::optional<item> const& partition,
                        std::function<void(loose_event const&)> const& visit);

// The answers of a window with the waiting rows in it: see answer_cache. They are summed up in
// bounded memory: beyond what a pane of the top level holds, bounds widen. Nothing is kept.
result<live::fast_answer> top_with_ahead(live::open_stream& state, stream::time_span span,
                                         std::optional<item> const& partition, std::size_t k);
result<stream::ranked_item> estimate_with_ahead(live::open_stream& state, stream::time_span span,
                                                std::optional<item> const& partition,
                                                item_view const& item);
result<sketch::bounds> total_with_ahead(live::open_stream& state, stream::time_span span,
                                        std::optional<item> const& partition);
result<std::optional<std::vector<std::byte>>> state_with_ahead(live::open_stream& state,
                                                               stream::time_span span,
                                                               std::optional<item> const& partition,
                                                               stream::state_form const& form);
result<trend::trend_answer> trend_with_ahead(live::open_stream& state,
                                             trend::trend_form const& form, stream::time_span span,
                                             stream::time_span baseline,
                                             std::optional<item> const& partition);

}  // namespace topk::engine
