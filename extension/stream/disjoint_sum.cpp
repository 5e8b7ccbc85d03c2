// Each source is met once. Of an item stays what each case of bounds_of() may need: how many
// sources hold it, and what they say together; how many are certain of it, and what the last of
// them says. A source that is not among the holders says what it says of every absent item: instead
// of finding out which those are, the hull takes in what any source says of them.
#include "stream/disjoint_sum.hpp"

#include <algorithm>

#include "stream/pane_entries.hpp"

namespace topk::stream {

using sketch::bounds;
using sketch::entry_view;

void disjoint_sum::add(sketch::stored_summary const& source, std::uint64_t seed) {
  auto const absent = source.absent();
  each_entry(source, seed, items_, hashes_, [&](entry_view const& entry, std::uint64_t hash) {
    held& of = items_.find_or_insert(entry.item, hash);
    of.sum.add(entry, absent);
    bounds const says{entry.lo, entry.hi};
    of.hull = of.holders == 0 ? says : hull_of(of.hull, says);
    ++of.holders;
    if (says.lower > 0 || says.upper < 0) {
      of.certain = says;
      ++of.certain_holders;
    }
  });
  add_bounds(absent_sum_, absent);
  absent_hull_ = sources_ == 0 ? absent : hull_of(absent_hull_, absent);
  add_counts(totals_, source.totals());
  ++sources_;
}

bounds disjoint_sum::bounds_of(held const& item) const noexcept {
  switch (item.certain_holders) {
    case 0: return item.holders == sources_ ? item.hull : hull_of(item.hull, absent_hull_);
    case 1: return item.certain;
    default: return item.sum.over(absent_sum_);
  }
}

// A state has no entry whose bounds are farther apart than those of an absent item. Here a hull or
// a sum may be: then an absent item gets wider bounds than it needs, at the lower end, where they
// cost no proof.
std::vector<std::byte> disjoint_sum::encode(std::size_t keep) const {
  std::vector<entry_view> entries;
  entries.reserve(items_.size());
  bounds absent = absent_hull_;
  for (auto const& one : items_.entries()) {
    bounds const of = bounds_of(one.value);
    auto const width = add_saturated(of.upper, -of.lower);
    absent.lower = std::min(absent.lower, add_saturated(absent.upper, -width));
    entries.push_back({one.key, of.upper, of.lower});
  }
  return sketch::encode_closed(entries, absent, totals_, keep);
}

}  // namespace topk::stream
