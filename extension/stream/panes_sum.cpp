// Adding a pane meets each of its entries once in a map of all items so far:
//
//   pane     [z, u]   a [lo, hi]   c [lo, hi]
//                     |            |
//   items_            a            b         c (new)       L += lo - z, S += hi - u, panes += 1
//   absent_  += [z, u]; totals_ += the pane's
//
// Subtracting is the same with the signs turned, and an item that no pane holds any more is erased:
// its L and S are 0 by then. The map is large and met at random, so its places are prefetched
// (pane_entries.hpp). Two orders of the items are made on demand, only as far down as a question
// asks (value_ranking.hpp), and dropped at the next change.
#include "stream/panes_sum.hpp"

namespace topk::stream {

using sketch::entry_view;
using sketch::stored_summary;

void panes_sum::reserve_for(stored_summary const& pane, std::size_t panes) {
  items_.reserve_guess(expected_keys(pane, panes));
}

void panes_sum::add(stored_summary const& pane, std::uint64_t seed, hash_range range) {
  note_change();
  auto const absent = pane.absent();
  each_entry(pane, seed, items_, hashes_, [&](entry_view const& entry, std::uint64_t hash) {
    if (!range.contains(hash)) return;
    held& sum = items_.find_or_insert(entry.item, hash);
    sum.bounds.add(entry, absent);
    ++sum.panes;
  });
  add_bounds(absent_, absent);
  add_counts(totals_, pane.totals());
}

void panes_sum::subtract(stored_summary const& pane, std::uint64_t seed, hash_range range) {
  note_change();
  auto const absent = pane.absent();
  each_entry(pane, seed, items_, hashes_, [&](entry_view const& entry, std::uint64_t hash) {
    if (!range.contains(hash)) return;
    held* const sum = items_.find(entry.item, hash);
    if (sum == nullptr) return;
    sum->bounds.subtract(entry, absent);
    if (--sum->panes == 0) items_.erase(entry.item, hash);
  });
  subtract_bounds(absent_, absent);
  subtract_counts(totals_, pane.totals());
}

void panes_sum::clear() noexcept {
  note_change();
  items_.clear();
  absent_ = {};
  totals_ = {};
}

void panes_sum::note_change() noexcept {
  ++changes_;
  by_middle_.forget();
  by_upper_.forget();
}

std::uint32_t panes_sum::nth_by_middle(std::size_t i) const {
  return by_middle_.nth(i, items_.size(), [&](std::size_t n) {
    return items_.entries()[n].value.bounds.middle_twice();
  });
}

std::uint32_t panes_sum::nth_by_upper(std::size_t i) const {
  return by_upper_.nth(i, items_.size(),
                       [&](std::size_t n) { return items_.entries()[n].value.bounds.upper; });
}

}  // namespace topk::stream
