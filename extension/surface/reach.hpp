// Bounds of a window that may reach back to where events were dropped: a bound that is not known is
// open.
#pragma once

#include "engine/query.hpp"

namespace topk::surface {

// 0 where dropped events may have been retractions.
inline void result_lower(sqlite3_context* context, std::int64_t lower, engine::reach reached) {
  sqlite3_result_int64(context, reached == engine::reach::open ? 0 : lower);
}

// NULL where dropped events may lie in the window.
inline void result_upper(sqlite3_context* context, std::int64_t upper, engine::reach reached) {
  if (reached == engine::reach::whole) {
    sqlite3_result_int64(context, upper);
  } else {
    sqlite3_result_null(context);
  }
}

// Whether every event of the window that ever came is still there to be counted.
inline void result_complete(sqlite3_context* context, engine::reach reached) {
  sqlite3_result_int(context, reached == engine::reach::whole ? 1 : 0);
}

}  // namespace topk::surface
