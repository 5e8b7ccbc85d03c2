// Answers about a window whose sum is too large to be held at once, or not worth keeping: merged
// for each answer, one slice of the items after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/memory_budget.hpp"
#include "stream/window_cache.hpp"

namespace topk::stream {

struct window_answer {
  std::vector<ranked_item> rows;
  sketch::bounds total;
  std::size_t items = 0;           // that the panes inside the window hold
  std::int64_t unknown_upper = 0;  // the most that an item known to no pane and no event can have
};

// Rows 1..k of the window: those of window_sum::top(), whatever the budget. `halvings` says how
// often the range of hashes is to be halved at first, and returns how often it had to be: a guess
// costs time, and changes nothing else. Apart from the budget it takes memory for the rows only.
// Requires: k >= 1.
result<window_answer> top_by_slices(window_source const& source, time_span span,
                                    std::optional<item> const& partition, std::size_t k,
                                    memory_budget& budget, unsigned& halvings);

// The row of one item; its bounds are those of window_sum::estimate().
result<ranked_item> estimate_alone(window_source const& source, time_span span,
                                   std::optional<item> const& partition, item_view const& item,
                                   std::uint64_t hash);

// The weight in the window.
result<sketch::bounds> total_alone(window_source const& source, time_span span,
                                   std::optional<item> const& partition);

}  // namespace topk::stream
