// sqlite3_topk_init: the routine table, everything registered, and nothing else.

#include <sqlite3ext.h>

#include "surface/registry.hpp"

extern "C" {
SQLITE_EXTENSION_INIT1

__attribute__((visibility("default"))) int sqlite3_topk_init(sqlite3* db, char** error,
                                                             sqlite3_api_routines const* api) {
  SQLITE_EXTENSION_INIT2(api)
  return topk::surface::register_all(db, error);
}
}
