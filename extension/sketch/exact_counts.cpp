// A slot for each item, found by its hash; nothing is ever taken out but all at once.
//
//   entries   [ item, count ] [ ... ]     by slot, in order of their first event, as a summary's
//   index     hash -> slot                slots lie there like those of a summary
//
// The index is emptied place by place after a small pane, as it may have grown for a large one.
#include "sketch/exact_counts.hpp"

#include <algorithm>

#include "sketch/summary.hpp"

namespace topk::sketch {

void exact_counts::begin(capacity limits) noexcept {
  if (entries_.size() < index_.room() / 8) {
    for (std::uint32_t slot = 0; slot < entries_.size(); ++slot) index_.vacate(hashes_[slot], slot);
  } else {
    index_.clear();
  }
  hashes_.clear();
  entries_.clear();
  totals_ = {};
  charged_bytes_ = 0;
  limits_ = limits;
}

bool exact_counts::insert(item_view const& item, std::uint64_t hash) {
  std::size_t const size = entries_.size();
  if (!limits_.has_room(size, charged_bytes_, item.bytes.size())) return false;
  if (size == index_.room()) {
    std::size_t const wanted = std::max<std::size_t>(16, 2 * size);
    hashes_.reserve(wanted);
    entries_.reserve(wanted);
    index_.reserve(wanted, static_cast<std::uint32_t>(size),
                   [&](std::uint32_t slot) { return hashes_[slot]; });
  }
  hashes_.push_back(hash);
  entries_.push_back({item, 0, 0});
  index_.insert(hash, static_cast<std::uint32_t>(size));
  charged_bytes_ += capacity::charge(item.bytes.size());
  return true;
}

std::span<entry_view const> exact_counts::entries() noexcept {
  for (auto& entry : entries_) entry.lo = entry.hi;
  return entries_;
}

std::vector<std::byte> exact_counts::encode() { return encode_exact(entries(), totals_); }

std::vector<std::byte> exact_counts::encode_cut(std::size_t keep, closed_form form) {
  return encode_closed(entries(), {}, totals_, keep, form);
}

}  // namespace topk::sketch
