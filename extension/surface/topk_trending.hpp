// topk_trending(window, k, stream, mode, at, partition, baseline, direction, against): what rises
// or falls from the time before a window to the window.
#pragma once

#include "live/connection.hpp"
#include "sqlite/table_function.hpp"

namespace topk::surface {

[[nodiscard]] std::unique_ptr<sqlite::table_function> topk_trending_table(
    std::shared_ptr<live::connection> host);

}  // namespace topk::surface
