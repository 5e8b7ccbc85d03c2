// Levels over time, and where an event goes. Each level has two watermarks in the head:
//
//   level 2   |-----------------------------------|-------------- - - -
//             ^ horizon                           ^ formed
//   level 1              |---------------------------------|----- - - -
//                        ^ horizon                         ^ formed
//   level 0                        |----------------------------------|
//                                  ^ horizon                          ^ reference (the watermark)
//   time ---------------------------------------------------------------------------------------->
//
//   horizon   retention: what ends at or before it has left the level and is erased
//   formed    roll-up: up to there, the level's panes exist, each the sum of its children
//
// A level holds the panes between its horizon and its `formed`; level 0 has no `formed`, its panes
// are filled directly. An event is written into every level that holds its time: into level 0
// unless it is older than that level's horizon, and in any case into each parent that was rolled up
// before it came.
//
// One fold, in this order:
//
//   1. count the events into the head, raise the reference time (it never falls)
//   2. raise each horizon to what the reference allows: first the level above is rolled up to there
//      (a level drops nothing that its parent has not absorbed), then what lies behind is erased
//   3. write the events, level by level, grouped by pane: load, add, cut if the pane's time has
//      passed, save. A pane that is new is counted exactly, while that has room, and becomes a
//      summary where it has not: the same bytes, in half of the time
//   4. roll up what is due: level 1 up to the reference, each further level up to the one below
//
// Rolling up is bounded per fold by a budget of parents: the rest keeps its place, since `formed`
// stops before the first parent that was not made, and horizons wait for `formed`. A child that was
// absorbed answers only the edges of windows from then on, and is cut to its best entries.
#include "stream/fold.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace topk::stream {
namespace {

using sketch::summary;

}  // namespace

bool pane_fold::takes(std::size_t level, micros t) const noexcept {
  return t > head_.levels[level].horizon && (level == 0 || t <= head_.levels[level].formed);
}

// Whether a pane of this level that ends at `end` has been merged into the level above.
bool pane_fold::is_absorbed(std::size_t level, micros end) const noexcept {
  return is_top(level) || end <= head_.levels[level + 1].formed;
}

// Counts the first `count` events into the head; returns what they lie between.
pane_fold::time_range pane_fold::count_events(event_batch const& events, std::size_t count) {
  if (count == 0) return {};
  micros const retain = levels_.back().kept;
  head_.last_seq = std::max(head_.last_seq, events.greatest_seq(count));
  auto const plain = events.plain_until(count);
  if (plain && head_.count_all(*plain, static_cast<std::int64_t>(count), is_logged_, retain)) {
    return {plain->oldest, plain->newest};
  }
  time_range range;
  for (std::size_t i = 0; i < count; ++i) {
    auto const event = events[i];
    head_.count(event, is_logged_, retain);
    range.oldest = std::min(range.oldest, event.ts);
    range.newest = std::max(range.newest, event.ts);
  }
  return range;
}

status pane_fold::take(event_batch const& events, std::size_t count, fold_limits const& limits) {
  auto const [oldest, newest] = count_events(events, count);
  if (limits.live != nullptr) {
    head_.reference = limits.live->reference;
    head_.jump = limits.live->jump;
    head_.jump_seen = limits.live->jump_seen;
  }
  ++head_.generation;
  if (head_.reference == no_time) return {};

  if (events.has_partitions() && !head_.has_unpartitioned) {
    TOPK_ASSIGN(bool const has_some, store_.has_partitions());
    head_.has_unpartitioned = !has_some;
  }
  std::int64_t budget = limits.formed_panes;
  TOPK_TRY(raise_horizons(events, count, oldest, budget));
  TOPK_TRY(expire(limits.expired_panes));
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    bool const takes_none =
        newest <= head_.levels[level].horizon || (level > 0 && oldest > head_.levels[level].formed);
    if (takes_none) continue;
    // Partitions first: what has none may begin as a copy of the pane over all.
    bool const has_partitions = events.has_partitions() || head_.has_unpartitioned;
    if (has_partitions) TOPK_TRY(write_partitions(level, events, count));
    TOPK_TRY(write_level(level, events, count));
  }
  if (limits.form_parents) return roll_up_due(budget);
  return {};
}

// Raises each horizon to where the reference time asks, as far as the level above was rolled up; of
// what a level need not keep longer, past_panes decides.
status pane_fold::raise_horizons(event_batch const& events, std::size_t count, micros oldest,
                                 std::int64_t& budget) {
  std::vector<micros> due;
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    micros wanted = wanted_horizon(levels_, level, head_);
    auto& marks = head_.levels[level];
    if (is_top(level)) {
      marks.horizon = std::max(marks.horizon, wanted);
      break;
    }
    if (wanted > marks.past) {
      TOPK_TRY(roll_up(level + 1, wanted, budget, false));
      wanted = std::min(wanted, head_.levels[level + 1].formed);
    }
    due.push_back(std::max({marks.horizon, marks.past, wanted}));
  }
  return past_.settle(due, events, count, oldest);
}

// Erases the panes behind the horizons, at most `limit` of each level.
status pane_fold::expire(std::int64_t limit) {
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    micros const horizon = head_.levels[level].horizon;
    if (horizon == no_time) continue;
    TOPK_TRY(store_.expire(level, pane_of(horizon, levels_[level].width), limit));
  }
  return {};
}

status pane_fold::roll_up_due(std::int64_t& budget) {
  for (std::size_t level = 1; level < levels_.size(); ++level) {
    micros due = roll_reference();
    if (level > 1) due = std::min(due, head_.levels[level - 1].formed);
    if (due == no_time) return {};
    TOPK_TRY(roll_up(level, round_down(due, levels_[level].width), budget, true));
  }
  return {};
}

// Makes the panes of `level` that end at or before `up_to` from their children, and raises
// `formed`. Goes from one stored child to the next, so stretches without events cost nothing. A
// parent that has expired already is passed over. Without `keep_children` the children are about to
// expire themselves, and are not worth cutting.
status pane_fold::roll_up(std::size_t level, micros up_to, std::int64_t& budget,
                          bool keep_children) {
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
    TOPK_ASSIGN(auto const child, store_.next_pane(level - 1, first));
    if (!child || *child > up_to / child_width) {  // no event up to there
      formed = up_to;
      break;
    }
    std::int64_t const pane = pane_of(*child * child_width, width);
    if (*child < first || pane * width <= formed) {  // else this would never end
      return failure(errc::corrupt, "the panes of level " + std::to_string(level - 1) +
                                        " are out of order: pane " + std::to_string(*child) +
                                        " was found from pane " + std::to_string(first) + " on");
    }
    if (pane * width > head_.levels[level].horizon) {
      if (budget <= 0) {
        formed = std::max(formed, (pane - 1) * width);
        break;
      }
      --budget;
      TOPK_TRY(roll_up_partitions(level, pane, keep_children));
      TOPK_TRY(roll_up_pane(level, pane, keep_children));
    }
    formed = pane * width;
  }
  return {};
}

// The pane over all partitions. Children are saved after the visit: the store does not allow it
// during one. Those whose bodies would be too many to hold until then are read again.
status pane_fold::roll_up_pane(std::size_t level, std::int64_t pane, bool keep_children) {
  std::int64_t const ratio = levels_[level].width / levels_[level - 1].width;
  summary parent(levels_[level].live, seed_);
  struct cut_pane {
    std::int64_t pane;
    std::int64_t version;
    std::vector<std::byte> body;
  };
  std::uint64_t const most_bytes = levels_[level].live.bytes / 4;
  std::size_t bytes = 0;
  std::vector<cut_pane> children;
  std::vector<std::int64_t> others;
  auto const absorb = [&](pane_row const& row) -> status {
    TOPK_ASSIGN(auto const child, parse_pane(row.body, row.pane, levels_[level - 1].width));
    parent.absorb(child);
    micros const end = row.pane * levels_[level - 1].width;
    if (!keep_children || !is_worth_cutting(level - 1, end, child)) return {};
    if (bytes >= most_bytes) {
      others.push_back(row.pane);
      return {};
    }
    if (auto body = cut_body(level - 1, end, child)) {
      bytes += body->size();
      children.push_back({row.pane, row.version + 1, *std::move(body)});
    }
    return {};
  };
  TOPK_TRY(store_.each(level - 1, (pane - 1) * ratio + 1, pane * ratio, absorb));
  for (auto const& child : children) {
    TOPK_TRY(store_.save(level - 1, {child.pane, nullptr, child.version, child.body}));
  }
  children.clear();
  TOPK_TRY(save_rolled_up(level, pane, nullptr, parent));
  for (std::int64_t const other : others) TOPK_TRY(cut_stored(level - 1, other, nullptr));
  return {};
}

// Cuts a pane that the parent has absorbed.
status pane_fold::cut_stored(std::size_t level, std::int64_t pane, item_view const* partition) {
  TOPK_ASSIGN(auto const stored, store_.load(level, pane, partition));
  if (!stored) return {};
  TOPK_ASSIGN(auto const child, parse_pane(stored->body, pane, levels_[level].width));
  return cut(level, {pane, partition, stored->version, stored->body}, child);
}

// The same for each partition, and for the events without one if there is any. The children come in
// order of partition, so one parent is open at a time, and is saved when the next partition begins.
status pane_fold::roll_up_partitions(std::size_t level, std::int64_t pane, bool keep_children) {
  std::int64_t const ratio = levels_[level].width / levels_[level - 1].width;
  std::optional<summary> parent;
  item of;
  auto const finish = [&]() -> status {
    if (!parent) return {};
    item_view const partition = of;
    auto stored = save_rolled_up(level, pane, &partition, *parent);
    parent.reset();
    return stored;
  };
  bool has_unpartitioned = false;
  auto const absorb = [&](pane_row const& row) -> status {
    if (*row.partition == no_partition) {
      has_unpartitioned = true;
      return {};
    }
    if (!parent || of.view() != *row.partition) {
      TOPK_TRY(finish());
      parent.emplace(levels_[level].live, seed_);
      of = item(*row.partition);
    }
    TOPK_ASSIGN(auto const child, parse_pane(row.body, row.pane, levels_[level - 1].width));
    parent->absorb(child);
    return keep_children ? cut(level - 1, row, child) : status{};
  };
  TOPK_TRY(store_.each_partition(level - 1, (pane - 1) * ratio + 1, pane * ratio, absorb));
  TOPK_TRY(finish());
  return has_unpartitioned ? roll_up_unpartitioned(level, pane, keep_children) : status{};
}

// The events without a partition, of a pane that some partition has part in.
status pane_fold::roll_up_unpartitioned(std::size_t level, std::int64_t pane, bool keep_children) {
  std::int64_t const ratio = levels_[level].width / levels_[level - 1].width;
  summary parent(levels_[level].live, seed_);
  std::vector<std::int64_t> large;
  auto const absorb = [&](pane_row const& row) -> status {
    TOPK_ASSIGN(auto const child, parse_pane(row.body, row.pane, levels_[level - 1].width));
    parent.absorb(child);
    micros const end = row.pane * levels_[level - 1].width;
    if (keep_children && is_worth_cutting(level - 1, end, child)) large.push_back(row.pane);
    return {};
  };
  TOPK_TRY(store_.each_of(no_partition, level - 1, (pane - 1) * ratio + 1, pane * ratio, absorb));
  TOPK_TRY(save_rolled_up(level, pane, &no_partition, parent));
  for (std::int64_t const child : large) TOPK_TRY(cut_stored(level - 1, child, &no_partition));
  return {};
}

// Saves a parent. One of the top level is final, closed and cut at once; one below waits whole for
// its own parent.
status pane_fold::save_rolled_up(std::size_t level, std::int64_t pane, item_view const* partition,
                                 summary& parent) {
  head_.evictions += static_cast<std::int64_t>(parent.evictions());
  std::size_t const keep = is_top(level) ? levels_[level].keep : parent.size();
  bool const is_closed = is_top(level) || parent.has_filter();
  auto const body = is_closed ? parent.encode_cut(keep, head_.closed) : parent.encode();
  return store_.save(level, {pane, partition, 1, body});
}

// How many entries of a pane stay once its parent has absorbed it.
std::size_t pane_fold::keep_of(std::size_t level, micros end) const noexcept {
  return past_.has(level, end) ? levels_[level].spare : levels_[level].keep;
}

bool pane_fold::is_worth_cutting(std::size_t level, micros end,
                                 sketch::stored_summary const& child) const noexcept {
  return child.entries().size() > keep_of(level, end) || child.has_filter();
}

// The body of a pane that its parent has absorbed, cut to its best entries; nullopt where it has no
// more than those and no filter.
std::optional<std::vector<std::byte>> pane_fold::cut_body(
    std::size_t level, micros end, sketch::stored_summary const& child) const {
  if (!is_worth_cutting(level, end, child)) return std::nullopt;
  std::size_t const keep = std::min(keep_of(level, end), child.entries().size());
  return sketch::encode_closed(child.entries(), child.absent(), child.totals(), keep, head_.closed);
}

// Saves that body in the row's place. Requires: `child` is the pane in row.body.
status pane_fold::cut(std::size_t level, pane_row const& row, sketch::stored_summary const& child) {
  micros const end = row.pane * levels_[level].width;
  auto const body = cut_body(level, end, child);
  if (!body) return {};
  past_.wrote(level, end, row.body.size(), body->size());
  return store_.save(level, {row.pane, row.partition, row.version + 1, *body});
}

// How a pane that ends at `end` is stored. Up to twice keep it may grow again: cutting at every
// late event would cost accuracy.
template <class Pane>
std::vector<std::byte> pane_fold::stored_form(std::size_t level, micros end, Pane& filled) const {
  std::size_t const keep = keep_of(level, end);
  bool const is_past = end <= roll_reference();
  bool const is_final = is_past && is_absorbed(level, end);
  bool const is_large = is_final && filled.size() > 2 * keep;
  bool const is_packed = is_final && head_.closed == sketch::closed_form::by_item;
  bool const is_closed = is_large || is_packed || (is_past && filled.has_filter());
  return is_closed ? filled.encode_cut(is_large ? keep : filled.size(), head_.closed)
                   : filled.encode();
}

// The body of a pane that is new, with the events `rows`. It is counted exactly for as long as it
// has room; a summary, which takes several times as long, goes on from there.
std::vector<std::byte> pane_fold::new_pane(std::size_t level, micros end, event_batch const& events,
                                           std::span<target const> rows) {
  auto const& limits = levels_[level].live;
  counts_.begin(limits);
  std::size_t next = 0;
  for (; next < rows.size(); ++next) {
    auto const event = events[rows[next].row];
    if (!counts_.add(event.item, hash_item(event.item, seed_), event.weight, event.ts)) break;
  }
  if (next == rows.size()) return stored_form(level, end, counts_);
  summary filled(limits, seed_);
  filled.take(counts_);
  add_rows(filled, events, rows.subspan(next));
  return stored_form(level, end, filled);
}

void pane_fold::add_rows(summary& filled, event_batch const& events, std::span<target const> rows) {
  filled.reserve(rows.size());
  for (auto const& row : rows) {
    auto const event = events[row.row];
    filled.add(event.item, hash_item(event.item, seed_), event.weight, event.ts);
  }
  head_.evictions += static_cast<std::int64_t>(filled.evictions());
}

// Adds the events `rows` to one pane, which may not exist yet.
status pane_fold::write_pane(std::size_t level, std::int64_t pane, item_view const* partition,
                             event_batch const& events, std::span<target const> rows) {
  micros const width = levels_[level].width;
  micros const end = pane * width;
  TOPK_ASSIGN(auto stored, store_.load(level, pane, partition));
  std::int64_t const version = stored ? stored->version + 1 : 1;
  if (!stored && partition != nullptr && *partition == no_partition) {
    TOPK_ASSIGN(stored, store_.load(level, pane, nullptr));
  }
  if (!stored) {
    auto const body = new_pane(level, end, events, rows);
    past_.wrote(level, end, 0, body.size());
    return store_.save(level, {pane, partition, version, body});
  }
  TOPK_ASSIGN(auto filled, summary::decode(stored->body, levels_[level].live, seed_));
  TOPK_TRY(check_times(filled.totals(), pane, width));
  add_rows(filled, events, rows);
  auto const body = stored_form(level, end, filled);
  past_.wrote(level, end, version == 1 ? 0 : stored->body.size(), body.size());
  return store_.save(level, {pane, partition, version, body});
}

// The level's share of the events, over all partitions. They mostly come in order of time, and are
// sorted by pane only where they do not, and then by row, so that each pane gets its events in
// sequence.
status pane_fold::write_level(std::size_t level, event_batch const& events, std::size_t count) {
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
    std::sort(targets_.begin(), targets_.end(), [](target const& a, target const& b) {
      return a.pane != b.pane ? a.pane < b.pane : a.row < b.row;
    });
  }
  for (std::size_t from = 0; from < targets_.size();) {
    std::size_t to = from;
    while (to < targets_.size() && targets_[to].pane == targets_[from].pane) ++to;
    auto const rows = std::span(targets_).subspan(from, to - from);
    TOPK_TRY(write_pane(level, rows[0].pane, nullptr, events, rows));
    from = to;
  }
  return {};
}

status pane_fold::write_partitions(std::size_t level, event_batch const& events,
                                   std::size_t count) {
  micros const width = levels_[level].width;
  targets_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    auto const event = events[i];
    bool const counts = event.has_partition || head_.has_unpartitioned;
    if (!counts || !takes(level, event.ts)) continue;
    targets_.push_back({pane_of(event.ts, width), static_cast<std::uint32_t>(i)});
  }
  auto const partition_of = [&](target const& at) { return events[at.row].partition_or_none(); };
  // By pane, then partition, as the rows lie on their pages; then in sequence order.
  std::sort(targets_.begin(), targets_.end(), [&](target const& a, target const& b) {
    if (a.pane != b.pane) return a.pane < b.pane;
    auto const order = compare_items(partition_of(a), partition_of(b));
    return order != 0 ? order < 0 : a.row < b.row;
  });
  // Takes the group of equal ones that comes first.
  auto const take = [](std::span<target const>& from, auto const& is_of_group) {
    auto const end = std::find_if_not(from.begin(), from.end(), is_of_group);
    auto const group = from.first(static_cast<std::size_t>(end - from.begin()));
    from = from.subspan(group.size());
    return group;
  };
  for (std::span<target const> all(targets_); !all.empty();) {
    std::int64_t const pane = all[0].pane;
    auto rows = take(all, [&](target const& at) { return at.pane == pane; });
    auto const none =
        take(rows, [&](target const& at) { return partition_of(at) == no_partition; });
    if (head_.has_unpartitioned) TOPK_TRY(write_unpartitioned(level, pane, events, none, rows));
    while (!rows.empty()) {
      item_view const partition = partition_of(rows[0]);
      auto const group =
          take(rows, [&](target const& at) { return partition_of(at) == partition; });
      TOPK_TRY(write_pane(level, pane, &partition, events, group));
    }
  }
  return {};
}

// The events without a partition, of one pane; `others` have one. They get a pane of their own with
// the first event of any partition: until then, the pane over all partitions is theirs.
status pane_fold::write_unpartitioned(std::size_t level, std::int64_t pane,
                                      event_batch const& events, std::span<target const> rows,
                                      std::span<target const> others) {
  if (rows.empty() || others.empty()) {
    TOPK_ASSIGN(auto const own, store_.load(level, pane, &no_partition));
    bool const is_due = own ? !rows.empty() : !others.empty();
    if (!is_due) return {};
  }
  return write_pane(level, pane, &no_partition, events, rows);
}

status pane_fold::cut_absorbed() {
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
    TOPK_TRY(store_.each(level, least, greatest, list));
    for (std::int64_t const pane : panes) {
      TOPK_TRY(cut_stored(level, pane, nullptr));
      auto const cut_row = [&](pane_row const& row) -> status {
        TOPK_ASSIGN(auto const child, parse_pane(row.body, row.pane, width));
        return cut(level, row, child);
      };
      TOPK_TRY(store_.each_partition(level, pane, pane, cut_row));
    }
  }
  return {};
}

}  // namespace topk::stream
