#include "stream/fold.hpp"

#include <algorithm>
#include <span>

#include "base/hash.hpp"

namespace topk::stream {
namespace {

using sketch::summary;

}  // namespace

bool folder::takes(std::size_t level, micros t) const noexcept {
  return t > head_.levels[level].horizon && (level == 0 || t <= head_.levels[level].formed);
}

// Whether a pane of this level that ends at `end` has been merged into the level above.
bool folder::is_absorbed(std::size_t level, micros end) const noexcept {
  return is_top(level) || end <= head_.levels[level + 1].formed;
}

status folder::take(event_batch const& events, std::size_t count, fold_limits const& limits) {
  micros oldest = std::numeric_limits<micros>::max();
  micros newest = no_time;
  for (std::size_t i = 0; i < count; ++i) {
    auto const event = events[i];
    head_.count(event, is_logged_);
    head_.last_seq = std::max(head_.last_seq, event.seq);
    oldest = std::min(oldest, event.ts);
    newest = std::max(newest, event.ts);
  }
  head_.reference = std::max(head_.reference, limits.reference);
  ++head_.generation;
  if (head_.reference == no_time) return {};

  std::int64_t budget = limits.formed_panes;
  if (auto moved = move_horizons(limits, budget); !moved) return moved;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    bool const takes_none =
        newest <= head_.levels[level].horizon || (level > 0 && oldest > head_.levels[level].formed);
    if (takes_none) continue;
    if (auto applied = apply(level, events, count); !applied) return applied;
    if (!events.has_partitions()) continue;
    if (auto applied = apply_partitions(level, events, count); !applied) return applied;
  }
  if (limits.form_parents) return form_due(budget);
  return {};
}

// Raises each horizon to where the reference time asks, as far as the level above could be formed:
// a level lets go of nothing that its parent has not absorbed.
status folder::move_horizons(fold_limits const& limits, std::int64_t& budget) {
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    micros wanted = horizon_at(levels_, level, head_.reference);
    auto& marks = head_.levels[level];
    if (wanted <= marks.horizon) continue;
    if (!is_top(level)) {
      if (auto formed = form(level + 1, wanted, budget, false); !formed) return formed;
      wanted = std::min(wanted, head_.levels[level + 1].formed);
    }
    marks.horizon = std::max(marks.horizon, wanted);
  }
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    micros const horizon = head_.levels[level].horizon;
    if (horizon == no_time) continue;
    auto erased =
        store_.expire(level, pane_of(horizon, levels_[level].width), limits.expired_panes);
    if (!erased) return std::move(erased).error();
  }
  return {};
}

status folder::form_due(std::int64_t& budget) {
  for (std::size_t level = 1; level < levels_.size(); ++level) {
    micros due = head_.reference;
    if (level > 1) due = std::min(due, head_.levels[level - 1].formed);
    if (due == no_time) return {};
    if (auto formed = form(level, round_down(due, levels_[level].width), budget, true); !formed) {
      return formed;
    }
  }
  return {};
}

// Forms the panes of `level` that end at or before `up_to` from their children. Without
// `keep_children` the children are about to expire and are not worth cutting.
status folder::form(std::size_t level, micros up_to, std::int64_t& budget, bool keep_children) {
  auto& formed = head_.levels[level].formed;
  micros const width = levels_[level].width;
  micros const child_width = levels_[level - 1].width;
  if (level > 1) {
    micros const below = head_.levels[level - 1].formed;
    if (below == no_time) return {};
    up_to = std::min(up_to, round_down(below, width));
  }
  while (formed < up_to) {
    std::int64_t const first =
        formed == no_time ? std::numeric_limits<std::int64_t>::min() : formed / child_width + 1;
    auto child = store_.next_pane(level - 1, first);
    if (!child) return std::move(child).error();
    if (!*child || **child > up_to / child_width) {
      formed = up_to;
      break;
    }
    std::int64_t const pane = pane_of(**child * child_width, width);
    if (pane * width > head_.levels[level].horizon) {
      if (budget <= 0) {
        formed = std::max(formed, (pane - 1) * width);
        break;
      }
      --budget;
      if (auto one = form_one(level, pane, keep_children); !one) return one;
      if (auto all = form_partitions(level, pane, keep_children); !all) return all;
    }
    formed = pane * width;
  }
  return {};
}

status folder::form_one(std::size_t level, std::int64_t pane, bool keep_children) {
  std::int64_t const ratio = levels_[level].width / levels_[level - 1].width;
  summary parent(levels_[level].live, seed_);
  struct cut_pane {
    std::int64_t pane;
    std::int64_t version;
    std::vector<std::byte> body;
  };
  std::vector<cut_pane> children;
  auto const absorb = [&](pane_row const& row) -> status {
    auto child = parse_pane(row.body, row.pane, levels_[level - 1].width);
    if (!child) return std::move(child).error();
    parent.absorb(*child);
    if (!keep_children) return {};
    if (auto body = trimmed(level - 1, *child))
      children.push_back({row.pane, row.version + 1, *std::move(body)});
    return {};
  };
  if (auto seen = store_.each(level - 1, (pane - 1) * ratio + 1, pane * ratio, absorb); !seen) {
    return seen;
  }
  for (auto const& child : children) {
    auto saved = store_.save(level - 1, {child.pane, nullptr, child.version, child.body});
    if (!saved) return saved;
  }
  return store_formed(level, pane, nullptr, parent);
}

status folder::form_partitions(std::size_t level, std::int64_t pane, bool keep_children) {
  std::int64_t const ratio = levels_[level].width / levels_[level - 1].width;
  std::optional<summary> parent;
  item of;
  auto const finish = [&]() -> status {
    if (!parent) return {};
    item_view const partition = of;
    auto stored = store_formed(level, pane, &partition, *parent);
    parent.reset();
    return stored;
  };
  auto const absorb = [&](pane_row const& row) -> status {
    if (!parent || of.view() != *row.partition) {
      if (auto finished = finish(); !finished) return finished;
      parent.emplace(levels_[level].live, seed_);
      of = item(*row.partition);
    }
    auto child = parse_pane(row.body, row.pane, levels_[level - 1].width);
    if (!child) return std::move(child).error();
    parent->absorb(*child);
    return keep_children ? trim(level - 1, row, *child) : status{};
  };
  auto seen = store_.each_partition(level - 1, (pane - 1) * ratio + 1, pane * ratio, absorb);
  if (!seen) return seen;
  return finish();
}

status folder::store_formed(std::size_t level, std::int64_t pane, item_view const* partition,
                            summary& formed) {
  head_.evictions += static_cast<std::int64_t>(formed.evictions());
  std::size_t const keep = is_top(level) ? levels_[level].keep : formed.size();
  if (formed.size() > keep || formed.has_filter()) formed.truncate(std::min(keep, formed.size()));
  auto const body = formed.encode();
  return store_.save(level, {pane, partition, 1, body});
}

// The body of a pane that its parent has absorbed, cut to its best entries; nullopt where it has no
// more than those and no filter.
std::optional<std::vector<std::byte>> folder::trimmed(std::size_t level,
                                                      sketch::stored_summary const& child) const {
  std::size_t const keep = std::min<std::size_t>(levels_[level].keep, child.entries().size());
  if (keep == child.entries().size() && !child.has_filter()) return std::nullopt;
  return sketch::encode_closed(child.entries(), child.absent(), child.totals(), keep);
}

// Stores that in the row's place; `child` is the pane in its body.
status folder::trim(std::size_t level, pane_row const& row, sketch::stored_summary const& child) {
  auto const body = trimmed(level, child);
  if (!body) return {};
  return store_.save(level, {row.pane, row.partition, row.version + 1, *body});
}

template <class Rows>
status folder::apply_to(std::size_t level, std::int64_t pane, item_view const* partition,
                        event_batch const& events, Rows const& rows) {
  auto stored = store_.load(level, pane, partition);
  if (!stored) return std::move(stored).error();
  auto loaded = *stored ? summary::decode((*stored)->body, levels_[level].live, seed_)
                        : result<summary>(summary(levels_[level].live, seed_));
  if (!loaded) return std::move(loaded).error();
  auto& filled = *loaded;
  auto timely = check_times(filled.totals(), pane, levels_[level].width);
  if (!timely) return timely;
  filled.reserve(rows.size());
  for (auto const& row : rows) {
    auto const event = events[row.row];
    filled.add(event.item, hash_item(event.item, seed_), event.weight, event.ts);
  }
  head_.evictions += static_cast<std::int64_t>(filled.evictions());

  micros const end = pane * levels_[level].width;
  if (end <= head_.reference) {
    // Up to twice keep it may grow again: cutting at every late event would cost accuracy.
    std::size_t const keep = levels_[level].keep;
    bool const is_large = is_absorbed(level, end) && filled.size() > 2 * keep;
    if (is_large || filled.has_filter()) filled.truncate(is_large ? keep : filled.size());
  }
  auto const body = filled.encode();
  return store_.save(level, {pane, partition, *stored ? (*stored)->version + 1 : 1, body});
}

status folder::apply(std::size_t level, event_batch const& events, std::size_t count) {
  micros const width = levels_[level].width;
  targets_.clear();
  targets_.reserve(count);
  bool is_sorted = true;
  std::int64_t pane = 0;
  micros end = no_time;  // of that pane; most events lie in the pane of the one before
  for (std::size_t i = 0; i < count; ++i) {
    micros const t = events.ts_of(i);
    if (!takes(level, t)) continue;
    if (end == no_time || t > end || t <= end - width) {
      pane = pane_of(t, width);
      end = pane * width;
    }
    if (!targets_.empty() && pane < targets_.back().pane) is_sorted = false;
    targets_.push_back({pane, static_cast<std::uint32_t>(i)});
  }
  if (!is_sorted) {
    std::stable_sort(targets_.begin(), targets_.end(),
                     [](target const& a, target const& b) { return a.pane < b.pane; });
  }
  for (std::size_t from = 0; from < targets_.size();) {
    std::size_t to = from;
    while (to < targets_.size() && targets_[to].pane == targets_[from].pane) ++to;
    auto const rows = std::span(targets_).subspan(from, to - from);
    if (auto one = apply_to(level, rows[0].pane, nullptr, events, rows); !one) return one;
    from = to;
  }
  return {};
}

status folder::apply_partitions(std::size_t level, event_batch const& events, std::size_t count) {
  micros const width = levels_[level].width;
  targets_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    auto const event = events[i];
    if (!event.has_partition || !takes(level, event.ts)) continue;
    targets_.push_back({pane_of(event.ts, width), static_cast<std::uint32_t>(i)});
  }
  // By pane, then partition, as the rows lie on their pages; then in sequence order.
  std::sort(targets_.begin(), targets_.end(), [&](target const& a, target const& b) {
    if (a.pane != b.pane) return a.pane < b.pane;
    auto const order = compare_items(events[a.row].partition, events[b.row].partition);
    return order != 0 ? order < 0 : a.row < b.row;
  });
  for (std::size_t from = 0; from < targets_.size();) {
    item_view const partition = events[targets_[from].row].partition;
    std::size_t to = from + 1;
    while (to < targets_.size() && targets_[to].pane == targets_[from].pane &&
           events[targets_[to].row].partition == partition) {
      ++to;
    }
    auto const rows = std::span(targets_).subspan(from, to - from);
    if (auto one = apply_to(level, rows[0].pane, &partition, events, rows); !one) return one;
    from = to;
  }
  return {};
}

status folder::tidy() {
  ++head_.generation;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    micros const width = levels_[level].width;
    std::vector<std::int64_t> panes;
    auto const list = [&](pane_row const& row) -> status {
      if (is_absorbed(level, row.pane * width)) panes.push_back(row.pane);
      return {};
    };
    auto constexpr least = std::numeric_limits<std::int64_t>::min();
    auto constexpr greatest = std::numeric_limits<std::int64_t>::max();
    if (auto seen = store_.each(level, least, greatest, list); !seen) return seen;
    for (std::int64_t const pane : panes) {
      auto stored = store_.load(level, pane, nullptr);
      if (!stored) return std::move(stored).error();
      if (!*stored) continue;
      auto const trim_row = [&](pane_row const& row) -> status {
        auto child = parse_pane(row.body, row.pane, width);
        if (!child) return std::move(child).error();
        return trim(level, row, *child);
      };
      auto one = trim_row({pane, nullptr, (*stored)->version, (*stored)->body});
      if (!one) return one;
      if (auto all = store_.each_partition(level, pane, pane, trim_row); !all) return all;
    }
  }
  return {};
}

}  // namespace topk::stream
