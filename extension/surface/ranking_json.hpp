// Ranked rows as JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sketch/ranking.hpp"

namespace topk::surface {

// [{ITEM_KEY: item, COUNT_KEY: count, "lower": .., "upper": .., "proven": ..}, ..]
[[nodiscard]] std::string bounds_json(std::vector<sketch::ranked_entry> const& rows,
                                      std::string_view item_key = "item",
                                      std::string_view count_key = "count");

// [{"item": item, "count": count}, ..]
[[nodiscard]] std::string counts_json(std::vector<sketch::ranked_entry> const& rows);

}  // namespace topk::surface
