// The table of contents: every module and function the extension registers, each listed once.
#pragma once

#include "sqlite/api.hpp"

namespace topk::surface {

// Registers everything on the connection, once. SQLITE_OK, or SQLite's code and a message.
int register_all(sqlite3* db, char** error) noexcept;

}  // namespace topk::surface
