// What is made of states, the BLOBs of approx_top_k_accumulate: their sum, and its top K.
#pragma once

#include "surface/aggregate.hpp"

namespace topk::surface {

// (state [, counters]): one state.
extern window_function const approx_top_k_combine;

// (state [, k]): JSON as of approx_top_k.
void approx_top_k_estimate(sqlite3_context* context, int count, sqlite3_value** arguments) noexcept;

}  // namespace topk::surface
