// guard(): the only way from C into C++. No exception crosses a C frame.
#pragma once

#include <new>
#include <utility>

#include "base/status.hpp"
#include "sqlite/api.hpp"

namespace topk::sqlite {

// SQLite's code for a failure. Primary codes: OR IGNORE looks for SQLITE_CONSTRAINT itself.
[[nodiscard]] inline int to_sqlite(status const& outcome) noexcept {
  switch (outcome.code) {
    case errc::ok: return SQLITE_OK;
    case errc::constraint: return SQLITE_CONSTRAINT;
    case errc::too_big: return SQLITE_TOOBIG;
    case errc::corrupt: return SQLITE_CORRUPT_VTAB;
    case errc::drift: return SQLITE_MISMATCH;
    case errc::read_only: return SQLITE_READONLY;
    case errc::backend: return outcome.detail == SQLITE_OK ? SQLITE_ERROR : outcome.detail;
    case errc::invalid_argument:
    case errc::unsupported_version: break;
  }
  return SQLITE_ERROR;
}

// Runs the body and turns its status into SQLite's code; the message goes to the slot.
template <class Body>
int guard(char** error_slot, Body&& body) noexcept {
  auto const tell = [&](char const* message) {
    if (error_slot == nullptr) return;
    sqlite3_free(*error_slot);
    *error_slot = sqlite3_mprintf("%s", message);
  };
  try {
    status const outcome = std::forward<Body>(body)();
    if (outcome) return SQLITE_OK;
    tell(outcome.message.c_str());
    return to_sqlite(outcome);
  } catch (std::bad_alloc const&) {
    return SQLITE_NOMEM;
  } catch (...) {
    tell("topk: unexpected exception");
    return SQLITE_ERROR;
  }
}

// The same for a function's or column's result.
template <class Body>
void guard(sqlite3_context* context, Body&& body) noexcept {
  try {
    status const outcome = std::forward<Body>(body)();
    if (outcome) return;
    sqlite3_result_error(context, outcome.message.c_str(), -1);
    sqlite3_result_error_code(context, to_sqlite(outcome));
  } catch (std::bad_alloc const&) {
    sqlite3_result_error_nomem(context);
  } catch (...) {
    sqlite3_result_error(context, "topk: unexpected exception", -1);
  }
}

}  // namespace topk::sqlite
