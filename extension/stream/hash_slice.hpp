// A part of the hashes, for what cannot be counted at once: one pass counts the items of one slice.
//
// It is halved where a slice turns out to be too much, widened again where it was little, and moves
// from 0 to the end of the hashes.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/memory_budget.hpp"
#include "base/status.hpp"
#include "stream/item_map.hpp"
#include "stream/pane_entries.hpp"

namespace topk::stream {

class hash_slice {
 public:
  explicit hash_slice(unsigned halvings) noexcept : halvings_(std::min(halvings, most_halvings)) {}

  [[nodiscard]] hash_range range() const noexcept { return {first_, first_ + size_less_one()}; }
  [[nodiscard]] bool is_narrowest() const noexcept { return halvings_ == most_halvings; }
  // Requires: not the narrowest.
  void halve() noexcept { ++halvings_; }
  // To the slice behind it. False: there is none.
  bool next(bool may_widen) noexcept {
    first_ += size_less_one();
    if (first_ == ~std::uint64_t{0}) return false;
    ++first_;
    if (may_widen && halvings_ > 1 && (first_ >> (64 - halvings_) & 1) == 0) --halvings_;
    return true;
  }

 private:
  // Slices this narrow are of one item: with 2^24 items two of them rarely meet.
  static constexpr unsigned most_halvings = 24;

  [[nodiscard]] std::uint64_t size_less_one() const noexcept {
    return ~std::uint64_t{0} >> halvings_;
  }

  std::uint64_t first_ = 0;
  unsigned halvings_;
};

// Calls count(range, map) for one slice after another, each as wide as the budget has room for its
// items, and take(map) once a slice is counted. The narrowest slices are not charged.
template <class Value, class Count, class Take>
status for_each_slice(memory_budget& budget, hash_slice slice, Count const& count,
                      Take const& take) {
  for (;;) {
    item_map<Value> counts(slice.is_narrowest() ? nullptr : &budget);
    try {
      TOPK_TRY(count(slice.range(), counts));
    } catch (over_budget const&) {
      slice.halve();
      continue;
    }
    take(counts);
    if (!slice.next(4 * counts.size() * sizeof(counts.entries()[0]) < budget.limit() / 2))
      return {};
  }
}

}  // namespace topk::stream
