// The rows of an answer, chosen from candidates that are offered one by one, in any order.
//
// For windows too large to be kept, and for answers of very many rows: nothing is held but the rows
// and the strongest of all that is not among them, which decides what is proven. The outcome is
// that of window_ranking, which keeps more in order to answer again at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/item.hpp"
#include "sketch/ranking.hpp"
#include "stream/leaders.hpp"

namespace topk::stream {

class row_selection {
 public:
  // Requires: k >= 1.
  explicit row_selection(std::size_t k) : k_(k) {}

  void offer(candidate const& one) {
    if (one.count <= 0) {
      pass_over(one);
      return may_fill_in(one);
    }
    if (rows_.size() < k_) {
      // By a quarter where they are many: while they grow they are there twice.
      if (rows_.size() == rows_.capacity() && rows_.size() >= few_rows) {
        rows_.reserve(std::min(k_, rows_.size() / 4 * 5));
      }
      rows_.push_back(row_of(one));
      std::push_heap(rows_.begin(), rows_.end(), first_);
      if (rows_.size() + fillers_.size() > k_) drop_filler();
      return;
    }
    if (!first_(one, rows_.front())) return pass_over(one);
    auto next = row_of(one);
    std::pop_heap(rows_.begin(), rows_.end(), first_);
    pass_over(rows_.back());
    rows_.back() = std::move(next);
    std::push_heap(rows_.begin(), rows_.end(), first_);
  }

  // The least count that is among k rows; 0 while there are fewer.
  [[nodiscard]] std::int64_t threshold() const noexcept {
    return rows_.size() < k_ ? 0 : rows_.front().count;
  }

  // In order; `unknown_upper` is what an item that was not offered has at most. Leaves it empty.
  [[nodiscard]] std::vector<sketch::ranked_item> take(std::int64_t unknown_upper) {
    std::sort_heap(rows_.begin(), rows_.end(), first_);
    auto const* const rival = has_rival_ ? &rival_ : nullptr;
    for (auto& row : rows_) row.is_proven = sketch::is_proven(row, rival, unknown_upper);
    std::sort_heap(fillers_.begin(), fillers_.end(), by_upper{});
    for (auto& row : fillers_) rows_.push_back(std::move(row));
    fillers_.clear();
    return std::exchange(rows_, {});
  }

 private:
  static constexpr std::size_t few_rows = 1024;

  [[nodiscard]] static sketch::ranked_item row_of(candidate const& one) {
    return {item(one.key), one.count, one.lower, one.upper, false};
  }
  // An item whose share rounds to 0 but that may be in the window: if there are fewer than k rows,
  // the first of these by_upper follow, with a count of 1.
  void may_fill_in(candidate const& one) {
    if (one.upper < 1 || rows_.size() >= k_) return;
    bool const is_full = rows_.size() + fillers_.size() >= k_;
    if (is_full && (fillers_.empty() || !by_upper{}(one, fillers_.front()))) return;
    fillers_.push_back({item(one.key), shown_count(one), one.lower, one.upper, false});
    std::push_heap(fillers_.begin(), fillers_.end(), by_upper{});
    if (is_full) drop_filler();
  }
  void drop_filler() {
    std::pop_heap(fillers_.begin(), fillers_.end(), by_upper{});
    fillers_.pop_back();
  }
  template <class Row>
  void pass_over(Row const& one) {
    if (has_rival_ && !by_upper{}(one, rival_)) return;
    rival_ = {item(item_view(one.key)), one.count, one.lower, one.upper, false};
    has_rival_ = true;
  }

  static constexpr by_count first_{};

  std::size_t k_;
  std::vector<sketch::ranked_item> rows_;     // a heap, the last of them in front
  std::vector<sketch::ranked_item> fillers_;  // a heap, too; never more than k with the rows
  sketch::ranked_item rival_;
  bool has_rival_ = false;
};

}  // namespace topk::stream
