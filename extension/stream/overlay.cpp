// Each edge pane is kept whole, and weighed again whenever the window moves. By the first and last
// event of the pane, the window meets it in one of three ways:
//
//   (1) not at all     |   since   [first  last]  until  |  adds nothing
//   (2) wholly             since < first, last <= until     adds as the panes inside do
//   (3) in part        first <= since < last, or            adds, of the part inside:
//                      first <= until < last
//         lower   - gross_out: all that was retracted in the pane may lie inside, and nothing else
//         upper   hi + gross_out: the most the item can have had, before a retraction outside
//         middle  (lo + hi) / 2, times the part of the pane's time that the window covers
//
// `for_all_` holds what an absent item gets of that, a weight what an item gets beyond: the sum of
// both is the item's. Events are exact, and add to lower, upper and middle alike.
#include "stream/overlay.hpp"

#include <algorithm>
#include <utility>

#include "base/compiler.hpp"
#include "base/hash.hpp"
#include "base/saturate.hpp"
#include "stream/cut_pane.hpp"

namespace topk::stream {
void overlay::clear() noexcept {
  items_.clear();
  edges_.clear();
  weights_.clear();
  for_all_ = {};
  edges_totals_ = {};
  edges_share_ = 0;
  entered_ = left_ = {};
  is_cut_ = false;
  dead_ = 0;
}

// At once: growing step by step would leave as much room again unused.
void overlay::reserve_events(std::size_t count) {
  if (count > items_.size()) items_.reserve(count);
}

contribution const& overlay::count_event(item_view const& item, std::uint64_t hash,
                                         std::int64_t weight, bool enters, panes_sum const& panes) {
  auto const size_before = items_.size();
  contribution& of = items_.find_or_insert(item, hash);
  bool const is_new = items_.size() > size_before;
  if (is_new && linked_to_ == panes.changes()) of.in_panes = panes.items().position_of(item, hash);
  if (!is_new && is_dead(of)) --dead_;
  raise(of.events_sum, weight);
  of.events += enters ? 1U : -1U;
  if (is_dead(of)) ++dead_;
  count_left_out(weight, enters);
  return of;
}

void overlay::link(panes_sum const& panes) noexcept {
  if (linked_to_ == panes.changes()) return;
  auto const& held = panes.items();
  auto& entries = items_.entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + held.index_ahead < entries.size()) {
      TOPK_PREFETCH(held.index_address(entries[i + held.index_ahead].hash));
    }
    if (i + held.entry_ahead < entries.size()) {
      TOPK_PREFETCH(held.entry_address(entries[i + held.entry_ahead].hash));
    }
    entries[i].value.in_panes = held.position_of(entries[i].key, entries[i].hash);
  }
  linked_to_ = panes.changes();
}

void overlay::clear_edges() noexcept {
  edges_.clear();
  weights_.clear();
  for (auto& one : items_.entries()) one.value.edge = {};
}

void overlay::add_edge(sketch::stored_summary const& pane, std::uint64_t seed, hash_range range) {
  linked_to_ = not_linked;  // its items are new here
  edge_pane edge{pane.totals(), pane.absent(),
                 budgeted<edge_entry>(budget_allocator<edge_entry>(weights_.get_allocator()))};
  if (range.is_all()) edge.entries.reserve(pane.entries().size());
  for (auto const& entry : pane.entries()) {
    auto const hash = hash_item(entry.item, seed);
    if (!range.contains(hash)) continue;
    contribution& of = items_.find_or_insert(entry.item, hash);
    if (!of.edge) {
      of.edge = slot_ref(static_cast<std::uint32_t>(weights_.size()));
      weights_.emplace_back();
    }
    edge.entries.push_back({*of.edge, entry.lo, entry.hi});
  }
  edges_.push_back(std::move(edge));
}

void overlay::weigh(time_span span) noexcept {
  for_all_ = {};
  edges_totals_ = {};
  edges_share_ = 0;
  is_cut_ = false;
  std::fill(weights_.begin(), weights_.end(), edge_weight{});
  for (auto const& edge : edges_) {
    switch (meeting(edge.totals, span)) {
      case pane_meets::nothing: break;
      case pane_meets::whole: weigh_whole(edge); break;
      case pane_meets::part: weigh_cut(edge, span); break;
    }
  }
  dead_ = 0;
  for (auto const& one : items_.entries()) dead_ += is_dead(one.value) ? 1 : 0;
}

void overlay::weigh_whole(edge_pane const& edge) noexcept {
  auto const [z, u] = edge.absent;
  for (auto const& entry : edge.entries) {
    auto& weight = weights_[entry.weight];
    ++weight.panes;
    raise(weight.lower, entry.lo - z);
    raise(weight.upper, entry.hi - u);
    raise(weight.middle_twice, add_saturated(entry.lo - z, entry.hi - u));
  }
  raise(for_all_.lower, z);
  raise(for_all_.upper, u);
  raise(for_all_.middle_twice, add_saturated(z, u));
  add_counts(edges_totals_, edge.totals);
  raise(edges_share_, add_saturated(edge.totals.total_lower, edge.totals.total_upper) / 2);
}

void overlay::weigh_cut(edge_pane const& edge, time_span span) noexcept {
  auto const& totals = edge.totals;
  auto const [z, u] = edge.absent;
  auto const share = [&](std::int64_t lo, std::int64_t hi) {
    return share_of({lo, hi}, totals, span);
  };
  std::int64_t const absent_share = share(z, u);
  for (auto const& entry : edge.entries) {
    auto& weight = weights_[entry.weight];
    ++weight.panes;
    raise(weight.upper, entry.hi - u);
    raise(weight.share, share(entry.lo, entry.hi) - absent_share);
  }
  raise(for_all_.lower, -totals.gross_out);
  raise(for_all_.upper, add_saturated(u, totals.gross_out));
  raise(for_all_.share, absent_share);
  add_counts(edges_totals_, {.gross_in = totals.gross_in,
                             .gross_out = totals.gross_out,
                             .total_lower = -totals.gross_out,
                             .total_upper = totals.gross_in,
                             .events = totals.events});
  is_cut_ = true;
  raise(edges_share_, share(totals.total_lower, totals.total_upper));
}

sketch::pane_totals overlay::totals() const noexcept {
  auto sum = edges_totals_;
  add_counts(sum, entered_);
  subtract_counts(sum, left_);
  return sum;
}

}  // namespace topk::stream
