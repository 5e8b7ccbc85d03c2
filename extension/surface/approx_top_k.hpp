// The aggregates that find the top K of any rows: approx_top_k, approx_top_count, approx_top_sum,
// the exact top_k; and approx_top_k_accumulate, whose result is their state.
#pragma once

#include "surface/aggregate.hpp"

namespace topk::surface {

// (item [, k [, counters [, weight]]])
extern window_function const approx_top_k;
// (item, k [, counters])
extern window_function const approx_top_count;
// (item, weight, k [, counters])
extern window_function const approx_top_sum;
// (item [, k])
extern window_function const top_k;
// (item [, counters [, weight]])
extern window_function const approx_top_k_accumulate;

}  // namespace topk::surface
