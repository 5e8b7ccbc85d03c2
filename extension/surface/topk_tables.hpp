// topk(window, k, stream, mode, at, partition) and topk_count(window, item, stream, mode, at,
// partition).
#pragma once

#include "surface/table_function.hpp"

namespace topk::surface {

[[nodiscard]] std::unique_ptr<table_function> topk_table(std::shared_ptr<connection> host);
[[nodiscard]] std::unique_ptr<table_function> topk_count_table(std::shared_ptr<connection> host);

// Sets the result to a time in seconds: INTEGER where whole, else REAL.
void result_time(sqlite3_context* context, micros time);

}  // namespace topk::surface
