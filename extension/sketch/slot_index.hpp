// The index from an item's hash to its slot: linear probing, at most half full.
//
//   place     [ tag | slot + 1 ]     0 = empty
//
// An entry lies in its home place or after it, with no empty place between. Erasing shifts the
// entries behind the gap back, so there are no tombstones, and no rebuild but to grow. The low bits
// of a hash make the home, the high ones the tag, which spares most looks at slots of other items.
// The index holds no hashes and no items: the caller says whether a slot is the one sought, and
// what hash a slot has. A place takes four bytes where there are at most some million slots, else
// eight.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/compiler.hpp"

namespace topk::sketch {

template <class Place, int SlotBits>
class basic_slot_index {
 public:
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  static constexpr Place most_slots = (Place{1} << SlotBits) - 1;

  // The slot under this hash for which is_it(slot) holds, or none.
  template <class IsIt>
  TOPK_ALWAYS_INLINE [[nodiscard]] std::uint32_t find(std::uint64_t hash,
                                                      IsIt&& is_it) const noexcept {
    if (places_.empty()) return none;
    Place const tag = tag_of(hash);
    for (std::size_t at = home_of(hash);; at = next(at)) {
      Place const place = places_[at];
      if (place == 0) return none;
      if ((place ^ tag) > slot_mask) continue;
      if (is_it(slot_in(place))) return slot_in(place);
    }
  }

  // Makes room for `wanted` entries; hash_of(slot) returns the hashes of slots 0..used-1, which
  // are the entries. On bad_alloc nothing changed.
  template <class HashOf>
  void reserve(std::size_t wanted, std::uint32_t used, HashOf&& hash_of) {
    if (wanted <= room()) return;
    assert(wanted <= most_slots);
    std::vector<Place> larger(std::bit_ceil(2 * wanted));
    places_.swap(larger);
    for (std::uint32_t slot = 0; slot < used; ++slot) insert(hash_of(slot), slot);
  }

  // Requires: room reserved.
  void insert(std::uint64_t hash, std::uint32_t slot) noexcept {
    std::size_t at = home_of(hash);
    while (places_[at] != 0) at = next(at);
    places_[at] = tag_of(hash) | (static_cast<Place>(slot) + 1);
  }

  // Requires: (hash, slot) was inserted; hash_of(slot) returns the hash of any slot.
  template <class HashOf>
  void erase(std::uint64_t hash, std::uint32_t slot, HashOf&& hash_of) noexcept {
    std::size_t gap = place_of(hash, slot);
    for (std::size_t at = next(gap); places_[at] != 0; at = next(at)) {
      // Moves into the gap what may lie there: its home is no later.
      std::size_t const from_home = at - home_of(hash_of(slot_in(places_[at])));
      if ((from_home & mask()) < ((at - gap) & mask())) continue;
      places_[gap] = places_[at];
      gap = at;
    }
    places_[gap] = 0;
  }

  // The entry of slot `from` is now in slot `to`. Requires: (hash, from) was inserted.
  void move(std::uint64_t hash, std::uint32_t from, std::uint32_t to) noexcept {
    places_[place_of(hash, from)] = tag_of(hash) | (Place{to} + 1);
  }

  // Empties the place of an entry, one after another until there is none: what is left cannot be
  // searched in between. Requires: (hash, slot) was inserted.
  void vacate(std::uint64_t hash, std::uint32_t slot) noexcept {
    places_[place_of(hash, slot)] = 0;
  }
  void clear() noexcept { std::fill(places_.begin(), places_.end(), Place{0}); }

  // How many entries fit before reserve has to allocate.
  [[nodiscard]] std::size_t room() const noexcept { return places_.size() / 2; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return places_.capacity() * sizeof(Place);
  }

 private:
  static constexpr Place slot_mask = most_slots;

  // The highest bits of the hash that a place has room for.
  [[nodiscard]] static Place tag_of(std::uint64_t hash) noexcept {
    return static_cast<Place>(hash >> (64 - 8 * sizeof(Place))) & ~slot_mask;
  }
  [[nodiscard]] static std::uint32_t slot_in(Place place) noexcept {
    return static_cast<std::uint32_t>((place & slot_mask) - 1);
  }
  [[nodiscard]] std::size_t mask() const noexcept { return places_.size() - 1; }
  [[nodiscard]] std::size_t home_of(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>(hash) & mask();
  }
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept { return (at + 1) & mask(); }
  [[nodiscard]] std::size_t place_of(std::uint64_t hash, std::uint32_t slot) const noexcept {
    std::size_t at = home_of(hash);
    while ((places_[at] & slot_mask) != Place{slot} + 1) at = next(at);
    return at;
  }

  std::vector<Place> places_;  // a power of two of them, or none
};

using slot_index = basic_slot_index<std::uint32_t, 22>;  // of a summary
using wide_slot_index = basic_slot_index<std::uint64_t, 33>;

}  // namespace topk::sketch
