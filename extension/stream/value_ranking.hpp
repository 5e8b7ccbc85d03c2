// The order of many values, greatest first, made only as far as it is asked for.
//
// One pass over the values, in which few of them are more than compared: asking for the first
// hundred of a million costs little more than reading a million.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/memory_budget.hpp"

namespace topk::stream {

class value_ranking {
 public:
  explicit value_ranking(memory_budget* budget = nullptr) noexcept
      : order_(budget_allocator<std::uint32_t>(budget)) {}

  // The values have changed.
  void forget() noexcept { order_.clear(); }

  // The number of the value at place i, by value descending, equal ones by number ascending.
  // value_of(n) gives the n-th of `count` values. Requires: i < count.
  template <class ValueOf>
  [[nodiscard]] std::uint32_t nth(std::size_t i, std::size_t count, ValueOf const& value_of) {
    // Four times what is asked: asking again is rare, and costs another pass.
    if (i >= order_.size()) select(std::min(count, 4 * i + 256), count, value_of);
    return order_[i];
  }

 private:
  struct place {
    std::int64_t value;
    std::uint32_t number;
  };
  // Total, so that what is asked first stays as it is when more is asked for.
  static bool before(place const& a, place const& b) noexcept {
    return a.value != b.value ? a.value > b.value : a.number < b.number;
  }

  template <class ValueOf>
  void select(std::size_t wanted, std::size_t count, ValueOf const& value_of) {
    budgeted<place> best(order_.get_allocator());
    best.reserve(std::min(count, 2 * wanted));
    auto const last = static_cast<std::ptrdiff_t>(wanted) - 1;
    auto const cut = [&] {
      std::nth_element(best.begin(), best.begin() + last, best.end(), before);
      best.resize(wanted);
    };
    std::int64_t least = std::numeric_limits<std::int64_t>::min();
    for (std::size_t n = 0; n < count; ++n) {
      std::int64_t const value = value_of(n);
      if (value <= least) continue;  // equal: its number is greater, so it comes later
      best.push_back({value, static_cast<std::uint32_t>(n)});
      if (best.size() < 2 * wanted) continue;
      cut();
      least = best.back().value;
    }
    if (best.size() > wanted) cut();
    std::sort(best.begin(), best.end(), before);
    order_.clear();
    order_.reserve(wanted);
    for (auto const& each : best) order_.push_back(each.number);
  }

  budgeted<std::uint32_t> order_;
};

}  // namespace topk::stream
