// Sums of panes from which a pane can be taken out again (sketch/relative_bounds), and separately
// the exact sums of what has been counted.
//
// Events that are in no pane lie in the log too: they are added once, for the whole window, and
// subtracted from each part of the log that is counted.
#include "stream/counted_window.hpp"

#include <algorithm>

#include "base/compiler.hpp"
#include "base/hash.hpp"
#include "base/saturate.hpp"
#include "stream/pane_entries.hpp"

namespace topk::stream {

using sketch::stored_summary;

status counted_window::load_panes() {
  if (span_.since >= span_.until) return {};
  auto const panes = cover_window(source_.levels, source_.head, span_);
  for (auto const& range : panes.inside) {
    pane_count_ += static_cast<std::size_t>(range.last - range.first + 1);
  }
  for (auto const& range : panes.inside) TOPK_TRY(load(range));
  for (auto const& edge : panes.edges) TOPK_TRY(load(edge));
  return {};
}

// Sorts the panes of a range: outside the window, cut by an edge of it, or inside.
status counted_window::load(pane_range const& range) {
  micros const width = source_.levels[range.level].width;
  return each_pane(source_.store, partition_, range, [&](pane_row const& row) -> status {
    TOPK_ASSIGN(auto const sketch, parse_pane(row.body, row.pane, width));
    memory_charge parsed(&budget_);
    parsed.add(sketch.memory_bytes());
    auto const& totals = sketch.totals();
    window_pane const pane{
        {range.level, row.pane, row.pane},
        totals,
        sketch.absent(),
        {std::max(span_.since, (row.pane - 1) * width), std::min(span_.until, row.pane * width)}};
    events_ = add_saturated(events_, totals.events);
    if (totals.last <= span_.since || totals.first > span_.until) return {};
    if (totals.first <= span_.since || totals.last > span_.until) {
      cuts_.push_back(pane.inside);
      cut_events_ = add_saturated(cut_events_, totals.events);
      return {};
    }
    if (panes_.empty()) known_.reserve_guess(expected_keys(sketch, pane_count_));
    add(sketch);
    panes_.push_back(pane);
    return {};
  });
}

status counted_window::count_cuts() {
  for (auto const& cut : cuts_) TOPK_TRY(count(cut));
  add_events(span_, 1);
  return {};
}

void counted_window::add(stored_summary const& pane) {
  auto const absent = pane.absent();
  each_entry(pane, source_.seed, known_, hashes_, [&](auto const& entry, std::uint64_t hash) {
    known_.find_or_insert(entry.item, hash).sketched.add(entry, absent);
  });
  add_bounds(unknown_, absent);
  add_bounds(sketched_total_, {pane.totals().total_lower, pane.totals().total_upper});
}

void counted_window::subtract(stored_summary const& pane) {
  auto const absent = pane.absent();
  each_entry(pane, source_.seed, known_, hashes_, [&](auto const& entry, std::uint64_t hash) {
    known_.find_or_insert(entry.item, hash).sketched.subtract(entry, absent);
  });
  subtract_bounds(unknown_, absent);
  subtract_bounds(sketched_total_, {pane.totals().total_lower, pane.totals().total_upper});
}

status counted_window::count(time_span const& part) {
  item_map<std::int64_t> counts(&budget_);
  TOPK_ASSIGN(std::int64_t const rows, read_(part, counts));
  rows_read_ = add_saturated(rows_read_, rows);
  ++panes_read_;
  for (auto const& one : counts.entries()) {
    raise(known_.find_or_insert(one.key, one.hash).counted, one.value);
    raise(counted_total_, one.value);
  }
  add_events(part, -1);
  return {};
}

void counted_window::add_events(time_span const& part, std::int64_t sign) {
  for (std::size_t i = 0; i < source_.events.size(); ++i) {
    auto const event = source_.events[i];
    if (!counts_in(event, part, partition_)) continue;
    auto& known = known_.find_or_insert(event.item, hash_item(event.item, source_.seed));
    raise(known.counted, sign * event.weight);
    raise(counted_total_, sign * event.weight);
  }
}

sketch::bounds counted_window::bounds_of(knowledge const& of) const noexcept {
  auto const sketched = of.sketched.over(unknown_);
  return {add_saturated(sketched.lower, of.counted), add_saturated(sketched.upper, of.counted)};
}

sketch::bounds counted_window::total() const noexcept {
  return {add_saturated(sketched_total_.lower, counted_total_),
          add_saturated(sketched_total_.upper, counted_total_)};
}

template <class Visitor>
status counted_window::with_sketch(window_pane const& pane, Visitor const& visitor) {
  micros const width = source_.levels[pane.at.level].width;
  return each_pane(source_.store, partition_, pane.at, [&](pane_row const& row) -> status {
    TOPK_ASSIGN(auto const sketch, parse_pane(row.body, row.pane, width));
    memory_charge parsed(&budget_);
    parsed.add(sketch.memory_bytes());
    visitor(sketch);
    return {};
  });
}

status counted_window::count_pane(pane_gap const& of) {
  auto const pane = panes_[of.pane];
  panes_.erase(panes_.begin() + static_cast<std::ptrdiff_t>(of.pane));
  TOPK_TRY(with_sketch(pane, [&](stored_summary const& sketch) { subtract(sketch); }));
  return count(pane.inside);
}

result<counted_window::pane_gap> counted_window::widest_gap(item_map<char> const* wanted) {
  pane_gap widest;
  for (std::size_t i = 0; i < panes_.size(); ++i) {
    std::int64_t size = panes_[i].absent.upper;
    if (wanted != nullptr) {
      TOPK_TRY(with_sketch(
          panes_[i], [&](stored_summary const& sketch) { size = openness(sketch, *wanted); }));
    }
    if (size > widest.size) widest = {i, size};
  }
  return widest;
}

std::int64_t counted_window::events_until_unknown_below(std::int64_t upper) const {
  struct part {
    std::int64_t absent;
    std::int64_t events;
  };
  budgeted<part> all{budget_allocator<part>(&budget_)};
  all.reserve(panes_.size());
  for (auto const& one : panes_) all.push_back({one.absent.upper, one.totals.events});
  std::sort(all.begin(), all.end(),
            [](part const& a, part const& b) { return a.absent > b.absent; });
  std::int64_t rest = unknown_.upper;
  std::int64_t events = 0;
  for (auto one = all.begin(); one != all.end() && rest >= upper; ++one) {
    raise(rest, -one->absent);
    raise(events, one->events);
  }
  return events;
}

// The sum of the gaps that the pane's sketch leaves for these items, held or absent.
std::int64_t counted_window::openness(stored_summary const& pane,
                                      item_map<char> const& wanted) const {
  auto const [z, u] = pane.absent();
  std::int64_t open = 0;
  std::int64_t held = 0;
  for (auto const& entry : pane.entries()) {
    if (!wanted.contains(entry.item, hash_item(entry.item, source_.seed))) continue;
    ++held;
    open = add_saturated(open, entry.hi - entry.lo);
  }
  std::int64_t absent = 0;
  if (multiply_overflows(static_cast<std::int64_t>(wanted.size()) - held, u - z, absent)) {
    absent = greatest_sum;
  }
  return add_saturated(open, absent);
}

}  // namespace topk::stream
