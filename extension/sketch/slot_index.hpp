// The index from an item's hash to its slot: groups of fifteen one-byte tags, compared at once.
//
//   group { u8 tag[15]; u8 passed; u32 slot[15]; }      tag 0 = empty
//
// An entry lives in its home group, or in the first later group with an empty lane; `passed` counts
// the entries that had to go past a group, so a search ends at the first group nobody passed.
// Erasing undoes both: there are no tombstones, and no rebuild but to grow. (The count is that of
// folly's F14.) It holds no hashes and no items: the caller says whether a slot is the one sought.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/compiler.hpp"
#include "sketch/tag_match.hpp"

namespace topk::sketch {

template <class TagMatch>
class basic_slot_index {
 public:
  static constexpr std::uint32_t none = 0xFFFFFFFF;

  // The slot under this hash for which is_it(slot) holds, or none.
  template <class IsIt>
  TOPK_ALWAYS_INLINE [[nodiscard]] std::uint32_t find(std::uint64_t hash,
                                                      IsIt&& is_it) const noexcept {
    std::uint8_t const tag = tag_of(hash);
    std::size_t at = home_of(hash);
    for (std::size_t tried = 0; tried < groups_.size(); ++tried) {
      group const& here = groups_[at];
      for (auto lanes = lanes_with(here, tag); lanes != 0; lanes &= lanes - 1) {
        std::uint32_t const slot = here.slots[first_lane(lanes)];
        if (is_it(slot)) return slot;
      }
      if (here.tags[passed_at] == 0) return none;
      at = next(at);
    }
    return none;
  }

  // Makes room for `wanted` entries; hash_of(slot) returns the hashes of slots 0..used-1, which
  // are the entries. On bad_alloc nothing changed.
  template <class HashOf>
  void reserve(std::size_t wanted, std::uint32_t used, HashOf&& hash_of) {
    std::size_t const needed = (wanted + entries_per_group - 1) / entries_per_group;
    if (needed <= groups_.size()) return;
    std::vector<group> larger(needed);
    groups_.swap(larger);
    for (std::uint32_t slot = 0; slot < used; ++slot) insert(hash_of(slot), slot);
  }

  // Requires: room reserved.
  void insert(std::uint64_t hash, std::uint32_t slot) noexcept {
    std::size_t at = home_of(hash);
    for (;; at = next(at)) {
      group& here = groups_[at];
      if (auto const empty = lanes_with(here, 0); empty != 0) {
        unsigned const lane = first_lane(empty);
        here.tags[lane] = tag_of(hash);
        here.slots[lane] = slot;
        return;
      }
      if (here.tags[passed_at] < passed_forever) ++here.tags[passed_at];
    }
  }

  // Requires: (hash, slot) was inserted.
  void erase(std::uint64_t hash, std::uint32_t slot) noexcept {
    std::size_t at = home_of(hash);
    for (;; at = next(at)) {
      group& here = groups_[at];
      if (unsigned const lane = lane_of(here, tag_of(hash), slot); lane != no_lane) {
        here.tags[lane] = 0;
        return;
      }
      if (here.tags[passed_at] < passed_forever) --here.tags[passed_at];
    }
  }

  // The entry of slot `from` is now in slot `to`. Requires: (hash, from) was inserted.
  void move(std::uint64_t hash, std::uint32_t from, std::uint32_t to) noexcept {
    for (std::size_t at = home_of(hash);; at = next(at)) {
      group& here = groups_[at];
      if (unsigned const lane = lane_of(here, tag_of(hash), from); lane != no_lane) {
        here.slots[lane] = to;
        return;
      }
    }
  }

  void clear() noexcept { std::fill(groups_.begin(), groups_.end(), group{}); }

  // How many entries fit before reserve has to allocate.
  [[nodiscard]] std::size_t room() const noexcept { return groups_.size() * entries_per_group; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return groups_.capacity() * sizeof(group);
  }

 private:
  static constexpr unsigned lanes_in_group = 15;
  static constexpr unsigned passed_at = 15;  // the sixteenth tag byte
  static constexpr unsigned no_lane = lanes_in_group;
  static constexpr std::uint8_t passed_forever = 0xFF;  // a count that stuck: costs time, not truth
  // Load 11/15: fuller, and more than one group in ten has been passed.
  static constexpr std::size_t entries_per_group = 11;

  struct group {
    alignas(16) std::uint8_t tags[16] = {};
    std::uint32_t slots[lanes_in_group] = {};
  };
  using lane_mask = typename TagMatch::mask;
  static constexpr lane_mask tag_lanes =
      static_cast<lane_mask>((std::uint64_t{1} << (lanes_in_group * TagMatch::lane_bits)) - 1);

  [[nodiscard]] static lane_mask lanes_with(group const& here, std::uint8_t tag) noexcept {
    return static_cast<lane_mask>(TagMatch::match(here.tags, tag) & tag_lanes);
  }
  [[nodiscard]] static unsigned first_lane(lane_mask lanes) noexcept {
    return static_cast<unsigned>(std::countr_zero(lanes)) / TagMatch::lane_bits;
  }
  [[nodiscard]] static unsigned lane_of(group const& here, std::uint8_t tag,
                                        std::uint32_t slot) noexcept {
    for (auto lanes = lanes_with(here, tag); lanes != 0; lanes &= lanes - 1) {
      if (here.slots[first_lane(lanes)] == slot) return first_lane(lanes);
    }
    return no_lane;
  }
  // The low bits make the tag, the high ones the group, so that they are independent.
  [[nodiscard]] static std::uint8_t tag_of(std::uint64_t hash) noexcept {
    auto const low = static_cast<std::uint8_t>(hash & 0xFF);
    return low == 0 ? std::uint8_t{1} : low;
  }
  [[nodiscard]] std::size_t home_of(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>(((hash >> 32) * groups_.size()) >> 32);
  }
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept {
    return at + 1 == groups_.size() ? 0 : at + 1;
  }

  std::vector<group> groups_;
};

using slot_index = basic_slot_index<native_tag_match>;

}  // namespace topk::sketch
