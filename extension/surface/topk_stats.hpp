// topk_stats: one row per stream of every attached schema, for monitoring.
#pragma once

#include "surface/table_function.hpp"

namespace topk::surface {

[[nodiscard]] std::unique_ptr<table_function> topk_stats_table(std::shared_ptr<connection> host);

}  // namespace topk::surface
