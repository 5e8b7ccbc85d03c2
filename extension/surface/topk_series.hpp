// topk_series(window, step, item, stream, mode, at, partition): one item over time.
#pragma once

#include "live/connection.hpp"
#include "sqlite/table_function.hpp"

namespace topk::surface {

[[nodiscard]] std::unique_ptr<sqlite::table_function> topk_series_table(
    std::shared_ptr<live::connection> host);

}  // namespace topk::surface
