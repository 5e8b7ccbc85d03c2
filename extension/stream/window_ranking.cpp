// Ranking a window without looking at most of its items:
//
//   overlay   every item          -> offered singly: each has something of its own
//   panes     nth_by_middle(0..)  -> offered in that order, without those of the overlay, until the
//             nth_by_upper(0..)      first that ranks after all that is held
//
// The panes' order is that of the window for the items outside the overlay: what the overlay adds
// to those is the same for each. So a few hundred of a hundred thousand items are summed up.
//
// Two rankings result. by_count_ is the answer. by_upper_ finds the rival: the item that is not
// returned and has the greatest upper bound. A row is proven if it surely comes before the rival,
// and has more than any unknown item can have. Where there are fewer than k rows, items follow
// whose share of a cut pane rounds to 0 and that may be in the window all the same: the first of
// them by_upper, with a count of 1. Both hold more than k items, so that some may fall (weights may
// be negative) before the next question has to rank again.
#include "stream/window_ranking.hpp"

#include <algorithm>
#include <utility>

#include "base/compiler.hpp"
#include "base/saturate.hpp"

namespace topk::stream {
namespace {

// Offers the items of the panes' sum that are not in the overlay, in the order of nth. Those with
// less than `least` are not ordered at all.
template <class Before, class Nth, class Value>
void offer_inside(leaders<Before>& to, window_parts const& of, Nth nth, Value value,
                  std::int64_t least) {
  auto const& held = of.inside.items();
  for (std::size_t i = 0; i < held.size(); ++i) {
    slot_ref const at(nth(i));
    auto const& one = held.entries()[*at];
    auto const sum = of.sum_of(one.key, one.hash, {.in_panes = at});
    if (value(sum) < least) return;
    auto const* const last = to.last();
    if (last != nullptr && value(sum) < value(*last)) return to.skip();
    if (!of.beyond.items().contains(one.key, one.hash)) to.offer(sum);
  }
}

}  // namespace

sketch::bounds window_parts::absent() const noexcept {
  sketch::bounds sum = inside.absent();
  add_bounds(sum, {beyond.for_all().lower, beyond.for_all().upper});
  return sum;
}

sketch::bounds window_parts::bounds_of(contribution const& of) const noexcept {
  sketch::bounds sum = absent();
  if (of.in_panes) sum = inside.items().entries()[*of.in_panes].value.bounds.over(sum);
  add_bounds(sum, {of.events_sum, of.events_sum});
  if (of.edge) add_bounds(sum, {beyond.edge_of(of).lower, beyond.edge_of(of).upper});
  return sum;
}

candidate window_parts::sum_of(item_view const& item, std::uint64_t hash,
                               contribution const& of) const noexcept {
  auto const absent = inside.absent();
  auto const& for_all = beyond.for_all();
  std::int64_t middle_twice =
      add_saturated(add_saturated(absent.lower, absent.upper), for_all.middle_twice);
  if (of.in_panes) {
    raise(middle_twice, inside.items().entries()[*of.in_panes].value.bounds.middle_twice());
  }
  raise(middle_twice, add_saturated(of.events_sum, of.events_sum));
  std::int64_t share = for_all.share;
  if (of.edge) {
    raise(middle_twice, beyond.edge_of(of).middle_twice);
    raise(share, beyond.edge_of(of).share);
  }
  auto const [lower, upper] = bounds_of(of);
  candidate sum{.key = item, .hash = hash};
  sum.lower = std::max<std::int64_t>(lower, 0);
  sum.upper = std::max<std::int64_t>(upper, sum.lower);
  sum.count = std::clamp(add_saturated(middle_twice >> 1, share), sum.lower, sum.upper);
  return sum;
}

std::int64_t window_parts::unknown_upper() const noexcept {
  return std::max<std::int64_t>(absent().upper, 0);
}

// Measured: about sixteen leaders compared cost as much as one item ranked.
void window_ranking::expect_changes(std::size_t count, window_parts const& of) noexcept {
  std::size_t const items = of.beyond.items().size() + of.inside.items().size();
  if (count > 1 && count * by_count_.room() > 16 * items) forget();
}

void window_ranking::update(item_view const& item, std::uint64_t hash, contribution const& as,
                            window_parts const& of) {
  if (!is_current(of)) return forget();
  is_valid_ = false;  // if something throws
  auto const sum = of.sum_of(item, hash, as);
  bool const is_known = of.beyond.has(as) || as.in_panes;
  try {
    by_count_.update(sum, is_known && sum.count > 0);
    by_upper_.update(sum, is_known);
    is_valid_ = true;
  } catch (over_budget const&) {  // an answer can do without it
  }
}

void window_ranking::offer_overlay(window_parts const& of) {
  auto const& entries = of.beyond.items().entries();
  auto const& held = of.inside.items().entries();
  constexpr std::size_t ahead = overlay::map::entry_ahead;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + ahead < entries.size()) {
      if (auto const next = entries[i + ahead].value.in_panes) {
        TOPK_PREFETCH(&held[*next].value);
      }
    }
    auto const& one = entries[i];
    if (!of.beyond.has(one.value) && !one.value.in_panes) continue;
    auto const sum = of.sum_of(one.key, one.hash, one.value);
    if (sum.count > 0) by_count_.offer(sum);
    by_upper_.offer(sum);
  }
}

void window_ranking::rank(std::size_t k, window_parts const& of) {
  // Room for smaller and larger k in turns, and for some that fall when weights are negative.
  std::size_t const room = std::max<std::size_t>(k, 100) * 5 / 4 + 16;
  // A few more, for events of new items.
  std::size_t const items = of.beyond.items().size() + of.inside.items().size() + 16;
  is_valid_ = false;
  by_count_.begin(room, items);
  by_upper_.begin(room + 1, items);
  offer_overlay(of);
  offer_inside(
      by_count_, of, [&](std::size_t i) { return of.inside.nth_by_middle(i); },
      [](auto const& sum) { return sum.count; }, 1);
  offer_inside(
      by_upper_, of, [&](std::size_t i) { return of.inside.nth_by_upper(i); },
      [](auto const& sum) { return sum.upper; }, 0);
  by_count_.end();
  by_upper_.end();
  ranked_at_ = of.inside.changes();
  is_valid_ = true;
}

std::vector<ranked_item> window_ranking::top(std::size_t k, window_parts const& of) {
  bool const is_ready = is_current(of) && by_count_.has(k) && by_upper_.has(k + 1);
  if (!is_ready) rank(k, of);
  auto const& first = by_count_.in_order();
  std::size_t const count = std::min(k, first.size());
  auto const is_returned = [&](leader const& one) {
    return count > 0 && one.count > 0 && !by_count{}(first[count - 1], one);
  };
  auto const& rivals = by_upper_.in_order();
  auto const rival = std::find_if_not(rivals.begin(), rivals.end(), is_returned);
  leader const* const strongest = rival == rivals.end() ? nullptr : &*rival;

  std::int64_t const unknown = of.unknown_upper();
  std::vector<ranked_item> rows;
  rows.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto const& one = first[i];
    bool const proven = sketch::is_proven(one, strongest, unknown);
    rows.push_back({one.key, one.count, one.lower, one.upper, proven});
  }
  // Of the k+1 first by_upper, at most `count` are returned so far: the others are enough.
  for (auto const& one : rivals) {
    if (rows.size() == k || one.upper < 1) break;
    if (one.count == 0) rows.push_back({one.key, shown_count(one), one.lower, one.upper, false});
  }
  return rows;
}

}  // namespace topk::stream
