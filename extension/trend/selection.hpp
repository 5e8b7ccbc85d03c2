// The rows of topk_trending, chosen from items that are offered one by one, in any order; each
// once.
//
// Nothing is held but the rows, and of the rest what decides which of them are proven. A row is
// proven if it is in the exact answer wherever the counts lie within their bounds: its score is
// surely above 0, and surely beyond that of each item that is not returned. Where both are exact,
// the order of exact answers decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/item.hpp"
#include "trend/score.hpp"

namespace topk::trend {

// What is asked of two windows.
struct trend_form {
  std::size_t k = 10;
  trend_direction direction = trend_direction::rise;
  // r where the totals do not decide it: by `share` where the baseline's is 0, else always.
  trend_ratio time{};
  bool by_share = true;
};

// An item and what the windows have of it. Borrows the item.
struct trend_candidate {
  item_view key;
  trend_count window;
  trend_count baseline;
};

struct trend_row {
  item key;
  trend_count window;
  trend_count baseline;
  trend_score score;  // its sign turned for what falls
  bool is_proven = false;
};

class trend_selection {
 public:
  // Requires: form.k >= 1.
  trend_selection(trend_form const& form, trend_ratios const& ratios)
      : k_(form.k), direction_(form.direction), ratios_(ratios) {}

  void offer(trend_candidate const& one);
  // No item whose score has this upper bound, or a lesser one, changes anything any more.
  [[nodiscard]] double threshold() const noexcept;

  // Whether the rows, and no others, are those of exact answers.
  [[nodiscard]] bool is_settled(double unheld) const noexcept;
  // In order. `unheld`: the highest score that an item which was not offered can have. Leaves it
  // empty.
  [[nodiscard]] std::vector<trend_row> take(double unheld);

  [[nodiscard]] trend_ratios const& ratios() const noexcept { return ratios_; }

 private:
  struct rival {
    double upper = 0;
    double value = 0;
    std::int64_t count = 0;
    item key;
  };
  void put(trend_row row);
  void pass_over(trend_row&& row);
  [[nodiscard]] bool is_proven(trend_row const& row, double unheld) const noexcept;

  std::size_t k_;
  trend_direction direction_;
  trend_ratios ratios_;
  std::vector<trend_row> rows_;  // a heap, the last of them in front
  // Of all that is not returned: the greatest upper bound of those that are not exact, at least 0,
  // as nothing at or below that is proven; and the first of those that are exact.
  double open_upper_ = 0;
  std::optional<rival> exact_rival_;
};

}  // namespace topk::trend
