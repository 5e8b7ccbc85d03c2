#include "stream/window_cache.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace topk::stream {
namespace {

std::int64_t pane_count(std::vector<pane_range> const& ranges) noexcept {
  std::int64_t count = 0;
  for (auto const& range : ranges) count += range.last - range.first + 1;
  return count;
}

// The panes of `from` that are in no range of `without`. Ranges of one list are disjoint.
std::vector<pane_range> difference(std::vector<pane_range> from,
                                   std::vector<pane_range> const& without) {
  for (auto const& cut : without) {
    std::vector<pane_range> left;
    for (auto const& range : from) {
      if (range.level != cut.level || cut.last < range.first || cut.first > range.last) {
        left.push_back(range);
        continue;
      }
      if (range.first < cut.first) left.push_back({range.level, range.first, cut.first - 1});
      if (range.last > cut.last) left.push_back({range.level, cut.last + 1, range.last});
    }
    from = std::move(left);
  }
  return from;
}

}  // namespace

status each_pane(pane_store& store, std::optional<item> const& partition, pane_range const& range,
                 pane_store::visit const& visitor) {
  if (partition) {
    return store.each_of(*partition, range.level, range.first, range.last, visitor);
  }
  return store.each(range.level, range.first, range.last, visitor);
}

bool counts_in(event_fields const& event, time_span span,
               std::optional<item> const& partition) noexcept {
  if (event.ts <= span.since || event.ts > span.until) return false;
  return !partition || (event.has_partition && event.partition == partition->view());
}

void window_cache::clear() noexcept {
  sum_.inside.clear();
  sum_.clear_overlay();
  inside_.clear();
  is_filled_ = false;
}

result<window_sum const*> window_cache::sum_of(window_source const& source, time_span span) {
  bool const same_panes = is_filled_ && generation_ == source.head.generation;
  bool const same_overlay = same_panes && span == span_ && events_epoch_ == source.events_epoch &&
                            events_seen_ <= source.events.size();
  auto const fill = [&]() -> status {
    if (!same_overlay) {
      auto panes = cover_window(source.levels, source.head, span);
      if (!same_panes) clear();
      if (auto moved = move_panes(source, std::move(panes.inside)); !moved) return moved;
      if (auto added = add_overlay(source, span, panes.edges); !added) return added;
    }
    std::size_t inside = 0;
    for (std::size_t i = events_seen_; i < source.events.size(); ++i) {
      micros const ts = source.events.ts_of(i);
      inside += ts > span.since && ts <= span.until ? 1 : 0;
    }
    sum_.expect_events(inside);
    for (; events_seen_ < source.events.size(); ++events_seen_) {
      auto const event = source.events[events_seen_];
      if (!counts_in(event, span, partition_)) continue;
      sum_.add_event(event.item, hash_item(event.item, source.seed), event.weight);
    }
    return {};
  };
  try {
    if (auto filled = fill(); !filled) {
      clear();
      return filled;
    }
  } catch (...) {
    clear();
    throw;
  }
  is_filled_ = true;
  generation_ = source.head.generation;
  span_ = span;
  events_epoch_ = source.events_epoch;
  return static_cast<window_sum const*>(&sum_);
}

status window_cache::move_panes(window_source const& source, std::vector<pane_range> wanted) {
  auto gone = difference(inside_, wanted);
  auto come = difference(wanted, inside_);
  // Moving costs one pass over what changed; beyond half of the window, merging anew costs less.
  if (pane_count(gone) + pane_count(come) > pane_count(wanted) / 2) {
    sum_.inside.clear();
    gone.clear();
    come = wanted;
  }
  for (auto const& range : gone) {
    if (auto seen = visit(source, range, false); !seen) return seen;
  }
  for (auto const& range : come) {
    if (auto seen = visit(source, range, true); !seen) return seen;
  }
  inside_ = std::move(wanted);
  return {};
}

status window_cache::visit(window_source const& source, pane_range const& range, bool is_added) {
  return each_pane(source.store, partition_, range, [&](pane_row const& row) -> status {
    auto pane = parse_pane(row.body, row.pane, source.levels[range.level].width);
    if (!pane) return std::move(pane).error();
    if (is_added) {
      sum_.inside.add(*pane, source.seed);
    } else {
      sum_.inside.subtract(*pane, source.seed);
    }
    return {};
  });
}

status window_cache::add_overlay(window_source const& source, time_span span,
                                 std::vector<pane_range> const& edges) {
  sum_.clear_overlay();
  events_seen_ = 0;
  for (auto const& edge : edges) {
    auto seen = each_pane(source.store, partition_, edge, [&](pane_row const& row) -> status {
      auto pane = parse_pane(row.body, row.pane, source.levels[edge.level].width);
      if (!pane) return std::move(pane).error();
      sum_.add_edge(*pane, span, source.seed);
      return {};
    });
    if (!seen) return seen;
  }
  return {};
}

}  // namespace topk::stream
