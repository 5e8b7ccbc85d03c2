// topk_stats: one row per stream of every attached schema, for monitoring.
#pragma once

#include "live/connection.hpp"
#include "sqlite/table_function.hpp"

namespace topk::surface {

[[nodiscard]] std::unique_ptr<sqlite::table_function> topk_stats_table(
    std::shared_ptr<live::connection> host);

}  // namespace topk::surface
