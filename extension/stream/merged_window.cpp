#include "stream/merged_window.hpp"

#include <algorithm>
#include <numeric>

#include "base/hash.hpp"
#include "base/saturate.hpp"

namespace topk::stream {
namespace {

using sketch::bounds;
using sketch::stored_summary;

void raise(std::int64_t& sum, std::int64_t by) noexcept { sum = add_saturated(sum, by); }

}  // namespace

bool ranks_before(ranked_item const& a, ranked_item const& b) noexcept {
  if (a.count != b.count) return a.count > b.count;
  if (a.lower != b.lower) return a.lower > b.lower;
  return item_before(a.key, b.key);
}

void merged_panes::add(stored_summary const& pane, std::uint64_t seed) {
  forget_rankings();
  auto const [z, u] = pane.absent();
  for (auto const& entry : pane.entries()) {
    auto& sums = items_(entry.item, hash_item(entry.item, seed));
    raise(sums.upper, entry.hi - u);
    raise(sums.lower, entry.lo - z);
    ++sums.panes;
  }
  raise(absent_.lower, z);
  raise(absent_.upper, u);
  raise(total_.lower, pane.totals().total_lower);
  raise(total_.upper, pane.totals().total_upper);
}

void merged_panes::subtract(stored_summary const& pane, std::uint64_t seed) {
  forget_rankings();
  auto const [z, u] = pane.absent();
  for (auto const& entry : pane.entries()) {
    auto const hash = hash_item(entry.item, seed);
    auto* const sums = items_.find(entry.item, hash);
    if (sums == nullptr) continue;
    raise(sums->upper, u - entry.hi);
    raise(sums->lower, z - entry.lo);
    if (--sums->panes == 0) items_.erase(entry.item, hash);
  }
  raise(absent_.lower, -z);
  raise(absent_.upper, -u);
  raise(total_.lower, -pane.totals().total_lower);
  raise(total_.upper, -pane.totals().total_upper);
}

void merged_panes::clear() noexcept {
  forget_rankings();
  items_.clear();
  absent_ = {};
  total_ = {};
}

void merged_panes::forget_rankings() noexcept {
  by_middle_.order.clear();
  by_upper_.order.clear();
  by_middle_.sorted = by_upper_.sorted = 0;
}

std::size_t merged_panes::memory_bytes() const noexcept {
  return items_.memory_bytes() +
         (by_middle_.order.capacity() + by_upper_.order.capacity()) * sizeof(std::uint32_t);
}

template <class Before>
void merged_panes::extend(ranking& of, std::size_t i, Before before) const {
  if (i < of.sorted) return;
  if (of.order.empty()) {
    of.order.resize(items_.size());
    std::iota(of.order.begin(), of.order.end(), 0U);
  }
  // Four times what is asked: asking again is rare, sorting all of it is dear.
  std::size_t const to = std::min(items_.size(), 4 * i + 64);
  auto const at = [&](std::size_t n) { return of.order.begin() + static_cast<std::ptrdiff_t>(n); };
  auto const compare = [&](std::uint32_t a, std::uint32_t b) {
    return before(items_.entries()[a].value, items_.entries()[b].value);
  };
  if (to < items_.size()) std::nth_element(at(of.sorted), at(to), of.order.end(), compare);
  std::sort(at(of.sorted), at(to), compare);
  of.sorted = to;
}

std::uint32_t merged_panes::nth_by_middle(std::size_t i) const {
  extend(by_middle_, i, [](sums const& a, sums const& b) {
    return add_saturated(a.upper, a.lower) > add_saturated(b.upper, b.lower);
  });
  return by_middle_.order[i];
}

std::uint32_t merged_panes::nth_by_upper(std::size_t i) const {
  extend(by_upper_, i, [](sums const& a, sums const& b) { return a.upper > b.upper; });
  return by_upper_.order[i];
}

void window_sum::clear_overlay() noexcept {
  overlay_.clear();
  constant_ = {};
  overlay_total_ = {};
}

// Many at once: growing step by step would leave as much room again unused.
void window_sum::expect_events(std::size_t count) {
  if (count > overlay_.size()) overlay_.reserve(count);
}

void window_sum::add_event(item_view const& item, std::uint64_t hash, std::int64_t weight) {
  auto& beside = overlay_(item, hash);
  raise(beside.lower, weight);
  raise(beside.upper, weight);
  raise(beside.middle_twice, add_saturated(weight, weight));
  raise(overlay_total_.lower, weight);
  raise(overlay_total_.upper, weight);
}

void window_sum::add_edge(stored_summary const& pane, time_span span, std::uint64_t seed) {
  auto const& totals = pane.totals();
  if (totals.last <= span.since || totals.first > span.until) return;
  auto const [z, u] = pane.absent();
  if (totals.first > span.since && totals.last <= span.until) {
    for (auto const& entry : pane.entries()) {
      auto& beside = overlay_(entry.item, hash_item(entry.item, seed));
      raise(beside.lower, entry.lo - z);
      raise(beside.upper, entry.hi - u);
      raise(beside.middle_twice, add_saturated(entry.lo - z, entry.hi - u));
    }
    raise(constant_.lower, z);
    raise(constant_.upper, u);
    raise(constant_.middle_twice, add_saturated(z, u));
    raise(overlay_total_.lower, totals.total_lower);
    raise(overlay_total_.upper, totals.total_upper);
    return;
  }
  // Cut: inside lies anything between minus all that was retracted in the pane and all that an item
  // can have had plus that; its share of the middle is the best guess.
  std::int64_t const whole = totals.last - totals.first + 1;
  std::int64_t const inside_part = std::min(totals.last, span.until) -
                                   std::max(totals.first - 1, span.since);
  auto const share = [&](std::int64_t lo, std::int64_t hi) {
    return scaled(add_saturated(lo, hi), inside_part, 2 * whole);
  };
  std::int64_t const absent_share = share(z, u);
  for (auto const& entry : pane.entries()) {
    auto& beside = overlay_(entry.item, hash_item(entry.item, seed));
    raise(beside.upper, entry.hi - u);
    raise(beside.share, share(entry.lo, entry.hi) - absent_share);
  }
  raise(constant_.lower, -totals.gross_out);
  raise(constant_.upper, add_saturated(u, totals.gross_out));
  raise(constant_.share, absent_share);
  raise(overlay_total_.lower, -totals.gross_out);
  raise(overlay_total_.upper, totals.gross_in);
}

ranked_item window_sum::row(item_view const& item, merged_panes::sums const* held,
                            contribution const* beside) const {
  auto const absent = inside.absent();
  std::int64_t lower = add_saturated(absent.lower, constant_.lower);
  std::int64_t upper = add_saturated(absent.upper, constant_.upper);
  std::int64_t middle_twice =
      add_saturated(add_saturated(absent.lower, absent.upper), constant_.middle_twice);
  std::int64_t share = constant_.share;
  if (held != nullptr) {
    raise(lower, held->lower);
    raise(upper, held->upper);
    raise(middle_twice, add_saturated(held->lower, held->upper));
  }
  if (beside != nullptr) {
    raise(lower, beside->lower);
    raise(upper, beside->upper);
    raise(middle_twice, beside->middle_twice);
    raise(share, beside->share);
  }
  ranked_item row;
  row.lower = std::max<std::int64_t>(lower, 0);
  row.upper = std::max<std::int64_t>(upper, row.lower);
  row.count = std::clamp(add_saturated(middle_twice >> 1, share), row.lower, row.upper);
  row.key = topk::item(item);
  return row;
}

ranked_item window_sum::estimate(item_view const& item, std::uint64_t hash) const {
  return row(item, inside.items().find(item, hash), overlay_.find(item, hash));
}

bounds window_sum::total() const noexcept {
  auto const merged = inside.total();
  return {std::max<std::int64_t>(add_saturated(merged.lower, overlay_total_.lower), 0),
          std::max<std::int64_t>(add_saturated(merged.upper, overlay_total_.upper), 0)};
}

std::int64_t window_sum::unknown_upper() const noexcept {
  return std::max<std::int64_t>(add_saturated(inside.absent().upper, constant_.upper), 0);
}

std::size_t window_sum::memory_bytes() const noexcept {
  return inside.memory_bytes() + overlay_.memory_bytes();
}

void window_sum::rival::meet(std::int64_t other, item_view const& item) noexcept {
  if (!exists || other > upper || (other == upper && item_before(item, first))) {
    upper = other;
    first = item;
    exists = true;
  }
}

void window_sum::prove(std::vector<ranked_item>& rows, rival const& strongest) const noexcept {
  std::int64_t const unknown = unknown_upper();
  for (auto& one : rows) {
    bool const beats_known =
        !strongest.exists || one.lower > strongest.upper ||
        (one.lower == strongest.upper && item_before(one.key, strongest.first));
    one.is_proven = one.lower > unknown && beats_known;
  }
}

std::vector<ranked_item> window_sum::top(std::size_t k) const {
  auto const& held = inside.items();
  std::vector<ranked_item> rows;

  // Every item of the overlay, and of the rest the best by middle, with all ties of the last:
  // what the overlay adds to those is the same for each, so their order is that of S + L.
  for (auto const& one : overlay_.entries()) {
    auto candidate = row(one.key, held.find(one.key, one.hash), &one.value);
    if (candidate.count > 0) rows.push_back(std::move(candidate));
  }
  std::size_t taken = 0;
  std::int64_t last_count = 0;
  for (std::size_t i = 0; i < held.size(); ++i) {
    auto const& one = held.entries()[inside.nth_by_middle(i)];
    if (overlay_.contains(one.key, one.hash)) continue;
    auto candidate = row(one.key, &one.value, nullptr);
    if (candidate.count <= 0 || (taken >= k && candidate.count < last_count)) break;
    last_count = candidate.count;
    ++taken;
    rows.push_back(std::move(candidate));
  }
  auto const wanted = rows.begin() + static_cast<std::ptrdiff_t>(std::min(k, rows.size()));
  std::partial_sort(rows.begin(), wanted, rows.end(), ranks_before);

  // The strongest item that is not returned decides what is proven.
  rival strongest;
  rows.erase(wanted, rows.end());
  item_map<char> returned;
  for (auto const& one : rows) returned(one.key, hash_item(one.key, 0));
  for (auto const& one : overlay_.entries()) {
    if (returned.contains(one.key, hash_item(one.key, 0))) continue;
    strongest.meet(row(one.key, held.find(one.key, one.hash), &one.value).upper, one.key);
  }
  std::int64_t last_upper = 0;
  bool found = false;
  for (std::size_t i = 0; i < held.size(); ++i) {
    auto const& one = held.entries()[inside.nth_by_upper(i)];
    if (overlay_.contains(one.key, one.hash)) continue;
    if (returned.contains(one.key, hash_item(one.key, 0))) continue;
    std::int64_t const upper = row(one.key, &one.value, nullptr).upper;
    if (found && upper < last_upper) break;
    found = true;
    last_upper = upper;
    strongest.meet(upper, one.key);
  }
  prove(rows, strongest);
  return rows;
}

}  // namespace topk::stream
