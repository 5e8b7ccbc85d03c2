// The entries that a pane keeps when it is cut, in the order in which a closed pane holds them: the
// greatest lo + hi first, of equal ones the lesser item.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

#include "base/saturate.hpp"
#include "sketch/item_prefix.hpp"

namespace topk::sketch {

// The numbers of `count` entries: first the `keep` best in order, then the others in any. at(i) has
// item, hi and lo. Cost: linear, and keep log keep; items are compared only where lo + hi is that
// of the keep-th or more.
template <class At>
[[nodiscard]] std::vector<std::uint32_t> best_entries(std::size_t count, std::size_t keep,
                                                      At&& at) {
  std::vector<std::int64_t> middles(count);  // twice the middle of the bounds
  for (std::size_t i = 0; i < count; ++i) middles[i] = add_saturated(at(i).hi, at(i).lo);
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0U);
  if (keep == 0) return numbers;
  auto candidates = numbers.end();
  if (keep < count) {
    std::vector<std::int64_t> sorted = middles;
    auto const last = sorted.begin() + static_cast<std::ptrdiff_t>(keep - 1);
    std::nth_element(sorted.begin(), last, sorted.end(), std::greater<>());
    candidates = std::partition(numbers.begin(), numbers.end(),
                                [&](std::uint32_t i) { return middles[i] >= *last; });
  }

  struct place {
    std::int64_t middle_twice;
    std::uint64_t prefix;
    std::uint32_t number;
  };
  auto const candidate_count = static_cast<std::size_t>(candidates - numbers.begin());
  item_prefix const prefix_of(candidate_count, [&](std::size_t i) { return at(numbers[i]).item; });
  std::vector<place> places;
  places.reserve(candidate_count);
  for (auto i = numbers.begin(); i != candidates; ++i) {
    places.push_back({middles[*i], prefix_of(at(*i).item), *i});
  }
  auto const before = [&](place const& a, place const& b) {
    if (a.middle_twice != b.middle_twice) return a.middle_twice > b.middle_twice;
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return item_before(at(a.number).item, at(b.number).item);
  };
  auto const end = places.begin() + static_cast<std::ptrdiff_t>(std::min(keep, count));
  if (end != places.end()) std::nth_element(places.begin(), end, places.end(), before);
  std::sort(places.begin(), end, before);
  std::transform(places.begin(), places.end(), numbers.begin(),
                 [](place const& each) { return each.number; });
  return numbers;
}

}  // namespace topk::sketch
