// Answers about a window whose sum is too large to be held at once, or not worth keeping: merged
// for each answer, one slice of the items after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/memory_budget.hpp"
#include "stream/hash_slice.hpp"
#include "stream/window_cache.hpp"

namespace topk::stream {

// Calls visit(sum, limit) for one slice of the hashes after the other, each as wide as the budget
// has room for the sum of its items; false ends it. The visitor may charge `limit`, which is null
// for the narrowest slices, and throw over_budget before it has taken anything: it is then called
// with half the slice.
template <class Visitor>
status each_slice_sum(window_source const& source, time_span span,
                      std::optional<item> const& partition, memory_budget& budget, hash_slice slice,
                      Visitor const& visit) {
  for (;;) {
    auto* const limit = slice.is_narrowest() ? nullptr : &budget;
    window_cache merged(partition, limit, slice.range());
    TOPK_ASSIGN(auto const* const sum, merged.sum_of(source, span));
    bool is_done = false;
    if (sum != nullptr) {
      try {
        TOPK_ASSIGN(bool const goes_on, visit(*sum, limit));
        if (!goes_on) return {};
        is_done = true;
      } catch (over_budget const&) {
      }
    }
    if (!is_done) {
      slice.halve();
    } else if (!slice.next(merged.memory_bytes() < budget.limit() / 4)) {
      return {};
    }
  }
}

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
