// The aggregates that find the top K, and those that make and combine its state as a BLOB:
// approx_top_k, approx_top_count, approx_top_sum, top_k, approx_top_k_accumulate,
// approx_top_k_combine; and the readers of that BLOB, approx_top_k_estimate and topk_each.
#pragma once

#include <memory>

#include "engine/connection.hpp"
#include "sqlite/table_function.hpp"
#include "surface/aggregate.hpp"

namespace topk::surface {

extern window_function const approx_top_k, approx_top_count, approx_top_sum, top_k,
    approx_top_k_accumulate, approx_top_k_combine;

// (blob [, k]): JSON as of approx_top_k.
void approx_top_k_estimate(sqlite3_context* context, int count, sqlite3_value** arguments) noexcept;

// topk_each(blob [, k]): rows as of topk.
std::unique_ptr<sqlite::table_function> topk_each_table();

}  // namespace topk::surface
