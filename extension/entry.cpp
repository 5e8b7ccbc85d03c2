// sqlite3_topk_init: the routine table, everything registered, and nothing else.

#include <sqlite3ext.h>

#include <mutex>

#include "surface/registry.hpp"
#include "topk.h"

extern "C" {
SQLITE_EXTENSION_INIT1
}

namespace {

// Whether our calls reach the SQLite that opened the connection. A program may hold two, and to one
// of them a connection of the other is no connection.
#if defined(SQLITE_CORE)
bool calls_reach_caller(sqlite3_api_routines const* api) noexcept {
  // No table: a SQLite without loadable extensions, or the program itself. Each copy answers with a
  // text of its own; addresses of functions may differ inside one copy.
  return api == nullptr || api->libversion() == sqlite3_libversion();
}
#else
// There is one table in each copy, and one place to keep it in each copy of this library: written
// once, under a lock, as threads may load the library at once and while others call through the
// table.
bool calls_reach_caller(sqlite3_api_routines const* api) noexcept {
  static std::mutex one_at_a_time;
  std::lock_guard const lock(one_at_a_time);
  if (sqlite3_api == nullptr) {
    SQLITE_EXTENSION_INIT2(api)
  }
  return sqlite3_api == api;
}
#endif

}  // namespace

extern "C" __attribute__((visibility("default"))) int sqlite3_topk_init(
    sqlite3* db, char** error, sqlite3_api_routines const* api) {
  if (!calls_reach_caller(api)) {
    if (error != nullptr) {
      *error = api->mprintf(
          "topk: this program has two copies of SQLite, and topk serves the other one (here: %s)",
          api->libversion());
    }
    return SQLITE_ERROR;
  }
  return topk::surface::register_all(db, error);
}
