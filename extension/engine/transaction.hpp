// What xSync, xSavepoint and xRollbackTo of a stream's virtual tables do.
#pragma once

#include "live/open_stream.hpp"

namespace topk::engine {

// xSync of every table over a stream: writes what is pending.
int flush_for_commit(live::open_stream& state, char** error) noexcept;
// xSavepoint: the same, so that the pager can undo what comes after. xRollbackTo: drops what memory
// knows of it.
int make_savepoint(live::open_stream& state, char** error, int level) noexcept;
void undo_to_savepoint(live::open_stream& state, int level) noexcept;

}  // namespace topk::engine
