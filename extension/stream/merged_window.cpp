#include "stream/merged_window.hpp"

#include <algorithm>
#include <utility>

#include "base/hash.hpp"
#include "base/saturate.hpp"
#include "stream/pane_entries.hpp"

namespace topk::stream {
namespace {

using sketch::bounds;
using sketch::stored_summary;

void raise(std::int64_t& sum, std::int64_t by) noexcept { sum = add_saturated(sum, by); }

}  // namespace

void merged_panes::expect(stored_summary const& pane, std::size_t panes) {
  items_.expect(expected_keys(pane, panes));
}

void merged_panes::add(stored_summary const& pane, std::uint64_t seed) {
  changed();
  auto const [z, u] = pane.absent();
  auto const add_entry = [&, z = z, u = u](sketch::entry_view const& entry, std::uint64_t hash) {
    auto& sums = items_(entry.item, hash);
    raise(sums.upper, entry.hi - u);
    raise(sums.lower, entry.lo - z);
    ++sums.panes;
  };
  each_entry(pane, seed, items_, hashes_, add_entry);
  raise(absent_.lower, z);
  raise(absent_.upper, u);
  raise(total_.lower, pane.totals().total_lower);
  raise(total_.upper, pane.totals().total_upper);
}

void merged_panes::subtract(stored_summary const& pane, std::uint64_t seed) {
  changed();
  auto const [z, u] = pane.absent();
  auto const subtract_entry = [&, z = z, u = u](sketch::entry_view const& entry,
                                                std::uint64_t hash) {
    auto* const sums = items_.find(entry.item, hash);
    if (sums == nullptr) return;
    raise(sums->upper, u - entry.hi);
    raise(sums->lower, z - entry.lo);
    if (--sums->panes == 0) items_.erase(entry.item, hash);
  };
  each_entry(pane, seed, items_, hashes_, subtract_entry);
  raise(absent_.lower, -z);
  raise(absent_.upper, -u);
  raise(total_.lower, -pane.totals().total_lower);
  raise(total_.upper, -pane.totals().total_upper);
}

void merged_panes::clear() noexcept {
  changed();
  items_.clear();
  absent_ = {};
  total_ = {};
}

void merged_panes::changed() noexcept {
  ++changes_;
  by_middle_.forget();
  by_upper_.forget();
}

std::size_t merged_panes::memory_bytes() const noexcept {
  return items_.memory_bytes() + by_middle_.memory_bytes() + by_upper_.memory_bytes() +
         hashes_.capacity() * sizeof(std::uint64_t);
}

std::uint32_t merged_panes::nth_by_middle(std::size_t i) const {
  return by_middle_.nth(i, items_.size(), [&](std::size_t n) {
    auto const& sums = items_.entries()[n].value;
    return add_saturated(sums.upper, sums.lower);
  });
}

std::uint32_t merged_panes::nth_by_upper(std::size_t i) const {
  return by_upper_.nth(i, items_.size(),
                       [&](std::size_t n) { return items_.entries()[n].value.upper; });
}

void window_sum::clear_overlay() noexcept {
  is_ranked_ = false;
  overlay_.clear();
  edges_.clear();
  weights_.clear();
  constant_ = {};
  edges_total_ = {};
  events_total_ = 0;
  gone_ = 0;
}

// Many at once: growing step by step would leave as much room again unused, and many changes of
// long rankings cost more than ranking anew (measured: about sixteen compared leaders to one ranked
// item).
void window_sum::expect_events(std::size_t count) {
  if (count > overlay_.size()) overlay_.reserve(count);
  if (count > 1 && count * first_.room() > 16 * (overlay_.size() + inside.items().size()))
    is_ranked_ = false;
}

void window_sum::add_event(item_view const& item, std::uint64_t hash, std::int64_t weight) {
  count_event(item, hash, weight, true);
}

void window_sum::remove_event(item_view const& item, std::uint64_t hash, std::int64_t weight) {
  count_event(item, hash, -weight, false);
}

void window_sum::count_event(item_view const& item, std::uint64_t hash, std::int64_t weight,
                             bool comes) {
  bool const was_ranked = std::exchange(is_ranked_, false);  // whatever throws
  auto const known = overlay_.size();
  auto& beside = overlay_(item, hash);
  if (overlay_.size() > known && found_inside_ == inside.changes()) {
    beside.inside = inside.items().number_of(item, hash);
  }
  gone_ -= overlay_.size() == known && is_gone(beside) ? 1 : 0;
  raise(beside.events_sum, weight);
  beside.events += comes ? 1U : -1U;
  gone_ += is_gone(beside) ? 1 : 0;
  raise(events_total_, weight);
  if (!was_ranked || ranked_ != inside.changes()) return;
  auto const now = placed(item, hash, beside);
  bool const is_known = is_there(beside) || beside.inside != 0;
  first_.update(now, is_known && now.count > 0);
  rivals_.update(now, is_known);
  is_ranked_ = true;
}

bool window_sum::is_worn() const noexcept { return gone_ > 64 + overlay_.size() / 2; }

void window_sum::clear_edges() noexcept {
  is_ranked_ = false;
  edges_.clear();
  weights_.clear();
  for (auto& one : overlay_.entries()) one.value.edge = 0;
}

void window_sum::add_edge(stored_summary const& pane, std::uint64_t seed) {
  is_ranked_ = false;
  found_inside_ = ~std::uint64_t{0};
  edge_pane edge{pane.totals(), pane.absent(), {}};
  edge.entries.reserve(pane.entries().size());
  for (auto const& entry : pane.entries()) {
    auto& beside = overlay_(entry.item, hash_item(entry.item, seed));
    if (beside.edge == 0) {
      weights_.emplace_back();
      beside.edge = static_cast<std::uint32_t>(weights_.size());
    }
    edge.entries.push_back({beside.edge - 1, entry.lo, entry.hi});
  }
  edges_.push_back(std::move(edge));
}

void window_sum::set_span(time_span span) noexcept {
  is_ranked_ = false;
  constant_ = {};
  edges_total_ = {};
  std::fill(weights_.begin(), weights_.end(), edge_weight{});
  for (auto const& edge : edges_) {
    auto const& totals = edge.totals;
    if (totals.last <= span.since || totals.first > span.until) continue;
    if (totals.first > span.since && totals.last <= span.until) {
      weigh_whole(edge);
    } else {
      weigh_cut(edge, span);
    }
  }
  gone_ = 0;
  for (auto const& one : overlay_.entries()) gone_ += is_gone(one.value) ? 1 : 0;
}

void window_sum::weigh_whole(edge_pane const& edge) noexcept {
  auto const [z, u] = edge.absent;
  for (auto const& entry : edge.entries) {
    auto& beside = weights_[entry.at];
    ++beside.panes;
    raise(beside.lower, entry.lo - z);
    raise(beside.upper, entry.hi - u);
    raise(beside.middle_twice, add_saturated(entry.lo - z, entry.hi - u));
  }
  raise(constant_.lower, z);
  raise(constant_.upper, u);
  raise(constant_.middle_twice, add_saturated(z, u));
  raise(edges_total_.lower, edge.totals.total_lower);
  raise(edges_total_.upper, edge.totals.total_upper);
}

// Inside lies anything between minus all that was retracted in the pane and all that an item can
// have had plus that; its share of the middle is the best guess.
void window_sum::weigh_cut(edge_pane const& edge, time_span span) noexcept {
  auto const& totals = edge.totals;
  auto const [z, u] = edge.absent;
  std::int64_t const whole = totals.last - totals.first + 1;
  std::int64_t const inside_part =
      std::min(totals.last, span.until) - std::max(totals.first - 1, span.since);
  auto const share = [&](std::int64_t lo, std::int64_t hi) {
    return scaled(add_saturated(lo, hi), inside_part, 2 * whole);
  };
  std::int64_t const absent_share = share(z, u);
  for (auto const& entry : edge.entries) {
    auto& beside = weights_[entry.at];
    ++beside.panes;
    raise(beside.upper, entry.hi - u);
    raise(beside.share, share(entry.lo, entry.hi) - absent_share);
  }
  raise(constant_.lower, -totals.gross_out);
  raise(constant_.upper, add_saturated(u, totals.gross_out));
  raise(constant_.share, absent_share);
  raise(edges_total_.lower, -totals.gross_out);
  raise(edges_total_.upper, totals.gross_in);
}

candidate window_sum::placed(item_view const& item, std::uint64_t hash,
                             contribution const& beside) const noexcept {
  auto const absent = inside.absent();
  std::int64_t lower = add_saturated(absent.lower, constant_.lower);
  std::int64_t upper = add_saturated(absent.upper, constant_.upper);
  std::int64_t middle_twice =
      add_saturated(add_saturated(absent.lower, absent.upper), constant_.middle_twice);
  if (beside.inside != 0) {
    auto const& held = inside.items().entries()[beside.inside - 1].value;
    raise(lower, held.lower);
    raise(upper, held.upper);
    raise(middle_twice, add_saturated(held.lower, held.upper));
  }
  raise(lower, beside.events_sum);
  raise(upper, beside.events_sum);
  raise(middle_twice, add_saturated(beside.events_sum, beside.events_sum));
  std::int64_t share = constant_.share;
  if (beside.edge != 0) {
    auto const& edge = weights_[beside.edge - 1];
    raise(lower, edge.lower);
    raise(upper, edge.upper);
    raise(middle_twice, edge.middle_twice);
    raise(share, edge.share);
  }
  candidate at{.key = item, .hash = hash};
  at.lower = std::max<std::int64_t>(lower, 0);
  at.upper = std::max<std::int64_t>(upper, at.lower);
  at.count = std::clamp(add_saturated(middle_twice >> 1, share), at.lower, at.upper);
  return at;
}

ranked_item window_sum::estimate(item_view const& item, std::uint64_t hash) const {
  contribution all;
  if (auto const* const beside = overlay_.find(item, hash)) all = *beside;
  all.inside = inside.items().number_of(item, hash);
  auto const at = placed(item, hash, all);
  return {topk::item(item), at.count, at.lower, at.upper, false};
}

bounds window_sum::total() const noexcept {
  auto const merged = inside.total();
  auto const beside = bounds{add_saturated(edges_total_.lower, events_total_),
                             add_saturated(edges_total_.upper, events_total_)};
  return {std::max<std::int64_t>(add_saturated(merged.lower, beside.lower), 0),
          std::max<std::int64_t>(add_saturated(merged.upper, beside.upper), 0)};
}

std::int64_t window_sum::unknown_upper() const noexcept {
  return std::max<std::int64_t>(add_saturated(inside.absent().upper, constant_.upper), 0);
}

std::size_t window_sum::memory_bytes() const noexcept {
  std::size_t edges =
      edges_.capacity() * sizeof(edge_pane) + weights_.capacity() * sizeof(edge_weight);
  for (auto const& edge : edges_) edges += edge.entries.capacity() * sizeof(edge_entry);
  return inside.memory_bytes() + overlay_.memory_bytes() + edges + first_.memory_bytes() +
         rivals_.memory_bytes();
}

// Where the merged panes hold each item of the overlay, unless it is known.
void window_sum::find_all_inside() const noexcept {
  if (found_inside_ == inside.changes()) return;
  auto& entries = overlay_.entries();
  auto const& items = inside.items();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + items.far < entries.size())
      __builtin_prefetch(items.place_of(entries[i + items.far].hash));
    if (i + items.near < entries.size())
      __builtin_prefetch(items.entry_of(entries[i + items.near].hash));
    entries[i].value.inside = items.number_of(entries[i].key, entries[i].hash);
  }
  found_inside_ = inside.changes();
}

// Offers the merged panes' items that are not in the overlay, in their own order: what the overlay
// adds to those is the same for each. Items with less than `least` are not ordered at all.
template <class Before, class Nth, class Value>
void window_sum::offer_inside(leaders<Before>& to, Nth nth, Value value, std::int64_t least) const {
  auto const& held = inside.items();
  for (std::size_t i = 0; i < held.size(); ++i) {
    std::uint32_t const number = nth(i);
    auto const& one = held.entries()[number];
    auto const at = placed(one.key, one.hash, {.inside = number + 1});
    if (value(at) < least) return;
    auto const* const last = to.last();
    if (last != nullptr && value(at) < value(*last)) return to.skip();
    if (!overlay_.contains(one.key, one.hash)) to.offer(at);
  }
}

// Fills first_ and rivals_: with every item of the overlay, and the best of the rest.
void window_sum::rank(std::size_t k) const {
  // Room for smaller and larger k in turns, and for some that fall when weights are negative.
  std::size_t const room = std::max<std::size_t>(k, 100) * 5 / 4 + 16;
  is_ranked_ = false;
  find_all_inside();
  first_.begin(room);
  rivals_.begin(room + 1);
  auto const& beside = overlay_.entries();
  for (std::size_t i = 0; i < beside.size(); ++i) {
    if (i + overlay::near < beside.size() && beside[i + overlay::near].value.inside != 0) {
      __builtin_prefetch(
          &inside.items().entries()[beside[i + overlay::near].value.inside - 1].value);
    }
    auto const& one = beside[i];
    if (!is_there(one.value) && one.value.inside == 0) continue;
    auto const at = placed(one.key, one.hash, one.value);
    if (at.count > 0) first_.offer(at);
    rivals_.offer(at);
  }
  offer_inside(
      first_, [&](std::size_t i) { return inside.nth_by_middle(i); },
      [](auto const& at) { return at.count; }, 1);
  offer_inside(
      rivals_, [&](std::size_t i) { return inside.nth_by_upper(i); },
      [](auto const& at) { return at.upper; }, 0);
  first_.end();
  rivals_.end();
  ranked_ = inside.changes();
  is_ranked_ = true;
}

std::vector<ranked_item> window_sum::top(std::size_t k) const {
  bool const is_ready =
      is_ranked_ && ranked_ == inside.changes() && first_.has(k) && rivals_.has(k + 1);
  if (!is_ready) rank(k);
  auto const& first = first_.in_order();
  std::size_t const count = std::min(k, first.size());

  // The strongest item that is not returned decides what is proven.
  leader const* rival = nullptr;
  for (auto const& one : rivals_.in_order()) {
    bool const is_returned = count > 0 && one.count > 0 && !by_count{}(first[count - 1], one);
    if (is_returned) continue;
    rival = &one;
    break;
  }
  std::int64_t const unknown = unknown_upper();
  std::vector<ranked_item> rows;
  rows.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto const& one = first[i];
    bool const beats_known = rival == nullptr || sketch::is_surely_before(one, *rival);
    rows.push_back({one.key, one.count, one.lower, one.upper, one.lower > unknown && beats_known});
  }
  return rows;
}

}  // namespace topk::stream
