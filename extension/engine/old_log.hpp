// The log of a stream that the first release made: a row for each event (format 1).
#pragma once

#include "live/open_stream.hpp"

namespace topk::engine {

// Moves it into blocks: from then on the stream has format 2, which the first release does not
// read. Nothing where it is in blocks already, or there is none. `head` is the stored one; what it
// states of the log is brought up to date. One pass, in memory of one block; SQLite sorts the rows.
//
// Several writes: needs a statement journal around it. Requires: the tail is empty.
// errc::constraint: something has the name of the blocks', or a statement is reading the log.
status move_old_log(live::open_stream& state, stream::stream_head& head);

}  // namespace topk::engine
