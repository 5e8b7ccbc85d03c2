// What has risen or fallen most from one window of a stream to another: the rows of topk_trending,
// from the sums of both.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/memory_budget.hpp"
#include "stream/window_cache.hpp"
#include "trend/selection.hpp"

namespace topk::trend {

struct trend_answer {
  std::vector<trend_row> rows;
  trend_ratios ratios;
  bool is_settled = false;  // these are the rows of exact counts
};

// r of the two windows.
[[nodiscard]] trend_ratios ratios_of(trend_form const& form, trend_count const& window,
                                     trend_count const& baseline) noexcept;
[[nodiscard]] trend_ratios ratios_of(trend_form const& form, stream::window_sum const& window,
                                     stream::window_sum const& baseline) noexcept;
// The score that an item held in neither window has at most.
[[nodiscard]] double unheld_score(trend_form const& form, trend_ratios const& ratios,
                                  std::int64_t window_upper, std::int64_t baseline_upper) noexcept;

// Rows 1..k, at most, of the items that either window holds and whose score is above 0. Requires:
// sums of all items.
[[nodiscard]] trend_answer rank_trend(trend_form const& form, stream::window_sum const& window,
                                      stream::window_sum const& baseline);

// A window of a question, and what it is computed from. An empty span has no events.
struct trend_window {
  stream::window_source const& source;
  stream::time_span span;

  [[nodiscard]] bool is_empty() const noexcept { return span.since >= span.until; }
};

// The same rows, merged slice by slice, as in top_by_slices().
result<trend_answer> trend_by_slices(trend_form const& form, trend_window const& window,
                                     trend_window const& baseline,
                                     std::optional<item> const& partition, memory_budget& budget,
                                     unsigned& halvings);

}  // namespace topk::trend
