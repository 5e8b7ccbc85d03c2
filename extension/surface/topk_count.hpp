// topk_count(window, item, stream, mode, at, partition): the count of one item.
#pragma once

#include "live/connection.hpp"
#include "sqlite/table_function.hpp"

namespace topk::surface {

[[nodiscard]] std::unique_ptr<sqlite::table_function> topk_count_table(
    std::shared_ptr<live::connection> host);

}  // namespace topk::surface
