// External content: the user's own table that a stream counts, and the triggers that keep it in
// step.
//
// The triggers insert into the stream with a weight of the form 'track+3' or 'track-3': a tracked
// event. What is wrong with a tracked event never fails the user's own statement; it is counted in
// `rejected`.
#pragma once

#include <optional>
#include <string>

#include "engine/open_stream.hpp"

namespace topk::engine {

// errc::invalid_argument unless the content is an ordinary table of the stream's own schema that
// has the named columns: no view, no virtual or shadow table, so that no schema can make us read
// elsewhere.
status check_content(open_stream& state);

// Makes the three triggers, in place of those there may be. errc::invalid_argument without content.
status track(open_stream& state);
// Drops every trigger that tracks a table into this stream.
status untrack(open_stream& state);

// The weight in a tracked event; nullopt if `value` does not mark one. The inner result fails
// for a weight that is none.
[[nodiscard]] std::optional<result<std::int64_t>> tracked_weight_of(sqlite3_value* value);

}  // namespace topk::engine
