// The table of contents: every module and function the extension registers, and helpers they share.
#pragma once

#include <memory>

#include "surface/stream_state.hpp"

namespace topk::surface {

// Registers everything on the connection. SQLITE_OK, or SQLite's code and a message.
int register_all(sqlite3* db, char** error) noexcept;

// xSync and xSavepoint of every table over a stream: writes what is pending.
int flush_pending(stream_state& state, char** error, bool is_commit) noexcept;

}  // namespace topk::surface
