// The panes of all steps of a series, each read once; kept for the series of further items.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/memory_budget.hpp"
#include "stream/item_map.hpp"
#include "stream/series.hpp"
#include "stream/window_cache.hpp"

namespace topk::stream {

// Calls the visitor with each stored pane that has a part in one of the steps: once, and so that
// every folded event of the window lies in exactly one of them.
using series_visit =
    std::function<status(pane_facts const& facts, sketch::stored_summary const& pane)>;
status each_pane_of(window_source const& source, series_steps const& steps,
                    std::optional<item> const& partition, memory_budget* budget,
                    series_visit const& visitor);

// Adds what the panes hold of one item, or of all items (null); nothing is kept.
status add_panes(window_source const& source, std::optional<item> const& partition,
                 item_view const* wanted, series_sum& into);

class series_panes {
 public:
  // What it keeps is charged to the budget, which must outlive it.
  explicit series_panes(memory_budget* budget)
      : budget_(budget), panes_(budget_allocator<pane_facts>(budget)),
        entries_(budget_allocator<held_entry>(budget)), last_(budget) {}
  series_panes(series_panes const&) = delete;
  series_panes& operator=(series_panes const&) = delete;

  // Before read(): the items whose series can be had of it, one by one or all.
  void want(item_view const& item, std::uint64_t hash) { last_.find_or_insert(item, hash); }
  void want_all() noexcept { has_all_ = true; }
  // Once. Throws over_budget.
  status read(window_source const& source, series_steps const& steps,
              std::optional<item> const& partition);

  [[nodiscard]] bool knows(item_view const& item, std::uint64_t hash) const noexcept {
    return has_all_ || last_.contains(item, hash);
  }
  // Null: all items together. Requires: knows(it), and steps as they were read.
  void add_to(series_sum& into, item_view const* wanted, std::uint64_t hash) const noexcept;

 private:
  // The entries of one item, from the last pane that holds it backwards.
  struct held_entry {
    std::uint32_t pane = 0;  // its place in panes_
    slot_ref before{};
    sketch::bounds of;
  };
  void keep(sketch::stored_summary const& pane, std::uint64_t seed);

  memory_budget* budget_;
  bool has_all_ = false;
  budgeted<pane_facts> panes_;
  budgeted<held_entry> entries_;
  item_map<slot_ref> last_;
};

}  // namespace topk::stream
