// One window as a state: a closed pane, portable and without a seed, whose bounds may be below 0,
// so that sources can be added up (sketch/relative_bounds).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/memory_budget.hpp"
#include "stream/window_cache.hpp"

namespace topk::stream {

struct state_form {
  std::size_t entries = 0;              // at most so many, those with the greatest lo + hi
  std::optional<std::int64_t> least{};  // only items that surely have as much
};

// The state of a merged window; nullopt where an edge cuts a pane: of a part of a pane, an item may
// have bounds farther apart than those of an absent item, which no pane holds.
// Its memory is charged to the budget; throws over_budget.
std::optional<std::vector<std::byte>> state_of(window_sum const& sum, state_form const& form,
                                               memory_budget& budget);

// The same state of a window that is too large to be merged at once (stream/window_slices). Apart
// from the budget it takes memory for the state only.
result<std::optional<std::vector<std::byte>>> state_by_slices(window_source const& source,
                                                              time_span span,
                                                              std::optional<item> const& partition,
                                                              state_form const& form,
                                                              memory_budget& budget);

}  // namespace topk::stream
