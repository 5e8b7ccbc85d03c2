// What happens to each part of the sum when the next question comes:
//
//   stored panes changed (generation)      everything again
//   events removed (events_epoch), or
//   most of the overlay is dead            overlay again
//   the window moved                       panes: subtract those that left, add those that came
//                                          edges: read again if they are others, then weighed
//                                          events: those between the old and the new ends
//   always                                 events not seen yet are added
//
//        old        since_________________________until
//        new                 since_________________________until
//                   -subtract-                    ---add----
//
// A failure half way, by an error or an exception, leaves an empty cache, never half a sum. So does
// a sum that the budget does not allow; it is answered by slices (window_slices.hpp).
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
  return is_of(event.partition_or_none(), partition);
}

// Calls visitor(pane) with each stored pane of the range.
template <class Visitor>
status window_cache::each_parsed(window_source const& source, pane_range const& range,
                                 Visitor const& visitor) {
  micros const width = source.levels[range.level].width;
  return each_pane(source.store, partition_, range, [&](pane_row const& row) -> status {
    TOPK_ASSIGN(auto const pane, parse_pane(row.body, row.pane, width));
    memory_charge parsed(&budget_);
    parsed.add(pane.memory_bytes());
    visitor(pane);
    return {};
  });
}

void window_cache::clear() noexcept {
  sum_.inside.clear();
  sum_.clear_overlay();
  inside_.clear();
  edges_.clear();
  events_seen_ = 0;
  is_filled_ = false;
}

result<window_sum const*> window_cache::sum_of(window_source const& source, time_span span) {
  bool const same_panes = is_filled_ && generation_ == source.head.generation;
  bool const same_events = same_panes && events_epoch_ == source.events_epoch &&
                           events_seen_ <= source.events.size() && !sum_.is_overlay_mostly_dead();
  try {
    if (auto filled = fill(source, span, same_panes, same_events); !filled) {
      clear();
      return filled;
    }
  } catch (over_budget const&) {
    clear();
    return static_cast<window_sum const*>(nullptr);
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

status window_cache::fill(window_source const& source, time_span span, bool same_panes,
                          bool same_events) {
  if (!same_panes) clear();
  if (!same_events) {
    sum_.clear_overlay();
    edges_.clear();
    events_seen_ = 0;
  }
  if (!same_events || span != span_) {
    auto panes = cover_window(source.levels, source.head, span);
    TOPK_TRY(move_panes(source, std::move(panes.inside)));
    TOPK_TRY(move_edges(source, std::move(panes.edges)));
    if (source.waiting != nullptr) sum_.add_edge(*source.waiting, source.seed);
    sum_.set_span(span);
    move_events(source, span);
  }
  add_new_events(source, span);
  return {};
}

status window_cache::move_panes(window_source const& source, std::vector<pane_range> wanted) {
  auto left = difference(inside_, wanted);
  auto entered = difference(wanted, inside_);
  // Moving costs one pass over what changed; beyond half of the window, starting over costs less.
  if (pane_count(left) + pane_count(entered) > pane_count(wanted) / 2) {
    sum_.inside.clear();
    left.clear();
    entered = wanted;
  }
  for (auto const& range : left) {
    TOPK_TRY(each_parsed(source, range, [&](sketch::stored_summary const& pane) {
      sum_.inside.subtract(pane, source.seed, sum_.range());
    }));
  }
  bool const is_whole = sum_.range().is_all();
  for (auto const& range : entered) {
    auto remaining = static_cast<std::size_t>(range.last - range.first + 1);
    TOPK_TRY(each_parsed(source, range, [&](sketch::stored_summary const& pane) {
      if (is_whole && sum_.inside.items().size() == 0) {
        if (expected_ > 0) {
          sum_.inside.reserve(expected_);
        } else {
          sum_.inside.reserve_for(pane, remaining);
        }
      }
      --remaining;
      sum_.inside.add(pane, source.seed, sum_.range());
    }));
  }
  sum_.inside.shrink();
  inside_ = std::move(wanted);
  return {};
}

status window_cache::move_edges(window_source const& source, std::vector<pane_range> wanted) {
  if (wanted == edges_) return {};
  edges_.clear();
  sum_.clear_edges();
  for (auto const& edge : wanted) {
    TOPK_TRY(each_parsed(source, edge, [&](sketch::stored_summary const& pane) {
      sum_.add_edge(pane, source.seed);
    }));
  }
  edges_ = std::move(wanted);
  return {};
}

// Adds and removes those of the events seen that only one of the old window and the new one has.
void window_cache::move_events(window_source const& source, time_span span) {
  auto const is_in = [](time_span of, micros ts) { return ts > of.since && ts <= of.until; };
  for (std::size_t i = 0; i < events_seen_; ++i) {
    micros const ts = source.events.ts_of(i);
    bool const enters = is_in(span, ts);
    if (enters == is_in(span_, ts)) continue;
    auto const event = source.events[i];
    if (!counts_in(event, enters ? span : span_, partition_)) continue;
    auto const hash = hash_item(event.item, source.seed);
    if (!sum_.range().contains(hash)) {
      sum_.count_left_out(enters ? event.weight : -event.weight, enters);
    } else if (enters) {
      sum_.add_event(event.item, hash, event.weight);
    } else {
      sum_.remove_event(event.item, hash, event.weight);
    }
  }
}

// Those of a partition are looked for once, and are few: room for all would be too much.
void window_cache::add_new_events(window_source const& source, time_span span) {
  auto const& events = source.events;
  budgeted<std::uint32_t> mine{budget_allocator<std::uint32_t>(&budget_)};
  std::size_t inside = 0;
  for (std::size_t i = events_seen_; i < events.size(); ++i) {
    micros const ts = events.ts_of(i);
    if (ts <= span.since || ts > span.until) continue;
    if (!partition_) ++inside;
    else if (is_of(events[i].partition_or_none(), partition_))
      mine.push_back(static_cast<std::uint32_t>(i));
  }
  if (sum_.range().is_all()) sum_.reserve_events(inside + mine.size());
  for (auto const i : mine) add_new_event(events[i], source.seed);
  if (partition_) {
    events_seen_ = events.size();
    return;
  }
  for (; events_seen_ < events.size(); ++events_seen_) {
    auto const event = events[events_seen_];
    if (counts_in(event, span, partition_)) add_new_event(event, source.seed);
  }
}

void window_cache::add_new_event(event_fields const& event, std::uint64_t seed) {
  auto const hash = hash_item(event.item, seed);
  if (sum_.range().contains(hash)) {
    sum_.add_event(event.item, hash, event.weight);
  } else {
    sum_.count_left_out(event.weight, true);
  }
}

}  // namespace topk::stream
