// Whole panes added up: for each item what sketch/relative_bounds.hpp says, and how many panes hold
// it.
//
// Exact and linear, so panes may come in any order, and one that was added can be subtracted: the
// same sum as if it had never been there. Never truncated. A property test guards each:
// merge_any_order_equal, subtract_of_add_is_identity.
#pragma once

#include <cstdint>

#include "sketch/relative_bounds.hpp"
#include "sketch/summary.hpp"
#include "stream/item_map.hpp"
#include "stream/pane_entries.hpp"
#include "stream/value_ranking.hpp"

namespace topk::stream {

// Not thread-safe, const members included: those that rank keep what they have ranked.
class panes_sum {
 public:
  struct held {
    sketch::relative_bounds bounds;
    std::int64_t panes = 0;  // how many of the panes hold the item, at least 1
  };

  // Null budget: its memory is not counted.
  explicit panes_sum(memory_budget* budget = nullptr) noexcept
      : items_(budget), hashes_(budget_allocator<std::uint64_t>(budget)), by_middle_(budget),
        by_upper_(budget) {}

  // Of the pane's entries, those in `range`; the rest of the pane in any case. On bad_alloc:
  // clear() it.
  void add(sketch::stored_summary const& pane, std::uint64_t seed, hash_range range = {});
  // Requires: the same was added before.
  void subtract(sketch::stored_summary const& pane, std::uint64_t seed, hash_range range = {});
  void clear() noexcept;
  // So many panes like this one may be about to be added; once they are, call shrink().
  void reserve_for(sketch::stored_summary const& pane, std::size_t panes);
  void shrink() { items_.shrink(); }
  // Exactly so many items are about to come.
  void reserve(std::size_t items) { items_.reserve(items); }

  [[nodiscard]] item_map<held> const& items() const noexcept { return items_; }
  [[nodiscard]] sketch::bounds absent() const noexcept { return absent_; }  // [Z, U]
  // Without times: first and last are 0.
  [[nodiscard]] sketch::pane_totals const& totals() const noexcept { return totals_; }

  // The place in items() of the i-th by S + L, or by S, descending. Ranked as far as was asked,
  // and kept until a pane comes or goes. Requires: i < items().size().
  [[nodiscard]] std::uint32_t nth_by_middle(std::size_t i) const;
  [[nodiscard]] std::uint32_t nth_by_upper(std::size_t i) const;
  // Another number after each change; until then, entries keep their places in items().
  [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }

 private:
  void note_change() noexcept;

  item_map<held> items_;
  sketch::bounds absent_;
  sketch::pane_totals totals_;
  budgeted<std::uint64_t> hashes_;  // of the pane that is being added or subtracted
  std::uint64_t changes_ = 0;
  mutable value_ranking by_middle_;
  mutable value_ranking by_upper_;
};

}  // namespace topk::stream
