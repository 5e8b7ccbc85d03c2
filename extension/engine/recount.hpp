// Counts the log or the content table from scratch: 'rebuild', 'track', and CREATE with content=.
#pragma once

#include "live/open_stream.hpp"

namespace topk::engine {

// The head of a stream that has counted nothing yet, after those there were.
[[nodiscard]] stream::stream_head empty_head(live::open_stream& state);

// Replaces tail, panes and partitions by what log or table hold, whatever the reference time was.
// Several writes: needs a statement journal around it. errc::invalid_argument where there is
// neither log nor table, and where no row of the table has a time that can be read.
status recount(live::open_stream& state);

// An interrupt as an error of `what`: as SQLITE_INTERRUPT it would roll back the user's whole
// transaction. Any other outcome as it is.
[[nodiscard]] status told_as_error(status outcome, std::string const& what);

}  // namespace topk::engine
