// The steps that every operation on a summary is made of.
//
//   records    [ hash, item  ] [ ... ] [ ... ]     slot 0 .. size-1, dense
//   counters   [ over, under ] [ ... ] [ ... ]     the same slots
//   index      hash -> slot
//   band       which slot has the least (over, slot): a cache
//   credit F, debit D            what items without a slot may have gained and lost
//   base [base_lo, base_hi]      what any item may have had in absorbed panes
//
//   hi = base_hi + over    lo = base_lo + under    for an item in a slot
//   the same with F(x) for over and -D(x) for under    for any other item
//
// An item with weight that has no slot takes one (insert), or competes for one (admit):
//
//   over(x) + w  <=  the least over     x stays out: its cells of F rise to that (raise)
//   otherwise                           the victim's cells rise to its bounds (evict), x takes its
//                                       slot, and starts with what its own cells allowed it
//
// What is no more than the least changes no slot, as it would gain nothing and an eviction costs.
// Only a summary that is above its limits (loaded under smaller ones) takes a tie in, because it
// shrinks by evicting.
// So a bound never falls when an item loses its slot, and an item that comes back starts no lower
// than it left. D is needed only once some lower bound has fallen below the base (may_owe), by a
// negative weight or a child's entry.
//
// Out of memory: what may throw comes first in each step (reserve_*, the copy of an item), what
// follows is noexcept; a step that throws has changed nothing.
#include "sketch/summary_state.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/hash.hpp"
#include "sketch/relative_bounds.hpp"

namespace topk::sketch {
namespace {

// Counts the new content of a slot in.
void enter(summary_state& of, std::uint32_t slot) noexcept {
  auto const& [hash, owned] = of.records[slot];
  of.charged_bytes += summary_state::charge(owned.view().bytes.size());
  of.heap_bytes += owned.heap_bytes();
  of.may_owe |= of.counters[slot].under < 0;
  of.index.insert(hash, slot);
}

}  // namespace

void summary_state::add_slowly(item_view const& item, std::uint64_t hash, std::int64_t weight) {
  std::uint32_t const slot = weight < 0 ? find(item, hash) : none;
  if (slot != none) {
    retract(slot, weight);
  } else if (fits(item.bytes.size()) && (weight > 0 || !has_filter())) {
    insert(item, hash, absent_over(hash) + weight, absent_under(hash) + weight);
  } else if (weight > 0) {
    admit(item, hash, absent_over(hash) + weight, absent_under(hash) + weight);
  } else {
    retract_absent(hash, weight);
  }
  settle();
}

// Where an item with less than the floor has nothing to hope for, and only F to rise in: no filter
// of debts, no cell that saturates, no sum that does.
void summary_state::settle() noexcept {
  full_for = unknown_size;
  if (!credit.is_made() || debit.is_made() || is_too_full() || size() == 0) return;
  bar = std::min(
      {band.floor(), std::int64_t{count_filter::saturated} - 1, greatest_sum - base.upper});
  if (bar <= 0) return;
  if (size() >= limits.entries) {
    full_for = 0;
  } else {
    std::uint64_t const taken = charged_bytes + charge(0);
    full_for = taken > limits.bytes ? 0 : limits.bytes - taken + 1;
  }
}

void summary_state::insert(item_view const& item, std::uint64_t hash, std::int64_t over,
                           std::int64_t under) {
  reserve_slots(counters.size() + 1);
  append({hash, topk::item(item)}, {over, under});
}

// More than one victim goes only where the capacity in bytes asks for it: a long item in place of
// short ones.
void summary_state::admit(item_view const& item, std::uint64_t hash, std::int64_t over,
                          std::int64_t under) {
  may_owe |= under < 0;
  reserve_filters();
  std::int64_t const beyond = is_too_full() ? 0 : 1;  // what the least has
  if (over < band.floor() + beyond) return raise(hash, over, under);
  band.reserve(counters.size());
  std::uint32_t victim = least_slot();
  if (over < counters[victim].over + beyond) return raise(hash, over, under);

  topk::item owned(item);
  for (;;) {  // nothing below throws
    evict(victim);
    ++evictions;
    std::size_t const victim_bytes = records[victim].item.view().bytes.size();
    if (fits(item.bytes.size(), 1, charge(victim_bytes))) break;
    remove(victim);
    victim = least_slot();
    if (over < counters[victim].over + beyond) return raise(hash, over, under);
  }
  discharge(victim);
  // No less than the victim had, nor than the floor: the band stays right.
  put(victim, {hash, std::move(owned)}, {over, under});
}

// An item whose upper bound is 0 or less cannot be an answer: it gives its slot up, unless all is
// exact, where a slot with a negative sum is still right.
void summary_state::retract(std::uint32_t slot, std::int64_t weight) {
  counter& held = counters[slot];
  bool const is_worthless = !is_exact() && add_saturated(hi(slot), weight) <= 0;
  may_owe |= held.under + weight < 0;
  if (is_worthless && held.under + weight < 0) debit.reserve();
  held.over += weight;
  held.under += weight;
  if (!is_worthless) return band.note(slot, held.over);
  evict(slot);
  remove(slot);
}

void summary_state::retract_absent(std::uint64_t hash, std::int64_t weight) {
  debit.reserve();
  // Its upper bound stays: the cells of F are shared with other items.
  raise(hash, 0, absent_under(hash) + weight);
}

// The child's other items, which it has no entry for, get their part by absorb_rest: the base rises
// by the child's [z, u], so an entry adds only what it has beyond that.
void summary_state::absorb_entry(item_view const& item, std::uint64_t hash, std::int64_t over,
                                 std::int64_t under) {
  if (std::uint32_t const slot = find(item, hash); slot != none) {
    counter& held = counters[slot];
    auto const before = held.over;
    held.over = add_saturated(held.over, over);  // may fall: over < 0 if hi < u
    held.under = add_saturated(held.under, under);
    may_owe |= held.under < 0;
    if (held.over < before) band.note(slot, held.over);
    return;
  }
  over = add_saturated(absent_over(hash), over);
  under = add_saturated(absent_under(hash), under);
  if (fits(item.bytes.size())) return insert(item, hash, over, under);
  admit(item, hash, over, under);
}

void summary_state::absorb_rest(bounds const& child_absent, pane_totals const& child) {
  add_bounds(base, child_absent);
  add_bounds(absent, child_absent);
  bool const is_first = totals.events == 0;
  add_counts(totals, child);
  if (child.events == 0) return;
  totals.first = is_first ? child.first : std::min(totals.first, child.first);
  totals.last = is_first ? child.last : std::max(totals.last, child.last);
}

void summary_state::raise(std::uint64_t hash, std::int64_t over, std::int64_t under) noexcept {
  if (over > 0) {
    credit.raise(hash, over);
    absent.upper = std::max(absent.upper, add_saturated(base.upper, over));
  }
  if (under < 0) {
    debit.raise(hash, -under);
    absent.lower = std::min(absent.lower, add_saturated(base.lower, under));
  }
}

void summary_state::evict(std::uint32_t slot) noexcept {
  raise(records[slot].hash, counters[slot].over, counters[slot].under);
}

void summary_state::remove(std::uint32_t slot) noexcept {
  std::uint32_t const last = size() - 1;  // moves into the gap, so that slots stay dense
  discharge(slot);
  if (slot != last) {
    counters[slot] = counters[last];
    records[slot] = std::move(records[last]);
    index.move(records[slot].hash, last, slot);
    band.note(slot, counters[slot].over);
  }
  counters.pop_back();
  records.pop_back();
}

void summary_state::discharge(std::uint32_t slot) noexcept {
  item const& gone = records[slot].item;
  charged_bytes -= charge(gone.view().bytes.size());
  heap_bytes -= gone.heap_bytes();
  index.erase(records[slot].hash, slot, [&](std::uint32_t held) { return records[held].hash; });
}

void summary_state::append(record&& of, counter const& with) noexcept {
  counters.push_back(with);
  records.push_back(std::move(of));
  enter(*this, size() - 1);
  band.note(size() - 1, with.over);
}

void summary_state::put(std::uint32_t slot, record&& of, counter const& with) noexcept {
  counters[slot] = with;
  records[slot] = std::move(of);
  enter(*this, slot);
}

// Doubles, but never far above the limit: most summaries are small, and full ones stay as they are.
void summary_state::reserve_slots(std::size_t wanted) {
  if (wanted <= counters.capacity() && wanted <= records.capacity() && wanted <= index.room())
    return;
  std::size_t const doubled = std::max<std::size_t>(4, 2 * counters.size());
  std::size_t const target = std::max(wanted, std::min<std::size_t>(doubled, limits.entries));
  counters.reserve(target);
  records.reserve(target);
  index.reserve(target, size(), [&](std::uint32_t slot) { return records[slot].hash; });
}

void summary_state::reserve_filters() {
  credit.reserve();
  if (may_owe) debit.reserve();
}

bool summary_state::has_sound_slots() const {
  if (records.size() != counters.size()) return false;
  std::uint64_t charged = 0;
  std::size_t on_heap = 0;
  auto const widest =
      static_cast<std::uint64_t>(absent.upper) - static_cast<std::uint64_t>(absent.lower);
  for (std::uint32_t slot = 0; slot < size(); ++slot) {
    item_view const item = records[slot].item;
    charged += charge(item.bytes.size());
    on_heap += records[slot].item.heap_bytes();
    if (records[slot].hash != hash_item(item, seed) || !is_canonical(item)) return false;
    if (find(item, records[slot].hash) != slot) return false;  // also: no item twice
    // No entry was made wider than what an absent item could have.
    auto const width = static_cast<std::uint64_t>(hi(slot)) - static_cast<std::uint64_t>(lo(slot));
    if (lo(slot) > hi(slot) || width > widest) return false;
    if (counters[slot].under < 0 && !may_owe) return false;
  }
  return charged == charged_bytes && on_heap == heap_bytes;
}

bool summary_state::has_sound_filters() const {
  auto const is_covered = [](count_filter const& filter, std::int64_t most) {
    auto const cells = filter.cells();
    return std::all_of(cells.begin(), cells.end(),
                       [&](std::uint32_t cell) { return std::int64_t{cell} <= most; });
  };
  if (absent.upper < base.upper || base.upper < 0) return false;
  if (absent.lower > base.lower || base.lower > 0) return false;
  if (!credit.is_made() && absent.upper != base.upper) return false;
  if (!debit.is_made() && absent.lower != base.lower) return false;
  return is_covered(credit, absent.upper - base.upper) &&
         is_covered(debit, base.lower - absent.lower);
}

bool summary_state::is_consistent() const {
  bool const has_no_time = totals.first == 0 && totals.last == 0;
  return totals.gross_in >= 0 && totals.gross_out >= 0 && totals.events >= 0 &&
         totals.total_lower <= totals.total_upper && totals.first <= totals.last &&
         (totals.events > 0 || has_no_time) && has_sound_filters() && has_sound_slots();
}

}  // namespace topk::sketch
