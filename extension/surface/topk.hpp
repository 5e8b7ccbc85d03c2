// topk(window, k, stream, mode, at, partition): the top K of a window.
#pragma once

#include "live/connection.hpp"
#include "sqlite/table_function.hpp"

namespace topk::surface {

[[nodiscard]] std::unique_ptr<sqlite::table_function> topk_table(
    std::shared_ptr<live::connection> host);

}  // namespace topk::surface
