// Each step has a cover of its own (window_cover.hpp). Neighbours share panes where an edge between
// them cuts one, and take panes of one level that lie side by side:
//
//   step         |       A       |       B       |
//   its panes    [  ][===][===][=|=]                  level 1: the last is cut, A and B name it
//                                | ][===][===][==]
//   read         [  ][===][===][===][===][===][==]    one range of panes, each of them once
//
// Covers of a few hundred steps are put together, sorted, and read range by range. As time goes on,
// the panes of a level do, so what was read is known by one number for each level.
//
// What is kept of the panes:
//
//   panes_    [totals, absent] [totals, absent] [totals, absent] ...    in order of reading
//   entries_  [0, a] [0, b] [1, a] [2, b] ...      (pane, bounds), each with its item's one before
//   last_     a -> 2, b -> 3
#include "stream/series_panes.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "base/hash.hpp"

namespace topk::stream {
namespace {

constexpr std::size_t steps_at_once = 256;

class series_reader {
 public:
  series_reader(window_source const& source, std::optional<item> const& partition,
                memory_budget* budget, series_visit const& visitor)
      : source_(source), partition_(partition), budget_(budget), visitor_(visitor),
        read_to_(source.levels.size(), std::numeric_limits<std::int64_t>::min()) {}

  status run(series_steps const& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      auto const span = steps.counted(i);
      if (span.since >= span.until) continue;
      auto const panes = cover_window(source_.levels, source_.head, span);
      wanted_.insert(wanted_.end(), panes.inside.begin(), panes.inside.end());
      wanted_.insert(wanted_.end(), panes.edges.begin(), panes.edges.end());
      if (i % steps_at_once == steps_at_once - 1) TOPK_TRY(read_wanted());
    }
    return read_wanted();
  }

 private:
  status read_wanted() {
    std::sort(wanted_.begin(), wanted_.end(), [](pane_range const& a, pane_range const& b) {
      return std::tie(a.level, a.first) < std::tie(b.level, b.first);
    });
    for (std::size_t i = 0; i < wanted_.size();) {
      auto range = wanted_[i++];
      while (i < wanted_.size() && wanted_[i].level == range.level &&
             wanted_[i].first <= range.last + 1) {
        range.last = std::max(range.last, wanted_[i++].last);
      }
      auto& read_to = read_to_[range.level];
      range.first = std::max(range.first, read_to + 1);
      if (range.first > range.last) continue;
      read_to = range.last;
      TOPK_TRY(read(range));
    }
    wanted_.clear();
    return {};
  }

  status read(pane_range const& range) {
    micros const width = source_.levels[range.level].width;
    return each_pane(source_.store, partition_, range, [&](pane_row const& row) -> status {
      TOPK_ASSIGN(auto const pane, parse_pane(row.body, row.pane, width));
      memory_charge parsed(budget_);
      parsed.add(pane.memory_bytes());
      pane_facts facts{pane.totals(), pane.absent()};
      if (facts.totals.events == 0) {  // when they were is not known any more
        facts.totals.first = (row.pane - 1) * width + 1;
        facts.totals.last = row.pane * width;
      }
      return visitor_(facts, pane);
    });
  }

  window_source const& source_;
  std::optional<item> const& partition_;
  memory_budget* budget_;
  series_visit const& visitor_;
  std::vector<std::int64_t> read_to_;  // by level
  std::vector<pane_range> wanted_;
};

}  // namespace

status each_pane_of(window_source const& source, series_steps const& steps,
                    std::optional<item> const& partition, memory_budget* budget,
                    series_visit const& visitor) {
  return series_reader(source, partition, budget, visitor).run(steps);
}

status add_panes(window_source const& source, std::optional<item> const& partition,
                 item_view const* wanted, series_sum& into) {
  return each_pane_of(
      source, into.steps(), partition, nullptr,
      [&](pane_facts const& facts, sketch::stored_summary const& pane) -> status {
        if (wanted == nullptr) {
          into.add_pane(facts, count_of_all(facts));
          return {};
        }
        auto const& entries = pane.entries();
        auto const held = std::find_if(entries.begin(), entries.end(),
                                       [&](auto const& entry) { return entry.item == *wanted; });
        into.add_pane(facts, count_of_item(facts, held == entries.end()
                                                      ? facts.absent
                                                      : sketch::bounds{held->lo, held->hi}));
        return {};
      });
}

status series_panes::read(window_source const& source, series_steps const& steps,
                          std::optional<item> const& partition) {
  return each_pane_of(source, steps, partition, budget_,
                      [&](pane_facts const& facts, sketch::stored_summary const& pane) -> status {
                        panes_.push_back(facts);
                        keep(pane, source.seed);
                        return {};
                      });
}

void series_panes::keep(sketch::stored_summary const& pane, std::uint64_t seed) {
  for (auto const& entry : pane.entries()) {
    auto const hash = hash_item(entry.item, seed);
    slot_ref* const last =
        has_all_ ? &last_.find_or_insert(entry.item, hash) : last_.find(entry.item, hash);
    if (last == nullptr) continue;
    auto const at = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back(
        {static_cast<std::uint32_t>(panes_.size() - 1), *last, {entry.lo, entry.hi}});
    *last = slot_ref(at);
  }
}

void series_panes::add_to(series_sum& into, item_view const* wanted,
                          std::uint64_t hash) const noexcept {
  slot_ref at;
  if (wanted != nullptr) {
    if (auto const* const last = last_.find(*wanted, hash)) at = *last;
  }
  for (std::size_t i = panes_.size(); i-- > 0;) {
    if (wanted == nullptr) {
      into.add_pane(panes_[i], count_of_all(panes_[i]));
      continue;
    }
    auto of = panes_[i].absent;
    for (; at && entries_[*at].pane >= i; at = entries_[*at].before) of = entries_[*at].of;
    into.add_pane(panes_[i], count_of_item(panes_[i], of));
  }
}

}  // namespace topk::stream
