// The inside of a summary: slots, index, filters and the steps that every operation is made of.
//
// Slots are kept relative to the base: over = hi - base_hi, under = lo - base_lo. What an absorbed
// pane allows every absent item then moves the base only, and absorbing is linear in the child.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/compiler.hpp"
#include "base/item.hpp"
#include "base/saturate.hpp"
#include "sketch/band_minimum.hpp"
#include "sketch/count_filter.hpp"
#include "sketch/slot_index.hpp"
#include "sketch/summary.hpp"

namespace topk::sketch {

struct summary::state {
  static constexpr std::uint32_t none = slot_index::none;

  // Hot fields. Items are kept apart, in `items` (structure of arrays).
  struct counter {
    std::uint64_t hash;
    std::int64_t over;
    std::int64_t under;
  };

  state(capacity limits_in, std::uint64_t seed_in) noexcept
      : credit(limits_in.entries * count_filter::cells_per_entry), debit(credit.width()),
        limits(limits_in), seed(seed_in) {}

  // --- reading
  [[nodiscard]] std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(counters.size());
  }
  TOPK_ALWAYS_INLINE [[nodiscard]] std::uint32_t find(item_view const& item,
                                                      std::uint64_t hash) const noexcept {
    return index.find(hash, [&](std::uint32_t slot) {
      return counters[slot].hash == hash && items[slot].view() == item;
    });
  }
  [[nodiscard]] std::int64_t hi(std::uint32_t slot) const noexcept {
    return add_saturated(base.upper, counters[slot].over);
  }
  [[nodiscard]] std::int64_t lo(std::uint32_t slot) const noexcept {
    return add_saturated(base.lower, counters[slot].under);
  }
  // est_hi and est_lo of an item that is not in a slot, relative to the base.
  [[nodiscard]] std::int64_t absent_over(std::uint64_t hash) const noexcept {
    return credit.read(hash, absent.upper - base.upper);
  }
  [[nodiscard]] std::int64_t absent_under(std::uint64_t hash) const noexcept {
    return -debit.read(hash, base.lower - absent.lower);
  }
  [[nodiscard]] bool is_exact() const noexcept { return absent == bounds{}; }
  [[nodiscard]] bool has_filter() const noexcept { return credit.is_made() || debit.is_made(); }
  // Whether one more item of this size fits once `freed_slots` slots with `freed_bytes` are gone.
  [[nodiscard]] bool fits(std::size_t item_bytes, std::size_t freed_slots = 0,
                          std::uint64_t freed_bytes = 0) const noexcept {
    std::size_t const left = counters.size() - freed_slots;
    return left == 0 || (left < limits.entries &&
                         charged_bytes - freed_bytes + charge(item_bytes) <= limits.bytes);
  }
  [[nodiscard]] static std::uint64_t charge(std::size_t item_bytes) noexcept {
    return capacity::entry_charge + item_bytes;
  }

  // --- steps; the first four may throw bad_alloc, and have changed nothing then
  // An absent item with these bounds, relative to the base: into a free slot ...
  void insert(item_view const& item, std::uint64_t hash, std::int64_t over, std::int64_t under);
  // ... or in place of the least, if it is no less than that; else into the filters.
  void admit(item_view const& item, std::uint64_t hash, std::int64_t over, std::int64_t under);
  // A negative weight of a held item, or of an absent one.
  void retract(std::uint32_t slot, std::int64_t weight);
  void retract_absent(std::uint64_t hash, std::int64_t weight);
  // A child's entry, relative to what the child allows its absent items.
  void absorb_entry(item_view const& item, std::uint64_t hash, std::int64_t over,
                    std::int64_t under);
  void absorb_rest(bounds const& child_absent, pane_totals const& child);
  // Into the filters, with u and z. Requires: the filters needed are reserved.
  void raise(std::uint64_t hash, std::int64_t over, std::int64_t under) noexcept;
  void evict(std::uint32_t slot) noexcept;
  // Frees the slot; the last one moves into it.
  void remove(std::uint32_t slot) noexcept;
  // Appends an entry. Requires: reserve_slots() was called.
  void append(item&& owned, std::uint64_t hash, std::int64_t over, std::int64_t under) noexcept;
  void put(std::uint32_t slot, item&& owned, counter const& with) noexcept;
  void reserve_slots(std::size_t wanted);
  void reserve_filters();
  [[nodiscard]] std::uint32_t least_slot() noexcept {
    return band.least(size(), [&](std::uint32_t slot) { return counters[slot].over; });
  }
  void count(std::int64_t weight, std::int64_t time) noexcept;
  [[nodiscard]] bool is_consistent() const;
  [[nodiscard]] bool has_sound_slots() const;
  [[nodiscard]] bool has_sound_filters() const;

  slot_index index;
  std::vector<counter> counters;
  std::vector<item> items;
  pane_totals totals;
  bounds absent;        // [z, u]
  bounds base;          // [base_lo, base_hi]
  count_filter credit;  // F
  count_filter debit;   // D
  band_minimum band;
  capacity limits;
  std::uint64_t seed;
  std::uint64_t charged_bytes = 0;
  std::uint64_t evictions = 0;
  std::size_t heap_bytes = 0;
  bool may_owe = false;  // some slot has had lo < base_lo: an eviction may need the debit filter
};

}  // namespace topk::sketch
