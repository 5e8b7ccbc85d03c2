// What an event does, by the state of its item:
//
//                     weight > 0                          weight < 0
//   in a slot         over += w, under += w               the same; given up if worthless (retract)
//   out, has room     takes a slot (insert)               takes one only if no filter is in use,
//                                                         which would be all that knows it
//   out, no room      competes for one (admit)            its debit cells rise (retract_absent)
//
// Whatever an item starts with is what its cells allowed it while it was out. Truncating rebuilds
// the state from its best entries; u and z take over what the dropped ones and the filters said.
#include "sketch/summary.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/hash.hpp"
#include "sketch/best_entries.hpp"
#include "sketch/summary_state.hpp"

namespace topk::sketch {
namespace {

// O(size) after every mutation: a switch of its own, not NDEBUG.
template <class State>
void audit([[maybe_unused]] State const& state) {
#ifdef TOPK_AUDIT
  assert(state.is_consistent());
#endif
}

}  // namespace

summary::summary(capacity limits, std::uint64_t seed)
    : state_(std::make_unique<state>(limits, seed)) {
  assert(limits.entries >= 1 && limits.entries <= capacity::most_entries);
}
summary::summary(summary&&) noexcept = default;
summary& summary::operator=(summary&&) noexcept = default;
summary::~summary() = default;

void summary::add(item_view item, std::uint64_t hash, std::int64_t weight, std::int64_t time) {
  if (weight == 0) return;
  state& s = *state_;
  std::uint32_t const slot = s.find(item, hash);
  if (slot != state::none && weight > 0) [[likely]] {
    s.counters[slot].over += weight;
    s.counters[slot].under += weight;
  } else if (slot != state::none) {
    s.retract(slot, weight);
  } else if (s.fits(item.bytes.size()) && (weight > 0 || !s.has_filter())) {
    s.insert(item, hash, s.absent_over(hash) + weight, s.absent_under(hash) + weight);
  } else if (weight > 0) {
    s.admit(item, hash, s.absent_over(hash) + weight, s.absent_under(hash) + weight);
  } else {
    s.retract_absent(hash, weight);
  }
  s.count(weight, time);
  audit(s);
}

void summary::reserve(std::size_t more_items) {
  state_->reserve_slots(std::min<std::size_t>(size() + more_items, state_->limits.entries));
}

void summary::absorb(stored_summary const& child) {
  reserve(child.entries().size());
  auto const [z, u] = child.absent();  // entries are absorbed relative to these
  for (auto const& entry : child.entries()) {
    state_->absorb_entry(entry.item, hash_item(entry.item, state_->seed),
                         add_saturated(entry.hi, -u), add_saturated(entry.lo, -z));
  }
  state_->absorb_rest(child.absent(), child.totals());
  audit(*state_);
}

void summary::absorb(summary const& child) {
  assert(this != &child);
  state const& from = *child.state_;
  auto const [z, u] = from.absent;
  for (std::uint32_t slot = 0; slot < from.size(); ++slot) {
    item_view const item = from.items[slot];
    auto const hash =
        from.seed == state_->seed ? from.counters[slot].hash : hash_item(item, state_->seed);
    state_->absorb_entry(item, hash, add_saturated(from.hi(slot), -u),
                         add_saturated(from.lo(slot), -z));
  }
  state_->absorb_rest(from.absent, from.totals);
  audit(*state_);
}

// On bad_alloc unchanged: the new state is complete but for moves before the old one is touched.
void summary::truncate(std::size_t keep) {
  state& s = *state_;
  keep = std::min(keep, size());
  auto const order = best_entries(size(), keep, [&](std::size_t slot) { return entry(slot); });

  state cut(s.limits, s.seed);
  cut.totals = s.totals;
  cut.evictions = s.evictions;
  cut.absent = s.absent;
  for (std::size_t dropped = keep; dropped < order.size(); ++dropped) {
    cut.absent.upper = std::max(cut.absent.upper, s.hi(order[dropped]));
    cut.absent.lower = std::min(cut.absent.lower, s.lo(order[dropped]));
  }
  cut.base = cut.absent;
  cut.counters.reserve(keep);
  cut.items.reserve(keep);
  cut.index.reserve(keep, 0, [](std::uint32_t) { return std::uint64_t{0}; });
  for (std::size_t kept = 0; kept < keep; ++kept) {  // nothing below throws
    std::uint32_t const slot = order[kept];
    cut.append(std::move(s.items[slot]), s.counters[slot].hash, s.hi(slot) - cut.base.upper,
               s.lo(slot) - cut.base.lower);
  }
  s = std::move(cut);
  audit(s);
}

bool summary::has_room(std::size_t item_bytes) const noexcept { return state_->fits(item_bytes); }

// The totals lose what the item had, as far as that is known: the lower one its most, the upper one
// its least.
bool summary::forget(item_view item, std::uint64_t hash) {
  state& s = *state_;
  bounds const had = estimate(item, hash);
  std::uint32_t const slot = s.find(item, hash);
  if (slot != state::none) s.remove(slot);
  s.totals.total_lower = add_saturated(s.totals.total_lower, -had.upper);
  s.totals.total_upper = add_saturated(s.totals.total_upper, -had.lower);
  audit(s);
  return slot != state::none;
}

bounds summary::estimate(item_view item, std::uint64_t hash) const noexcept {
  state const& s = *state_;
  std::uint32_t const slot = s.find(item, hash);
  if (slot != state::none) return {s.lo(slot), s.hi(slot)};
  return {add_saturated(s.base.lower, s.absent_under(hash)),
          add_saturated(s.base.upper, s.absent_over(hash))};
}

bounds summary::absent() const noexcept { return state_->absent; }
pane_totals const& summary::totals() const noexcept { return state_->totals; }
std::size_t summary::size() const noexcept { return state_->size(); }
bool summary::has_filter() const noexcept { return state_->has_filter(); }
bool summary::is_exact() const noexcept { return state_->is_exact(); }
std::uint64_t summary::evictions() const noexcept { return state_->evictions; }
bool summary::is_consistent() const { return state_->is_consistent(); }

entry_view summary::entry(std::size_t slot) const noexcept {
  assert(slot < size());
  auto const at = static_cast<std::uint32_t>(slot);
  return {state_->items[at], state_->hi(at), state_->lo(at)};
}

std::size_t summary::memory_bytes() const noexcept {
  state const& s = *state_;
  return sizeof(state) + s.index.memory_bytes() + s.counters.capacity() * sizeof(state::counter) +
         s.items.capacity() * sizeof(topk::item) + s.heap_bytes + s.credit.memory_bytes() +
         s.debit.memory_bytes() + s.band.memory_bytes();
}

}  // namespace topk::sketch
