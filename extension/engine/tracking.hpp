// The triggers of 'track', which keep a stream in step with the user's table.
//
// What is wrong with a row never fails the user's own statement; it is counted in `rejected`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "live/open_stream.hpp"

namespace topk::engine {

// The hidden column of a stream that marks a tracked row: 1 for one that came into the table, -1
// for one that left it, 2 for one that leaves it if the user's statement replaces rows.
inline constexpr char const* tracked_column = "topk_tracked";

// Creates the triggers, replacing older ones. errc::invalid_argument without content.
status make_triggers(live::open_stream& state);
// Drops every trigger that tracks a table into this stream.
status drop_triggers(live::open_stream& state);

// Whether triggers keep the stream in step with the table that content= names.
result<bool> is_tracked(live::open_stream& state);
// When the table was last counted as a whole; nullopt: never, as far as is known.
result<std::optional<micros>> counted_at(live::open_stream& state);
status set_counted_at(live::open_stream& state, micros now);
// The source of an answer about a table that is not tracked: 'sketch as of ...'.
result<std::string> sketch_as_of(live::open_stream& state);

// What a trigger of an older release wrote into the weight: 'track+3' or 'track-3'.
struct marked_weight {
  int sign = 0;
  std::optional<std::int64_t> weight;  // nullopt: it is none
};
[[nodiscard]] std::optional<marked_weight> marked_weight_of(sqlite3_value* value);

}  // namespace topk::engine
