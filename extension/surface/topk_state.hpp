// topk_state(window, stream, at, partition, entries, least): one window as a BLOB.
#pragma once

#include "sqlite/api.hpp"

namespace topk::surface {

void topk_state(sqlite3_context* context, int count, sqlite3_value** arguments) noexcept;

}  // namespace topk::surface
