// Hybrid answers about what rises: the rows of exact counts, reading only the parts of the log that
// the bounds of scores leave open.
#pragma once

#include "stream/counted_window.hpp"
#include "trend/ranking.hpp"

namespace topk::trend {

struct hybrid_trend {
  trend_answer given;  // is_settled as above
  std::int64_t rows_read = 0;
};

// What rises or falls from the baseline to the window. Requires: window.since < window.until; an
// empty baseline has no events.
result<hybrid_trend> settle_trend(trend_form const& form, stream::window_source const& source,
                                  stream::time_span window, stream::time_span baseline,
                                  std::optional<item> const& partition,
                                  stream::log_reader const& read, memory_budget& budget);

}  // namespace topk::trend
