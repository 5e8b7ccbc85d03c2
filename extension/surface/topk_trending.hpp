// topk_trending(window, k, stream, mode, at, partition, baseline, direction, against): the items
// that have risen or fallen most in a window.
#pragma once

#include "live/connection.hpp"
#include "sqlite/table_function.hpp"

namespace topk::surface {

[[nodiscard]] std::unique_ptr<sqlite::table_function> topk_trending_table(
    std::shared_ptr<live::connection> host);

}  // namespace topk::surface
