// Hybrid: the rows of `exact`, reading only the parts of the log that the bounds leave open
// (threshold refinement).
#pragma once

#include "stream/counted_window.hpp"

namespace topk::stream {

struct hybrid_answer {
  bool is_settled = false;  // false, and no rows: reading on would cost as much as `exact`
  std::vector<ranked_item> rows;
  std::int64_t rows_read = 0;
  std::int64_t panes_read = 0;
};

// Requires: span.since < span.until, k >= 1. One partition, or null for all together. Not settled,
// too, where what has to be known at once goes beyond the budget.
result<hybrid_answer> settle_top(window_source const& source, time_span span,
                                 std::optional<item> const& partition, std::size_t k,
                                 log_reader const& read, memory_budget& budget);

}  // namespace topk::stream
