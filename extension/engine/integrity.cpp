// Two passes. First each stored pane alone: does it decode, do its events lie in its time, does the
// head cover it? Then the panes against the events of log or content, where the stream keeps them,
// one pane of the top level at a time:
//
//   top level     |--------------- end - width .. end ---------------|   one step of the walk
//   level 1       |-----------|-----------|-----------|--------------|   every pane in that span
//   level 0       |--|--|--|--|--|--|--|--|--|--|--|--|--|--|--|--|--|   is compared with
//   events         . .. .    .   ...  ..  .  .. .   .   . .. . .    .    the exact sums of its own
//
// Exact sums are held for one such span only. Where memory does not allow that, each level below is
// taken a pane at a time, and so on down; and where one pane is too much, a slice of the hashes:
//
//   pane over all        the items whose hashes lie in the slice; its total in the first slice
//   pane of a partition  the items whose hashes, mixed with the partition's, lie in the slice; its
//                        total where the partition's own does
//
// Events of the tail are in no pane, so they are subtracted. A pane that exact sums ask for and
// that is not stored is damage too.
#include "engine/integrity.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "base/saturate.hpp"
#include "engine/ahead.hpp"
#include "engine/event_source.hpp"
#include "engine/tail_in_log.hpp"
#include "stream/hash_slice.hpp"

namespace topk::engine {
namespace {

using sketch::stored_summary;
using stream::no_time;

// The exact content of one pane: its items in the slice, and its total where that is.
struct pane_truth {
  explicit pane_truth(memory_budget* budget) noexcept : sums(budget) {}

  stream::item_map<std::int64_t> sums;
  std::int64_t total = 0;
};

// Level, pane, partition; the partition as type and bytes, empty for all together.
struct pane_name {
  std::size_t level = 0;
  std::int64_t pane = 0;
  std::string partition;
  // Not <=>: libc++ compares strings so from 14 on only.
  friend bool operator<(pane_name const& a, pane_name const& b) noexcept {
    return std::tie(a.level, a.pane, a.partition) < std::tie(b.level, b.pane, b.partition);
  }
};

// Of a sound stream, a pane has far fewer panes of the level below it.
constexpr std::int64_t most_children = 4096;

std::string spelled(item_view const& partition) {
  return static_cast<char>(partition.type) + std::string(partition.bytes);
}

class examination {
 public:
  explicit examination(live::open_stream& state) : state_(state) {}

  result<finding> run() {
    state_.drop_answers();
    for (std::size_t level = 0; level < state_.levels().size(); ++level) {
      TOPK_TRY(examine_structure(level));
    }
    if (!found_ && state_.log().is_in_blocks()) TOPK_TRY(examine_blocks());
    if (!found_) TOPK_TRY(examine_events());
    return std::move(found_);
  }

 private:
  status examine_events() {
    bool const has_table = state_.options().content.has_value();
    bool const is_empty = state_.head().newest == no_time && !has_table;
    if (is_empty || !event_source::has_events(state_)) return {};
    return examine_bounds();
  }

  // Blocks follow each other in seq, and end where panes do.
  status examine_blocks() {
    std::int64_t end = 0;
    return state_.store().blocks().each([&](stream::block_extent const& one) -> status {
      std::string const name =
          state_.store().shadow("block") + " last=" + std::to_string(one.last_seq) + ": ";
      if (one.first_seq <= end) blame(name + "it overlaps with the block before");
      if (one.last_seq > state_.stored_head().last_seq) {
        blame(name + "it has events that are in no pane");
      }
      end = one.last_seq;
      return {};
    });
  }

  void blame(std::string const& what) {
    if (!found_) found_ = {what, false};
  }
  // Events and panes differ. Only we write a log; a table may have been changed without its
  // triggers.
  void blame_difference(std::string const& what) {
    if (found_) return;
    if (!state_.options().content) return blame(what + "; 'rebuild' repairs this");
    found_ = {"drift: the stream is undamaged, but differs from '" +
                  state_.options().content->table + "': " + what +
                  "; 'rebuild' counts the table again",
              true};
  }
  [[nodiscard]] std::string named(pane_name const& name) const {
    return state_.store().shadow(name.partition.empty() ? "pane" : "part") + " level " +
           std::to_string(name.level) + " pane " + std::to_string(name.pane);
  }

  // Whether panes that end at `end` live at this level now.
  [[nodiscard]] bool is_current(std::size_t level, micros end) const noexcept {
    auto const& marks = state_.stored_head().levels[level];
    return end > marks.horizon && (level == 0 || end <= marks.formed);
  }

  status examine_structure(std::size_t level) {
    auto constexpr least = std::numeric_limits<std::int64_t>::min();
    auto constexpr greatest = std::numeric_limits<std::int64_t>::max();
    micros const width = state_.levels()[level].width;
    auto const one = [&](stream::pane_row const& row) -> status {
      pane_name name{level, row.pane, row.partition == nullptr ? "" : spelled(*row.partition)};
      auto whole = sketch::summary::decode(row.body, state_.levels()[level].live, state_.seed());
      if (!whole) {
        blame(named(name) + ": " + whole.error().message);
        return {};
      }
      if (auto timely = stream::check_times(whole->totals(), row.pane, width); !timely) {
        blame(named(name) + ": " + timely.message);
      }
      if (level > 0 && row.pane * width > state_.stored_head().levels[level].formed) {
        blame(named(name) + ": it ends after the formed time of its level");
      }
      return {};
    };
    TOPK_TRY(state_.panes().each(level, least, greatest, one));
    return state_.panes().each_partition(level, least, greatest, one);
  }

  [[nodiscard]] micros width_of(std::size_t level) const noexcept {
    return state_.levels()[level].width;
  }

  status examine_bounds() {
    first_ = std::max(state_.retained_after(), earliest_time);
    TOPK_TRY(list_times());
    for (micros const end : ends_) {
      TOPK_TRY(examine_pane(state_.levels().size() - 1, end));
    }
    return {};
  }

  // The pane of the level that ends at `end`, and those of all levels below in its time.
  status examine_pane(std::size_t level, micros end) {
    if (found_) return {};
    try {
      return examine_levels(0, level, end, {}, &state_.answer_budget());
    } catch (over_budget const&) {
      forget_truths();
    }
    if (level == 0) return examine_slices(0, 0, end);
    // Below its horizon, a level has no panes, nor have those under it.
    micros const own = width_of(level - 1);
    micros const horizon = state_.stored_head().levels[level - 1].horizon;
    micros const since = end - width_of(level);
    micros const from = horizon <= since ? since : std::min(round_down(horizon, own), end);
    if ((end - from) / own > most_children) return examine_slices(0, level, end);
    for (micros child = from + own; child <= end; child += own) {
      TOPK_TRY(examine_pane(level - 1, child));
    }
    return examine_slices(level, level, end);
  }

  // Those of levels lowest..highest in the time of the highest.
  status examine_slices(std::size_t lowest, std::size_t highest, micros end) {
    auto& budget = state_.answer_budget();
    for (stream::hash_slice slice(1); !found_;) {
      std::size_t const before = budget.used();
      try {  // one item has to be allowed
        TOPK_TRY(examine_levels(lowest, highest, end, slice.range(),
                                slice.is_narrowest() ? nullptr : &budget));
      } catch (over_budget const&) {
        forget_truths();
        slice.halve();
        continue;
      }
      if (!slice.next(most_used_ - before < budget.limit() / 4)) return {};
    }
    return {};
  }

  void forget_truths() noexcept {
    truths_.clear();
    names_.clear();
  }

  // The panes of these levels in the time of the one of the highest that ends at `end`, as far as
  // the slice goes.
  status examine_levels(std::size_t lowest, std::size_t highest, micros end,
                        stream::hash_range slice, memory_budget* budget) {
    lowest_ = lowest;
    highest_ = highest;
    slice_ = slice;
    budget_ = budget;
    forget_truths();
    names_ = memory_charge(budget);
    parted_.clear();
    micros const since = end - width_of(highest);
    TOPK_TRY(count_events({since, end}));
    most_used_ = state_.answer_budget().used();
    for (std::size_t level = lowest; level <= highest; ++level) {
      micros const own = width_of(level);
      TOPK_TRY(compare({level, since / own + 1, end / own}));
    }
    if (auto const* missing = first_missing()) {
      blame_difference(named(*missing) + ": the pane is missing, but there are events in its time");
    }
    forget_truths();
    return {};
  }

  // Ends of the panes of the top level in whose time there are events or panes: a head that spans
  // thousands of years does not make us walk through them.
  status list_times() {
    micros const width = state_.levels().back().width;
    bool const has_log = state_.store().log() == storage::log_form::rows;
    tail_in_log tail(state_);
    TOPK_TRY(event_source(state_).each({round_down(first_, width), latest_time},
                                       [&](stream::event_fields const& event) -> status {
                                         ends_.insert(round_up(event.ts, width));
                                         if (has_log) tail.see(event);
                                         return {};
                                       }));
    auto const difference = tail.difference(round_down(first_, width));
    if (has_log && difference) blame_difference(*difference);
    TOPK_TRY(each_ahead(state_, {round_down(first_, width), latest_time}, std::nullopt,
                        [&](auto const& row) { ends_.insert(round_up(row.ts, width)); }));
    for (std::size_t level = 0; level < state_.levels().size(); ++level) {
      micros const own = state_.levels()[level].width;
      auto const list = [&](stream::pane_row const& row) -> status {
        ends_.insert(round_up(row.pane * own, width));
        return {};
      };
      auto const from = stream::pane_of(first_, own);
      auto const to = stream::pane_of(latest_time, own);
      TOPK_TRY(state_.panes().each(level, from, to, list));
      TOPK_TRY(state_.panes().each_partition(level, from, to, list));
    }
    return {};
  }

  // Where an item lies in the slices of a partition's panes; `partition` 0: of those over all.
  [[nodiscard]] static std::uint64_t mixed(std::uint64_t item, std::uint64_t partition) noexcept {
    return item ^ std::rotl(partition, 32);
  }

  pane_truth& truth_of(pane_name name) {
    auto const at = truths_.find(name);
    if (at != truths_.end()) return at->second;
    names_.add(heap_bytes_of(sizeof(decltype(truths_)::value_type) + 4 * sizeof(void*)) +
               heap_bytes_of(name.partition.capacity()));
    return truths_.try_emplace(std::move(name), budget_).first->second;
  }

  // Counts the event into the panes of each level, as far as they are in the slice.
  void count_event(stream::event_fields const& event, std::int64_t weight) {
    auto const hash = state_.hash_of(event.item);
    auto const& partition = event.partition_or_none();
    auto const partition_hash = state_.hash_of(partition);
    auto const count = [&](std::size_t level, std::int64_t pane, item_view const* of) {
      std::uint64_t const by = of == nullptr ? 0 : partition_hash;
      bool const has_item = slice_.contains(mixed(hash, by));
      bool const has_total = slice_.contains(by);
      if (!has_item && !has_total) return;
      auto& truth = truth_of({level, pane, of == nullptr ? "" : spelled(*of)});
      if (has_total) truth.total = add_saturated(truth.total, weight);
      if (!has_item) return;
      auto& sum = truth.sums.find_or_insert(event.item, hash);
      sum = add_saturated(sum, weight);
    };
    for (std::size_t level = lowest_; level <= highest_; ++level) {
      micros const own = width_of(level);
      std::int64_t const pane = stream::pane_of(event.ts, own);
      if (!is_current(level, pane * own)) continue;
      count(level, pane, nullptr);
      count(level, pane, &partition);
    }
  }

  status count_events(stream::time_span span) {
    TOPK_TRY(event_source(state_).each(span, [&](stream::event_fields const& event) -> status {
      count_event(event, event.weight);
      return {};
    }));
    // Rows of the table that are dated ahead of the clock are in no pane yet.
    TOPK_TRY(each_ahead(state_, span, std::nullopt, [&](sqlite::tail_row const& row) {
      stream::event_fields event{.ts = row.ts, .weight = row.weight, .item = row.item};
      event.has_partition = row.partition.has_value();
      if (row.partition) event.partition = *row.partition;
      count_event(event, -event.weight);
    }));
    // Events of the tail are in no pane yet.
    for (std::size_t i = 0; i < state_.events().size(); ++i) {
      auto const event = state_.events()[i];
      if (event.ts > span.since && event.ts <= span.until) count_event(event, -event.weight);
    }
    return {};
  }

  status compare(stream::pane_range const& range) {
    micros const width = state_.levels()[range.level].width;
    auto const one = [&](stream::pane_row const& row) -> status {
      micros const end = row.pane * width;
      if (!is_current(range.level, end) || end - width < first_) return {};
      pane_name const name{range.level, row.pane,
                           row.partition == nullptr ? "" : spelled(*row.partition)};
      bool const is_parted = row.partition != nullptr && *row.partition != no_partition;
      if (is_parted) parted_.insert({range.level, row.pane});
      TOPK_ASSIGN(auto pane, stream::parse_pane(row.body, row.pane, width));
      auto const partition_hash = row.partition == nullptr ? 0 : state_.hash_of(*row.partition);
      auto const at = truths_.find(name);
      pane_truth none(nullptr);
      compare(name, partition_hash, pane, at == truths_.end() ? none : at->second);
      if (at != truths_.end()) truths_.erase(at);
      return {};
    };
    TOPK_TRY(state_.panes().each(range.level, range.first, range.last, one));
    return state_.panes().each_partition(range.level, range.first, range.last, one);
  }

  // `partition_hash`: 0 of a pane over all.
  void compare(pane_name const& name, std::uint64_t partition_hash, stored_summary const& pane,
               pane_truth& truth) {
    auto const outside = [&](item_view const& item, std::int64_t lower, std::int64_t upper,
                             std::int64_t exact) {
      if (exact >= lower && exact <= upper) return;
      std::string const text = item.type == item_type::text ? "'" + std::string(item.bytes) + "'"
                               : item.type == item_type::integer ? std::to_string(integer_of(item))
                                                                 : "of another type";
      blame_difference(named(name) + ": item " + text + " has bounds " + std::to_string(lower) +
                       ".." + std::to_string(upper) + ", but its events sum to " +
                       std::to_string(exact));
    };
    for (auto const& entry : pane.entries()) {
      auto const hash = state_.hash_of(entry.item);
      if (!slice_.contains(mixed(hash, partition_hash))) continue;
      auto const* sum = truth.sums.find(entry.item, hash);
      outside(entry.item, entry.lo, entry.hi, sum == nullptr ? 0 : *sum);
      truth.sums.erase(entry.item, hash);
    }
    for (auto const& one : truth.sums.entries()) {
      outside(one.key, pane.absent().lower, pane.absent().upper, one.value);
    }
    if (!slice_.contains(partition_hash)) return;
    if (truth.total < pane.totals().total_lower || truth.total > pane.totals().total_upper) {
      blame_difference(named(name) + ": its total is " + std::to_string(pane.totals().total_lower) +
                       ".." + std::to_string(pane.totals().total_upper) +
                       ", but its events sum to " + std::to_string(truth.total));
    }
  }

  // A pane that events ask for and that is not stored; what cancelled out needs none.
  [[nodiscard]] pane_name const* first_missing() const {
    for (auto const& [name, truth] : truths_) {
      micros const width = state_.levels()[name.level].width;
      if ((name.pane - 1) * width < first_) continue;
      // Events without a partition need a pane of their own only if some partition has one.
      bool const is_own = name.partition == spelled(no_partition);
      bool const needs_own =
          state_.stored_head().has_unpartitioned && parted_.contains({name.level, name.pane});
      if (is_own && !needs_own) continue;
      auto const& sums = truth.sums.entries();
      bool const has_events =
          std::any_of(sums.begin(), sums.end(), [](auto const& one) { return one.value != 0; });
      if (has_events) return &name;
    }
    return nullptr;
  }

  live::open_stream& state_;
  std::set<micros> ends_;
  micros first_ = no_time;  // what ends before was dropped
  // What is being compared; budget: null where one item has to be allowed.
  std::size_t lowest_ = 0;
  std::size_t highest_ = 0;
  stream::hash_range slice_;
  memory_budget* budget_ = nullptr;
  std::size_t most_used_ = 0;
  memory_charge names_;  // the names in truths_
  std::map<pane_name, pane_truth> truths_;
  std::set<std::pair<std::size_t, std::int64_t>> parted_;  // panes that a partition has part in
  finding found_;
};

}  // namespace

result<finding> examine(live::open_stream& state) { return examination(state).run(); }

}  // namespace topk::engine
