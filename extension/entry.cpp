// sqlite3_topk_init, the entry point: checks which SQLite is calling, keeps its routine table, and
// registers everything.

#include <sqlite3ext.h>

#include <mutex>

#include "surface/registry.hpp"
#include "topk.h"

extern "C" {
SQLITE_EXTENSION_INIT1
}

#if defined(_WIN32) && !defined(SQLITE_CORE)
#define TOPK_EXPORTED __declspec(dllexport)
#elif defined(_WIN32)
#define TOPK_EXPORTED
#else
#define TOPK_EXPORTED __attribute__((visibility("default")))
#endif

namespace {

// Whether our calls reach the SQLite that opened the connection. A program may contain two copies
// of SQLite, and neither may be given a connection of the other.
#if defined(SQLITE_CORE)
bool calls_reach_caller(sqlite3_api_routines const* api) noexcept {
  // No table: SQLite without loadable extensions, or a call by the program itself. Each copy has
  // its own version string; addresses of functions may differ even within one copy.
  return api == nullptr || api->libversion() == sqlite3_libversion();
}
#else
// Each copy of SQLite has one table, and this library keeps one: written once, under a lock, since
// threads may load the library at the same time, or while others call through the table.
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

extern "C" TOPK_EXPORTED int sqlite3_topk_init(sqlite3* db, char** error,
                                               sqlite3_api_routines const* api) {
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
