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

// One row of an answer. Borrows its item.
struct ranked_entry {
  item_view key;
  std::int64_t count = 0;
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  bool is_proven = false;
};

// The order of answers: count, then lower, both descending, then the item.
struct by_count {
  template <class A, class B>
  [[nodiscard]] bool operator()(A const& a, B const& b) const noexcept {
    if (a.count != b.count) return a.count > b.count;
    if (a.lower != b.lower) return a.lower > b.lower;
    return item_before(a.key, b.key);
  }
};

// The order of rivals: the upper bound, descending, then the item.
struct by_upper {
  template <class A, class B>
  [[nodiscard]] bool operator()(A const& a, B const& b) const noexcept {
    if (a.upper != b.upper) return a.upper > b.upper;
    return item_before(a.key, b.key);
  }
};

// Whether exact counts put `a` before `b`, wherever they lie within their bounds.
template <class A, class B>
[[nodiscard]] bool is_surely_before(A const& a, B const& b) noexcept {
  return a.lower > b.upper || (a.lower == b.upper && item_before(a.key, b.key));
}

// The first k of the entries by that order, those with a count above 0; no item outside them has
// more than `absent_upper`. A row is proven when its lower bound beats the upper bound of
// everything that is not returned. Cost: linear in the entries.
[[nodiscard]] inline std::vector<ranked_entry> rank(std::vector<entry_view> const& entries,
                                                    std::int64_t absent_upper, std::size_t k) {
  std::vector<ranked_entry> rows;
  rows.reserve(entries.size());
  for (auto const& entry : entries) {
    std::int64_t const lower = std::max<std::int64_t>(entry.lo, 0);
    std::int64_t const upper = std::max(entry.hi, lower);
    std::int64_t const count = std::clamp(add_saturated(entry.lo, entry.hi) >> 1, lower, upper);
    rows.push_back({entry.item, count, lower, upper, false});
  }
  auto const end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(k, rows.size()));
  std::partial_sort(rows.begin(), end, rows.end(), by_count{});

  auto const rival = std::min_element(end, rows.end(), by_upper{});
  for (auto row = rows.begin(); row != end; ++row) {
    row->is_proven = row->lower > std::max<std::int64_t>(absent_upper, 0) &&
                     (rival == rows.end() || is_surely_before(*row, *rival));
  }
  rows.erase(end, rows.end());
  while (!rows.empty() && rows.back().count == 0) rows.pop_back();
  return rows;
}

}  // namespace topk::sketch
