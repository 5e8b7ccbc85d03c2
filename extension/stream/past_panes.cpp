// settle() runs in each fold, before its events are written: it adds up what each level would take
// (bytes known from the head, bytes of panes that have just become older than the level keeps, a
// guess at the events to come), raises horizons, finest level first, until the sum fits, and cuts
// the new panes that are left. The fold then erases what lies behind the horizons. What is written
// into such a pane later changes the head's bytes by the difference.
#include "stream/past_panes.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <span>

#include "base/saturate.hpp"
#include "sketch/summary.hpp"

namespace topk::stream {
namespace {

// Two bodies of so many bytes share a page of 4 KiB; a little more, and each has its own.
constexpr std::size_t shared_page = 1950;

constexpr std::int64_t row_bytes = 24;  // what a row takes on its pages beside the body, about

// A guess at what is not written yet: an entry with a short item; a body without entries.
constexpr std::int64_t entry_bytes = 16;
constexpr std::int64_t least_body = 24;

std::int64_t size_of(std::size_t body) noexcept {
  return body == 0 ? 0 : static_cast<std::int64_t>(body) + row_bytes;
}

// How many entries stay, at most `most`: those that are greater than all that go, since of equal
// ones a few would stay by their names alone; or `most`, where that would leave few.
std::size_t clearly_best(std::span<sketch::entry_view const> entries, std::size_t most) {
  if (entries.size() <= most) return entries.size();
  std::vector<std::int64_t> middles;  // twice the middle of the bounds
  middles.reserve(entries.size());
  for (auto const& each : entries) middles.push_back(add_saturated(each.hi, each.lo));
  auto const first_gone = middles.begin() + static_cast<std::ptrdiff_t>(most);
  std::nth_element(middles.begin(), first_gone, middles.end(), std::greater<>());
  auto const greater = std::count_if(middles.begin(), first_gone,
                                     [&](std::int64_t each) { return each > *first_gone; });
  auto const count = static_cast<std::size_t>(greater);
  return count < most / 4 ? most : count;
}

}  // namespace

status past_panes::settle(std::vector<micros> const& due, event_batch const& events,
                          std::size_t count, micros oldest) {
  std::size_t const top = levels_.size() - 1;
  if (head_.past_budget == 0) {
    for (std::size_t l = 0; l < top; ++l) head_.levels[l].horizon = head_.levels[l].past = due[l];
    return {};
  }
  TOPK_TRY(follow_retention());
  std::vector<std::int64_t> claims(top);
  for (std::size_t l = 0; l < top; ++l) {
    // With little memory a pane has too few entries to tell more than a share of a wider one.
    if (levels_[l].spare == 0) {
      drop_all(l, due[l]);
    } else {
      TOPK_ASSIGN(claims[l], claim(l, due[l], events, count, oldest));
    }
  }
  auto total = std::accumulate(claims.begin(), claims.end(), std::int64_t{0});
  for (std::size_t l = 0; l < top && total > head_.past_budget; ++l) {
    TOPK_TRY(make_room(l, due[l], claims[l], total));
  }
  for (std::size_t l = top; l-- > 0;) {  // no level has what the one above has dropped
    micros const above = head_.levels[l + 1].horizon;
    if (head_.levels[l].horizon < above) TOPK_TRY(drop_until(l, above));
  }
  for (std::size_t l = 0; l < top; ++l) TOPK_TRY(cut(l, due[l]));
  return {};
}

// What the level would take if nothing of it went: its panes up to `due`, once they are cut.
result<std::int64_t> past_panes::claim(std::size_t level, micros due, event_batch const& events,
                                       std::size_t count, micros oldest) {
  auto const& marks = head_.levels[level];
  micros const width = levels_[level].width;
  std::int64_t const known = marks.past_bytes + guess(level, due, events, count, oldest);
  micros const from = std::max(marks.past, marks.horizon);
  if (from >= due) return known;
  std::int64_t const most = row_bytes + least_body + levels_[level].spare * entry_bytes;
  TOPK_ASSIGN(auto const stored,
              store_.bytes(level, pane_of(from, width) + 1, pane_of(due, width), most));
  return known + stored;
}

// Drops the level's oldest panes until the budget has room for `total`, or all if that is not
// enough. What it takes off is taken off `total`.
status past_panes::make_room(std::size_t level, micros due, std::int64_t claim,
                             std::int64_t& total) {
  auto const& marks = head_.levels[level];
  std::int64_t const others = total - claim;
  while (others < head_.past_budget && total > head_.past_budget && marks.horizon < marks.past) {
    TOPK_TRY(drop_oldest(level, total));
  }
  if (total <= head_.past_budget) return {};
  drop_all(level, due);
  total = others;
  return {};
}

// What has left the top level leaves all.
status past_panes::follow_retention() {
  micros const retained = head_.levels.back().horizon;
  for (std::size_t l = 0; l + 1 < levels_.size(); ++l) {
    if (head_.levels[l].horizon == no_time) {
      head_.levels[l].horizon = head_.levels[l].past = retained;
    } else if (head_.levels[l].horizon < retained) {
      TOPK_TRY(drop_until(l, retained));
    }
  }
  return {};
}

// What the events that are older than the level keeps would take there. Where they are many, and at
// their rate would not fit into the budget until they expire, they are not worth writing here
// first: then this is more than the budget.
std::int64_t past_panes::guess(std::size_t level, micros due, event_batch const& events,
                               std::size_t count, micros oldest) const noexcept {
  micros const since = std::max(head_.levels[level].horizon, oldest - 1);
  if (since >= due) return 0;
  std::size_t const step = std::max<std::size_t>(count / 1024, 1);  // a sample of many events
  std::int64_t found = 0;
  for (std::size_t i = 0; i < count; i += step) {
    micros const t = events.ts_of(i);
    found += static_cast<std::int64_t>(t > since && t <= due);
  }
  found *= static_cast<std::int64_t>(step);
  if (found == 0) return 0;
  std::int64_t const panes = std::min(found, (due - since) / levels_[level].width + 1);
  std::int64_t const entries = std::min(found, panes * levels_[level].spare);
  std::int64_t const bytes = entries * entry_bytes + panes * (least_body + row_bytes);
  std::int64_t const times = std::max<std::int64_t>(levels_.back().kept / (due - since), 1);
  bool const are_many = bytes > head_.past_budget / 16;
  bool const is_worth_it = !are_many || bytes <= head_.past_budget / times;
  return is_worth_it ? bytes : head_.past_budget + 1;
}

// Raises the horizon, on the grid of the level above.
status past_panes::drop_until(std::size_t level, micros to) {
  auto& marks = head_.levels[level];
  if (to >= marks.past) {
    marks.horizon = marks.past = to;
    marks.past_bytes = 0;
    return {};
  }
  micros const width = levels_[level].width;
  TOPK_ASSIGN(auto const dropped,
              store_.bytes(level, pane_of(marks.horizon, width) + 1, pane_of(to, width),
                           std::numeric_limits<std::int64_t>::max()));
  marks.past_bytes = std::max<std::int64_t>(marks.past_bytes - dropped, 0);
  marks.horizon = to;
  return {};
}

// Drops the oldest pane there is, with those that share its parent.
status past_panes::drop_oldest(std::size_t level, std::int64_t& total) {
  auto& marks = head_.levels[level];
  micros const width = levels_[level].width;
  std::int64_t const before = marks.past_bytes;
  TOPK_ASSIGN(auto const next, store_.next_pane(level, pane_of(marks.horizon, width) + 1));
  micros const end = next ? round_up(*next * width, levels_[level + 1].width) : marks.past;
  TOPK_TRY(drop_until(level, std::min(end, marks.past)));
  total -= before - marks.past_bytes;
  return {};
}

void past_panes::drop_all(std::size_t level, micros due) noexcept {
  auto& marks = head_.levels[level];
  marks.horizon = marks.past = std::max(marks.past, due);
  marks.past_bytes = 0;
}

// Cuts the panes up to `due` that stay, one at a time: there may be more than memory has room for.
status past_panes::cut(std::size_t level, micros due) {
  auto& marks = head_.levels[level];
  if (marks.past >= due) return {};
  micros const width = levels_[level].width;
  std::int64_t const first = pane_of(marks.past, width) + 1;
  std::int64_t const last = pane_of(due, width);
  for (std::int64_t pane = first;; ++pane) {
    TOPK_ASSIGN(auto const next, store_.next_pane(level, pane));
    if (!next || *next > last) break;
    pane = *next;
    TOPK_ASSIGN(auto const stored, store_.load(level, pane, nullptr));
    if (stored) TOPK_TRY(cut_one(level, {pane, nullptr, stored->version, stored->body}));
  }
  TOPK_TRY(store_.each_partition(level, first, last,
                                 [&](pane_row const& row) { return cut_one(level, row); }));
  marks.past = due;
  return {};
}

status past_panes::cut_one(std::size_t level, pane_row const& row) {
  auto& bytes = head_.levels[level].past_bytes;
  std::size_t const spare = levels_[level].spare;
  TOPK_ASSIGN(auto const pane, parse_pane(row.body, row.pane, levels_[level].width));
  auto const& entries = pane.entries();
  if (entries.size() <= spare && !pane.has_filter()) {
    bytes += size_of(row.body.size());
    return {};
  }
  auto const closed = [&](std::size_t most) {
    return sketch::encode_closed(entries, pane.absent(), pane.totals(), clearly_best(entries, most),
                                 head_.closed);
  };
  auto body = closed(spare);
  if (body.size() > shared_page) {
    std::size_t const fit = shared_page * std::min(spare, entries.size()) / body.size();
    body = closed(std::clamp(fit, spare / 2, spare));
  }
  bytes += size_of(body.size());
  return store_.save(level, {row.pane, row.partition, row.version + 1, body});
}

void past_panes::wrote(std::size_t level, micros end, std::size_t before,
                       std::size_t after) noexcept {
  if (!has(level, end)) return;
  auto& bytes = head_.levels[level].past_bytes;
  bytes = std::max<std::int64_t>(bytes + size_of(after) - size_of(before), 0);
}

}  // namespace topk::stream
