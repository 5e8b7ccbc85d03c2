// SQLite's API: the one place that includes it, beside entry.cpp, which owns the routine table.
#pragma once

#include <sqlite3ext.h>

#if !defined(SQLITE_CORE)
extern "C" {
SQLITE_EXTENSION_INIT3
}
#endif
