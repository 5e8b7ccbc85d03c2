// topk_spans(width, stream, after, partition, entries, least): what has closed or changed.
#pragma once

#include <memory>

#include "live/connection.hpp"
#include "sqlite/table_function.hpp"

namespace topk::surface {

std::unique_ptr<sqlite::table_function> topk_spans_table(std::shared_ptr<live::connection> host);

}  // namespace topk::surface
