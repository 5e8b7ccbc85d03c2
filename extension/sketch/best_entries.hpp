// The entries that a pane keeps when it is cut, in the order in which a closed pane v1 holds them:
// the greatest lo + hi first, of equal ones the lesser item.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/saturate.hpp"
#include "sketch/item_prefix.hpp"

namespace topk::sketch {

// The numbers of `count` entries: first the `keep` best, in order if asked for, then the others in
// any. at(i) has item, hi and lo. Cost: linear, and keep log keep for the order.
template <class At>
[[nodiscard]] std::vector<std::uint32_t> best_entries(std::size_t count, std::size_t keep,
                                                      bool in_order, At&& at) {
  struct place {
    std::int64_t middle_twice;
    std::uint64_t prefix;
    std::uint32_t number;
  };
  item_prefix const prefix_of(count, [&](std::size_t i) { return at(i).item; });
  std::vector<place> places;
  places.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto const entry = at(i);
    places.push_back(
        {add_saturated(entry.hi, entry.lo), prefix_of(entry.item), static_cast<std::uint32_t>(i)});
  }
  auto const before = [&](place const& a, place const& b) {
    if (a.middle_twice != b.middle_twice) return a.middle_twice > b.middle_twice;
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return item_before(at(a.number).item, at(b.number).item);
  };
  auto const end = places.begin() + static_cast<std::ptrdiff_t>(std::min(keep, count));
  if (end != places.end()) std::nth_element(places.begin(), end, places.end(), before);
  if (in_order) std::sort(places.begin(), end, before);

  std::vector<std::uint32_t> numbers;
  numbers.reserve(count);
  for (auto const& each : places) numbers.push_back(each.number);
  return numbers;
}

}  // namespace topk::sketch
