// topk(window, k, stream, mode, at, partition): the top K of a window.
#pragma once

#include "engine/connection.hpp"
#include "sqlite/table_function.hpp"

namespace topk::surface {

[[nodiscard]] std::unique_ptr<sqlite::table_function> topk_table(
    std::shared_ptr<engine::connection> host);

}  // namespace topk::surface
