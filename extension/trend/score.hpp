// How far an item has risen or fallen from one window of time to another: the score of
// topk_trending, and bounds of it.
//
//   c, b     its counts in the window and in the baseline, each at least 0
//   r        what a count of the baseline is worth in the window, p / q
//   score    (c - r b) / sqrt(c + r^2 b), or 0 where both counts are 0
//
// That is the difference of two Poisson rates in its own standard deviations. It rises with c, and
// falls with b and r: so bounds of the three are bounds of the score.
#pragma once

#include <cstdint>

#include "sketch/summary.hpp"

namespace topk::trend {

// p / q, reduced; q > 0.
struct trend_ratio {
  std::int64_t p = 1;
  std::int64_t q = 1;
};
// Requires: p >= 0, q > 0.
[[nodiscard]] trend_ratio ratio_of(std::int64_t p, std::int64_t q) noexcept;
[[nodiscard]] bool is_less(trend_ratio const& a, trend_ratio const& b) noexcept;

// An estimate, and what it lies between.
struct trend_count {
  std::int64_t count = 0;
  std::int64_t lower = 0;
  std::int64_t upper = 0;

  [[nodiscard]] bool is_exact() const noexcept { return lower == upper; }
  friend bool operator==(trend_count const&, trend_count const&) = default;
};
struct trend_ratios {
  trend_ratio middle;
  trend_ratio lower;
  trend_ratio upper;

  [[nodiscard]] bool is_exact() const noexcept { return lower.p == upper.p && lower.q == upper.q; }
};

// The ratio of the totals of window and baseline; where the baseline's is 0: `otherwise`.
[[nodiscard]] trend_ratios ratio_of_totals(trend_count const& window, trend_count const& baseline,
                                           trend_ratio const& otherwise) noexcept;

// The score as a double, of the sign that the score has. The same on every CPU. Requires: counts of
// 0 .. greatest_sum.
[[nodiscard]] double score_of(std::int64_t count, std::int64_t baseline,
                              trend_ratio const& ratio) noexcept;
// r b: the count expected from the baseline.
[[nodiscard]] double expected_of(std::int64_t baseline, trend_ratio const& ratio) noexcept;

enum class trend_direction : std::uint8_t { rise, fall };

// The score of one item, its sign turned for what falls: the greater, the nearer to the top.
struct trend_score {
  double value = 0;
  double lower = 0;
  double upper = 0;
  bool is_exact = false;  // counts and ratio are
};
[[nodiscard]] trend_score score_between(trend_count const& window, trend_count const& baseline,
                                        trend_ratios const& ratios,
                                        trend_direction direction) noexcept;

// Its upper bound alone.
[[nodiscard]] double upper_score(trend_count const& window, trend_count const& baseline,
                                 trend_ratios const& ratios, trend_direction direction) noexcept;
// At least the upper bound, and at least the value, at a part of the cost.
[[nodiscard]] double quick_upper(trend_count const& window, trend_count const& baseline,
                                 trend_ratios const& ratios, trend_direction direction) noexcept;
[[nodiscard]] double quick_value(trend_count const& window, trend_count const& baseline,
                                 trend_ratios const& ratios, trend_direction direction) noexcept;
// The upper bound of an item with at most `upper` in the window that it rises in, or fell from.
[[nodiscard]] double greatest_score(std::int64_t upper) noexcept;

}  // namespace topk::trend
