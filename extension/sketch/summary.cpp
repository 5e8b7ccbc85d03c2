// The operations on a summary but for adding one event, whose way is in summary_state.
#include "sketch/summary.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/hash.hpp"
#include "sketch/exact_counts.hpp"

namespace topk::sketch {

summary::summary(capacity limits, std::uint64_t seed)
    : state_(std::make_unique<state>(limits, seed)) {
  assert(limits.entries >= 1 && limits.entries <= capacity::most_entries);
}
summary::summary(summary&&) noexcept = default;
summary& summary::operator=(summary&&) noexcept = default;
summary::~summary() = default;

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
  state_->settle();
  state_->audit();
}

void summary::absorb(summary const& child) {
  assert(this != &child);
  state const& from = *child.state_;
  auto const [z, u] = from.absent;
  for (std::uint32_t slot = 0; slot < from.size(); ++slot) {
    item_view const item = from.records[slot].item;
    auto const hash =
        from.seed == state_->seed ? from.records[slot].hash : hash_item(item, state_->seed);
    state_->absorb_entry(item, hash, add_saturated(from.hi(slot), -u),
                         add_saturated(from.lo(slot), -z));
  }
  state_->absorb_rest(from.absent, from.totals);
  state_->settle();
  state_->audit();
}

void summary::take(exact_counts const& counted) {
  state& s = *state_;
  assert(s.size() == 0 && s.totals == pane_totals{});
  s.reserve_slots(counted.size());
  for (std::size_t i = 0; i < counted.size(); ++i) {
    auto const& [item, count, unused] = counted.entries_[i];
    s.insert(item, counted.hashes_[i], count, count);
  }
  s.totals = counted.totals_;
  s.settle();
  s.audit();
}

// As stored and loaded again, which is what its only bytes are for. On bad_alloc unchanged.
void summary::truncate(std::size_t keep) {
  auto cut = decode(encode_cut(keep, closed_form::ranked), state_->limits, state_->seed);
  assert(cut);
  cut->state_->evictions = state_->evictions;
  *this = *std::move(cut);
}

bool summary::has_room(std::size_t item_bytes) const noexcept { return state_->fits(item_bytes); }

// The totals lose what the item had, as far as that is known: the lower one its most, the upper one
// its least.
bool summary::forget(item_view item, std::uint64_t hash) {
  state& s = *state_;
  bounds const had = estimate(item, hash);
  std::uint32_t const slot = s.find(item, hash);
  if (slot != state::none) s.remove(slot);
  s.settle();
  s.totals.total_lower = add_saturated(s.totals.total_lower, -had.upper);
  s.totals.total_upper = add_saturated(s.totals.total_upper, -had.lower);
  s.audit();
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
  return {state_->records[at].item, state_->hi(at), state_->lo(at)};
}

std::size_t summary::memory_bytes() const noexcept {
  state const& s = *state_;
  return sizeof(state) + s.index.memory_bytes() + s.counters.capacity() * sizeof(state::counter) +
         s.records.capacity() * sizeof(state::record) + s.heap_bytes + s.credit.memory_bytes() +
         s.debit.memory_bytes() + s.band.memory_bytes();
}

}  // namespace topk::sketch
