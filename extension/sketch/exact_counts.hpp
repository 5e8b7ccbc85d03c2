// The counts of one pane while they are exact: what a summary has until it must evict, without what
// it needs for that, and without items of its own. Most panes of a fold are counted so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/compiler.hpp"
#include "sketch/slot_index.hpp"
#include "sketch/summary_types.hpp"

namespace topk::sketch {

class exact_counts {
 public:
  // Forgets all, and counts for a pane of these limits. Cost: linear in what is forgotten.
  void begin(capacity limits) noexcept;
  // As summary::add, the seed being the caller's. Borrows the item until begin(). False: there is
  // no room for the item, and nothing has changed; summary::take() and summary::add go on from
  // here.
  TOPK_ALWAYS_INLINE bool add(item_view const& item, std::uint64_t hash, std::int64_t weight,
                              std::int64_t time) {
    if (weight == 0) return true;
    std::uint32_t slot = index_.find(hash, [&](std::uint32_t held) {
      return hashes_[held] == hash && entries_[held].item == item;
    });
    if (slot == slot_index::none) {
      if (!insert(item, hash)) return false;
      slot = static_cast<std::uint32_t>(entries_.size() - 1);
    }
    entries_[slot].hi += weight;
    count_event(totals_, weight, time);
    return true;
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] static constexpr bool has_filter() noexcept { return false; }
  // What summary::encode() and encode_cut() would write.
  [[nodiscard]] std::vector<std::byte> encode();
  [[nodiscard]] std::vector<std::byte> encode_cut(std::size_t keep,
                                                  closed_form form = closed_form::by_item);

 private:
  friend class summary;
  bool insert(item_view const& item, std::uint64_t hash);
  [[nodiscard]] std::span<entry_view const> entries() noexcept;

  slot_index index_;
  std::vector<std::uint64_t> hashes_;
  std::vector<entry_view> entries_;  // in order of their first event; lo follows hi in entries()
  pane_totals totals_;
  capacity limits_;
  std::uint64_t charged_bytes_ = 0;
};

}  // namespace topk::sketch
