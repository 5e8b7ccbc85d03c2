// The summary of one pane: filtered Space-Saving with two-sided bounds, weights of either sign,
// and a base for what absorbed panes may hide.
//
//   Homem, Carvalho. "Finding top-k elements in data streams" (filtered Space-Saving), Information
//   Sciences 180(24), 2010. Metwally, Agrawal, El Abbadi, ICDT 2005 (Space-Saving). Estan,
//   Varghese, SIGCOMM 2002 (conservative update). Agarwal et al., "Mergeable Summaries", PODS 2012.
//
// State: dense slots 0..size-1 of (item, hi, lo); two filter rows F (u32 cells, conservative
// update) for what absent items may have gained, two debit rows D for what they may have lost,
// each made when first needed; base_hi >= 0 and base_lo <= 0, what absorbed or stored panes allow
// an absent item; u >= 0 and z <= 0, the most and the least any absent item can have.
//   est_hi(x) = base_hi + F(x),  est_lo(x) = base_lo - D(x),  where F(x), D(x) are the smaller of
//   the item's two cells (0 without the filter; a saturated cell reads as u - base_hi, base_lo -
//   z).
// Invariants ("true" is the signed sum of an item's weights):
//   an item in a slot:  lo <= true <= hi;   any other:  est_lo <= true <= est_hi;  z <= true <= u.
// Before the first eviction everything is exact: lo = true = hi, absent items are 0, no filter.
//
// Guarantees, each a property test of this name: bounds_hold, u_never_falls,
// u_at_most_gross_over_m (no base, no absorb, entry capacity m), evict_writes_both_rows,
// freed_slot_inherits_filter, truncate_keeps_bounds, merge_any_order_equal, late_delta_is_w_w,
// total_bounds, fold_is_pure, saturation, byte_capacity.
//
// The outcome is a pure function of the state's bytes and the calls: the victim of an eviction is
// the slot with the least (hi, slot), slots are dense (a freed slot is filled by the last one), and
// reloading between any two calls changes nothing.
//
// Cost: add is O(1) amortised; the way of most events is in summary_state.hpp, to be compiled
// into the caller's loop. Not thread-safe; const members may run
// concurrently.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/item.hpp"
#include "base/status.hpp"
#include "sketch/entries_by_item.hpp"
#include "sketch/summary_state.hpp"

namespace topk::sketch {

// A stored summary, read in place: no index. The window merge reads panes through it.
class stored_summary {
 public:
  // errc::corrupt or errc::unsupported_version; never reads past `in`, never allocates more than
  // 128 times in.size(). The result borrows `in`. Every number is within +-2^62, every entry
  // has lo <= hi and hi - lo <= u - z, z <= 0 <= u, every item is canonical and not longer than the
  // bytes there.
  static result<stored_summary> parse(byte_view in);

  [[nodiscard]] std::vector<entry_view> const& entries() const noexcept { return entries_; }
  [[nodiscard]] pane_totals const& totals() const noexcept { return totals_; }
  [[nodiscard]] bounds absent() const noexcept { return absent_; }  // [z, u]
  [[nodiscard]] bool has_filter() const noexcept { return !filter_bytes_.empty(); }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return entries_.capacity() * sizeof(entry_view) + spelled_.size;
  }

 private:
  friend class summary;
  status take_live(byte_reader& body);
  status take_closed(byte_reader& body);

  std::vector<entry_view> entries_;
  pane_totals totals_;
  bounds absent_;
  bounds base_;             // [base_lo, base_hi]
  byte_view filter_bytes_;  // the encoded F and D of a live pane, checked by parse
  std::uint8_t flags_ = 0;  // which of them there are
  spelled_items spelled_;
};

class exact_counts;

class summary {
 public:
  // Requires: limits.entries in 1 .. 2^20. `seed` is the stream's hash seed.
  summary(capacity limits, std::uint64_t seed);
  summary(summary&&) noexcept;
  summary& operator=(summary&&) noexcept;
  ~summary();

  // Rebuilds the summary that `encode` wrote; the same errors as stored_summary::parse, and
  // errc::corrupt for an item that appears twice. A stored pane without filters comes back with its
  // [z, u] as its base. Capacity is not stored: more entries than `limits` are kept until an add.
  static result<summary> decode(byte_view in, capacity limits, std::uint64_t seed);

  // One event: `weight` may have either sign, |weight| <= 2^40; `hash` is hash_item(item, seed).
  // A weight of 0 does not count as an event and changes nothing.
  // On bad_alloc the summary is unchanged.
  TOPK_ALWAYS_INLINE void add(item_view const& item, std::uint64_t hash, std::int64_t weight,
                              std::int64_t time) {
    state_->add(item, hash, weight, time);
  }

  // Becomes what it would be, had the same events been added to it: of the same seed, and hashes by
  // hash_item(item, seed). Requires: it is empty. On bad_alloc discard it.
  void take(exact_counts const& counted);

  // Makes room for this many more items, or for as many as fit: what follows allocates less often.
  void reserve(std::size_t more_items);

  // Adds all that `child` may have counted: its entries, its absent bounds, its totals. Linear in
  // the child's entries, not in this summary's. Basic guarantee on bad_alloc (discard it then).
  void absorb(stored_summary const& child);
  void absorb(summary const& child);

  // Keeps the `keep` entries with the greatest lo + hi (ties: the lesser item first); what is
  // dropped raises u or lowers z. Leaves the entries in that order, and no filter.
  void truncate(std::size_t keep);

  // Ends the pane's life as a live summary: orders the entries as truncate does and drops the
  // filters, for which [z, u] stands from now on.
  void close() { truncate(size()); }

  // Removes the item: totals lose what it may have had. The item is then absent. True if it was
  // held.
  bool forget(item_view item, std::uint64_t hash);

  // The bounds of any item, held or not.
  [[nodiscard]] bounds estimate(item_view item, std::uint64_t hash) const noexcept;
  // The bounds that hold for every item not in a slot: [z, u].
  [[nodiscard]] bounds absent() const noexcept;
  [[nodiscard]] pane_totals const& totals() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] entry_view entry(std::size_t slot) const noexcept;
  [[nodiscard]] bool has_filter() const noexcept;
  // No eviction, truncation or inexact child so far: every entry is exact and every absent item is
  // 0.
  [[nodiscard]] bool is_exact() const noexcept;
  // Whether a new item of this size finds a free slot.
  [[nodiscard]] bool has_room(std::size_t item_bytes) const noexcept;
  // Evictions since this object was made; not stored.
  [[nodiscard]] std::uint64_t evictions() const noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;
  [[nodiscard]] bool is_consistent() const;

  // FORMAT.md, "pane v1": slots in their order, and filters.
  [[nodiscard]] std::vector<std::byte> encode() const;
  // A closed pane of the entries that truncate(keep) would leave.
  [[nodiscard]] std::vector<std::byte> encode_cut(std::size_t keep,
                                                  closed_form form = closed_form::by_item) const;

 private:
  using state = summary_state;
  std::unique_ptr<state> state_;
};

// Whether a pane that parses is a v2: closed, in no order that counts.
[[nodiscard]] bool is_by_item(byte_view pane) noexcept;

// A pane v1 that has every item, with its exact sum as hi and lo, in this order.
[[nodiscard]] std::vector<std::byte> encode_exact(std::span<entry_view const> entries,
                                                  pane_totals const& totals);

// A closed pane of entries from elsewhere: the `keep` greatest by lo + hi, as truncate() keeps
// them. `absent` holds for every item without an entry, and hi - lo <= u - z for every entry.
[[nodiscard]] std::vector<std::byte> encode_closed(std::span<entry_view const> entries,
                                                   bounds absent, pane_totals const& totals,
                                                   std::size_t keep,
                                                   closed_form form = closed_form::by_item);

}  // namespace topk::sketch
