// The table of contents: every module and function the extension registers, and helpers they share.
#pragma once

#include <memory>

#include "surface/stream_state.hpp"

namespace topk::surface {

// Registers everything on the connection, once. SQLITE_OK, or SQLite's code and a message.
int register_all(sqlite3* db, char** error) noexcept;

// xSync of every table over a stream: writes what is pending.
int flush_for_commit(stream_state& state, char** error) noexcept;
// xSavepoint: the same, so that the pager can undo what comes after. xRollbackTo: drops what memory
// knows of it.
int make_savepoint(stream_state& state, char** error, int level) noexcept;
void undo_to_savepoint(stream_state& state, int level) noexcept;

}  // namespace topk::surface
