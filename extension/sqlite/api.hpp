// SQLite's API. Only this file and entry.cpp, which owns the routine table, include it.
#pragma once

#include <sqlite3ext.h>

#if !defined(SQLITE_CORE)
extern "C" {
SQLITE_EXTENSION_INIT3
}
#endif
