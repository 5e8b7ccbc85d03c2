// sqlite3_topk_init: the routine table, everything registered, and nothing else.

#include <sqlite3ext.h>

#include <mutex>

#include "surface/registry.hpp"

extern "C" {
SQLITE_EXTENSION_INIT1
}

#ifndef SQLITE_CORE
namespace {

// Threads may load the library at once, and while others call through the table. A host that brings
// another SQLite after the first is gone has another table.
void keep_routines(sqlite3_api_routines const* api) {
  static std::mutex one_at_a_time;
  std::lock_guard const lock(one_at_a_time);
  if (sqlite3_api != api) {
    SQLITE_EXTENSION_INIT2(api)
  }
}

}  // namespace
#endif

extern "C" {
__attribute__((visibility("default"))) int sqlite3_topk_init(sqlite3* db, char** error,
                                                             sqlite3_api_routines const* api) {
#ifdef SQLITE_CORE
  SQLITE_EXTENSION_INIT2(api)
#else
  keep_routines(api);
#endif
  return topk::surface::register_all(db, error);
}
}
