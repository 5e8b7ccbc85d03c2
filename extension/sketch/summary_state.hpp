// The inside of a summary: slots, index, filters, and the steps that every operation is made of.
//
// What an event does, by the state of its item:
//
//                     weight > 0                          weight < 0
//   in a slot         over += w, under += w               the same; given up if worthless (retract)
//   out, has room     takes a slot (insert)               takes one only if no filter is in use,
//                                                         which would be all that knows it
//   out, no room      competes for one (admit);           its debit cells rise (retract_absent)
//                     most often in vain (turn_away)
//
// Whatever an item starts with is what its cells allowed it while it was out. What most events need
// is here, to be compiled into loops: a look-up, then either the counters or the cells of F.
//
// Slots are kept relative to the base: over = hi - base_hi, under = lo - base_lo. What an absorbed
// pane allows every absent item then moves the base only, and absorbing is linear in the child.
#pragma once

#include <algorithm>
#include <cassert>
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
#include "sketch/summary_types.hpp"

namespace topk::sketch {

struct summary_state {
  static constexpr std::uint32_t none = slot_index::none;
  static constexpr std::uint64_t unknown_size = std::numeric_limits<std::uint64_t>::max();

  // What a slot holds: half a cache line to know the item by, and apart from it, as they alone
  // change, its counters.
  struct record {
    std::uint64_t hash;
    topk::item item;
  };
  struct counter {
    std::int64_t over;
    std::int64_t under;
  };

  summary_state(capacity limits_in, std::uint64_t seed_in) noexcept
      : credit(limits_in.entries * count_filter::cells_per_entry), debit(credit.width()),
        limits(limits_in), seed(seed_in) {}

  // --- reading
  [[nodiscard]] std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(counters.size());
  }
  TOPK_ALWAYS_INLINE [[nodiscard]] std::uint32_t find(item_view const& item,
                                                      std::uint64_t hash) const noexcept {
    auto const packed = topk::item::pack(item);
    return index.find(hash, [&](std::uint32_t slot) {
      record const& held = records[slot];
      return held.hash == hash && held.item.packed() == packed &&
             same_bytes(held.item.data(), item.bytes.data(), item.bytes.size());
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
    return limits.has_room(counters.size() - freed_slots, charged_bytes - freed_bytes, item_bytes);
  }
  [[nodiscard]] static std::uint64_t charge(std::size_t item_bytes) noexcept {
    return capacity::charge(item_bytes);
  }

  // --- an event
  void add(item_view const& item, std::uint64_t hash, std::int64_t weight, std::int64_t time);
  // The same of one that needs a slot, or whose weight is not above 0.
  void add_slowly(item_view const& item, std::uint64_t hash, std::int64_t weight);
  // Whether there is no slot for the item even with this weight: then its cells have risen by that.
  // False also where it takes a second look.
  bool turn_away(std::size_t item_bytes, std::uint64_t hash, std::int64_t weight) noexcept;
  // What turn_away goes by. To be called after any other step.
  void settle() noexcept;

  // --- steps; the first four may throw bad_alloc, and have changed nothing then
  // An absent item with these bounds, relative to the base: into a free slot ...
  void insert(item_view const& item, std::uint64_t hash, std::int64_t over, std::int64_t under);
  // ... or in place of the least, if it has more than that; else into the filters.
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
  // Takes the slot's item out of the index and of what is charged.
  void discharge(std::uint32_t slot) noexcept;
  // Appends an entry. Requires: reserve_slots() was called.
  void append(record&& of, counter const& with) noexcept;
  void put(std::uint32_t slot, record&& of, counter const& with) noexcept;
  void reserve_slots(std::size_t wanted);
  void reserve_filters();
  [[nodiscard]] std::uint32_t least_slot() noexcept {
    return band.least(size(), [&](std::uint32_t slot) { return counters[slot].over; });
  }
  // Whether it holds more than its limits allow: decoded under smaller ones.
  [[nodiscard]] bool is_too_full() const noexcept {
    return size() > limits.entries || (charged_bytes > limits.bytes && size() > 1);
  }
  // O(size) after every mutation: a switch of its own, not NDEBUG.
  void audit() const {
#ifdef TOPK_AUDIT
    assert(is_consistent());
#endif
  }
  [[nodiscard]] bool is_consistent() const;
  [[nodiscard]] bool has_sound_slots() const;
  [[nodiscard]] bool has_sound_filters() const;

  slot_index index;
  std::vector<record> records;
  std::vector<counter> counters;
  // No item of so many bytes, or more, finds a free slot; and none with an `over` of no more than
  // this takes another's. Nothing is known of others.
  std::uint64_t full_for = unknown_size;
  std::int64_t bar = 0;
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

TOPK_ALWAYS_INLINE inline void summary_state::add(item_view const& item, std::uint64_t hash,
                                                  std::int64_t weight, std::int64_t time) {
  std::uint32_t slot = none;
  if (weight <= 0) [[unlikely]] {
    if (weight == 0) return;
    add_slowly(item, hash, weight);
  } else if (slot = find(item, hash); slot != none) {
    counters[slot].over += weight;
    counters[slot].under += weight;
  } else if (!turn_away(item.bytes.size(), hash, weight)) {
    add_slowly(item, hash, weight);
  }
  count_event(totals, weight, time);
  audit();
}

TOPK_ALWAYS_INLINE inline bool summary_state::turn_away(std::size_t item_bytes, std::uint64_t hash,
                                                        std::int64_t weight) noexcept {
  if (item_bytes < full_for) return false;
  std::int64_t const over = credit.raise_within(hash, weight, bar);
  if (over == 0) return false;
  absent.upper = std::max(absent.upper, base.upper + over);
  return true;
}

}  // namespace topk::sketch
