// topk_each(state [, k]): the top K of a state as rows, as of topk.
#pragma once

#include <memory>

#include "sqlite/table_function.hpp"

namespace topk::surface {

std::unique_ptr<sqlite::table_function> topk_each_table();

}  // namespace topk::surface
