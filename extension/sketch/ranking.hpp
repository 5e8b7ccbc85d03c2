// The order of answers, and the top K of entries with bounds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/item.hpp"
#include "base/saturate.hpp"
#include "sketch/summary.hpp"

namespace topk::sketch {

// One row of an answer.
template <class Key>
struct ranked {
  Key key;
  std::int64_t count = 0;
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  bool is_proven = false;
};
// Borrows its item.
struct ranked_entry : ranked<item_view> {
  bounds stored;  // what lower and upper were before they were clamped at 0
};
using ranked_item = ranked<item>;

// The order of answers: count, then lower, both descending, then the item.
struct by_count {
  template <class A, class B>
  [[nodiscard]] bool operator()(A const& a, B const& b) const noexcept {
    if (a.count != b.count) return a.count > b.count;
    if (a.lower != b.lower) return a.lower > b.lower;
    return item_before(a.key, b.key);
  }
};

// The first k of many rows by_count, of which no more than k are kept.
template <class Row>
class best_rows {
 public:
  explicit best_rows(std::size_t k) noexcept : k_(k) {}

  // Whether a row of this count would be among the best so far, ties aside.
  [[nodiscard]] bool may_take(std::int64_t count) const noexcept {
    return heap_.size() < k_ || (k_ > 0 && count >= heap_.front().count);
  }
  void offer(Row&& row) {
    if (heap_.size() == k_) {
      if (k_ == 0 || !by_count{}(row, heap_.front())) return;
      std::pop_heap(heap_.begin(), heap_.end(), by_count{});
      heap_.pop_back();
    }
    heap_.push_back(std::move(row));
    std::push_heap(heap_.begin(), heap_.end(), by_count{});
  }
  // In order; nothing is left.
  [[nodiscard]] std::vector<Row> take() {
    std::sort_heap(heap_.begin(), heap_.end(), by_count{});
    return std::move(heap_);
  }

 private:
  std::size_t k_;
  std::vector<Row> heap_;  // the last of them in front
};

// The order of rivals: the upper bound, descending, then the item.
struct by_upper {
  template <class A, class B>
  [[nodiscard]] bool operator()(A const& a, B const& b) const noexcept {
    if (a.upper != b.upper) return a.upper > b.upper;
    return item_before(a.key, b.key);
  }
};

// Whether exact counts put `a` before `b`, wherever they lie within their bounds. key_of(a) is
// asked for where the bounds leave it to the items.
template <class A, class B, class KeyOf>
[[nodiscard]] bool is_surely_before(A const& a, B const& b, KeyOf const& key_of) noexcept {
  return a.lower > b.upper || (a.lower == b.upper && item_before(key_of(a), key_of(b)));
}

// Whether exact counts leave the row in the answer. `rival` is the first by_upper of all that is
// not returned, null if nothing else is known; an item that nobody knows has at most
// `unknown_upper`.
template <class Row, class Rival>
[[nodiscard]] bool is_proven(Row const& row, Rival const* rival,
                             std::int64_t unknown_upper) noexcept {
  if (row.lower <= std::max<std::int64_t>(unknown_upper, 0)) return false;
  auto const key_of = [](auto const& of) -> item_view { return of.key; };
  return rival == nullptr || is_surely_before(row, *rival, key_of);
}

// The first k of the entries by_count, those with a count above 0, or all where k is
// greatest_counters; no item outside them has more than `absent_upper`. Cost: linear in the
// entries.
[[nodiscard]] inline std::vector<ranked_entry> rank(std::vector<entry_view> const& entries,
                                                    std::int64_t absent_upper, std::size_t k) {
  std::vector<ranked_entry> rows;
  rows.reserve(entries.size());
  for (auto const& entry : entries) {
    std::int64_t const lower = std::max<std::int64_t>(entry.lo, 0);
    std::int64_t const upper = std::max(entry.hi, lower);
    std::int64_t const count = std::clamp(add_saturated(entry.lo, entry.hi) >> 1, lower, upper);
    rows.push_back({{entry.item, count, lower, upper, false}, {entry.lo, entry.hi}});
  }
  auto const end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(k, rows.size()));
  std::partial_sort(rows.begin(), end, rows.end(), by_count{});

  auto const first_rival = std::min_element(end, rows.end(), by_upper{});
  auto const* const rival = first_rival == rows.end() ? nullptr : &*first_rival;
  for (auto row = rows.begin(); row != end; ++row) {
    row->is_proven = is_proven(*row, rival, absent_upper);
  }
  rows.erase(end, rows.end());
  if (k == greatest_counters) return rows;
  while (!rows.empty() && rows.back().count == 0) rows.pop_back();
  return rows;
}

}  // namespace topk::sketch
