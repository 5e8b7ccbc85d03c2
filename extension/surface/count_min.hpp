// Count-Min sketches as values: count_min_sketch, cms_merge (aggregates), cms_estimate, cms_info.
#pragma once

#include "surface/aggregate.hpp"

namespace topk::surface {

extern window_function const count_min_sketch, cms_merge;

void cms_estimate(sqlite3_context* context, int count, sqlite3_value** arguments) noexcept;
void cms_info(sqlite3_context* context, int count, sqlite3_value** arguments) noexcept;

}  // namespace topk::surface
