// Items with a score above 0 go through a heap of k rows; what falls out of it, or does not enter,
// leaves its bound behind. Two of these are enough: any row that is beyond the greatest open bound,
// and before the first exact item, is beyond and before the rest.
#include "trend/selection.hpp"

#include <algorithm>
#include <utility>

namespace topk::trend {
namespace {

// The order of answers. Both kinds of rows have an item, a score and a count.
bool is_before(double score, std::int64_t count, item_view const& key, double other_score,
               std::int64_t other_count, item_view const& other_key) noexcept {
  if (score != other_score) return score > other_score;
  if (count != other_count) return count > other_count;
  return item_before(key, other_key);
}

struct row_before {
  bool operator()(trend_row const& a, trend_row const& b) const noexcept {
    return is_before(a.score.value, a.window.count, a.key.view(), b.score.value, b.window.count,
                     b.key.view());
  }
};

}  // namespace

double trend_selection::threshold() const noexcept {
  if (rows_.size() < k_) return 0;
  double const beaten = std::max(open_upper_, exact_rival_ ? exact_rival_->upper : 0);
  return std::min(rows_.front().score.value, beaten);
}

void trend_selection::offer(trend_candidate const& one) {
  // Strictly less: an equal one may come first by its count or its name.
  double const quick = quick_upper(one.window, one.baseline, ratios_, direction_);
  if (quick < threshold()) return;
  bool const is_exact = one.window.is_exact() && one.baseline.is_exact() && ratios_.is_exact();
  bool const is_no_row =
      rows_.size() == k_ && !is_exact &&
      quick_value(one.window, one.baseline, ratios_, direction_) < rows_.front().score.value;
  if (is_no_row && quick <= open_upper_) return;
  if (is_no_row) {
    double const upper = upper_score(one.window, one.baseline, ratios_, direction_);
    open_upper_ = std::max(open_upper_, upper);
    return;
  }
  auto const score = score_between(one.window, one.baseline, ratios_, direction_);
  if (score.upper > 0) put({item(one.key), one.window, one.baseline, score});
}

void trend_selection::put(trend_row row) {
  if (!(row.score.value > 0)) return pass_over(std::move(row));
  if (rows_.size() == k_) {
    if (!row_before{}(row, rows_.front())) return pass_over(std::move(row));
    std::pop_heap(rows_.begin(), rows_.end(), row_before{});
    std::swap(rows_.back(), row);
    std::push_heap(rows_.begin(), rows_.end(), row_before{});
    return pass_over(std::move(row));
  }
  rows_.push_back(std::move(row));
  std::push_heap(rows_.begin(), rows_.end(), row_before{});
}

void trend_selection::pass_over(trend_row&& row) {
  if (!row.score.is_exact) {
    open_upper_ = std::max(open_upper_, row.score.upper);
    return;
  }
  bool const is_first = !exact_rival_ || is_before(row.score.value, row.window.count,
                                                   row.key.view(), exact_rival_->value,
                                                   exact_rival_->count, exact_rival_->key.view());
  if (is_first) {
    exact_rival_ = rival{row.score.upper, row.score.value, row.window.count, std::move(row.key)};
  }
}

// A row that is exact comes before an exact rival, or it would not be a row.
bool trend_selection::is_proven(trend_row const& row, double unheld) const noexcept {
  double const lower = row.score.lower;
  if (!(lower > open_upper_) || (unheld > 0 && !(lower > unheld))) return false;
  return row.score.is_exact || !exact_rival_ || lower > exact_rival_->upper;
}

bool trend_selection::is_settled(double unheld) const noexcept {
  auto const is_certain = [&](trend_row const& row) {
    return row.score.is_exact && is_proven(row, unheld);
  };
  bool const is_all = rows_.size() == k_ || (open_upper_ <= 0 && unheld <= 0);
  return is_all && std::all_of(rows_.begin(), rows_.end(), is_certain);
}

std::vector<trend_row> trend_selection::take(double unheld) {
  std::sort_heap(rows_.begin(), rows_.end(), row_before{});
  for (auto& row : rows_) row.is_proven = is_proven(row, unheld);
  return std::exchange(rows_, {});
}

}  // namespace topk::trend
