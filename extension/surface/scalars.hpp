// topk_version() and topk_debug().
#pragma once

#include "sqlite/api.hpp"

namespace topk::surface {

// The release, as text: '0.1.0'.
void topk_version(sqlite3_context* context, int argc, sqlite3_value** argv) noexcept;
// JSON: version, commit, compiler, build, SQLite's version, and log_rows_read, the rows that hybrid
// queries on this connection have read from logs, and panes_read, the stored panes it has visited.
void topk_debug(sqlite3_context* context, int argc, sqlite3_value** argv) noexcept;

}  // namespace topk::surface
