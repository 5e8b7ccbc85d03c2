// Threshold refinement: exact rows, at a part of what counting the whole log costs.
//
//   bounds of each item      what the log adds
//   ----------------------   -------------------------------------------------------------
//   panes inside, as sums    nothing yet
//   cut panes                counted at once: of their part inside, a sketch knows too little
//   tail and pending events  exact anyway
//
//   while some item may still be in the top K and has a gap between its bounds:
//     take the pane that leaves most open about those items out of the sums, count it in the log
//
// An item's upper bound over the sums, plus its exact counts, is compared with the K-th lower bound
// (the threshold): below it, the item is out for good. Each pane that is counted narrows the gaps;
// when the top K has none left and nothing else reaches the threshold, the rows are those of
// `exact`. Should that read more than half of the window's events, `exact` itself costs less: the
// answer is then left to it. So it is where the items to be known at once outgrow the budget.
#include "stream/hybrid.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/saturate.hpp"
#include "sketch/relative_bounds.hpp"
#include "stream/pane_entries.hpp"

namespace topk::stream {
namespace {

using sketch::stored_summary;

// One pane of the window and its part inside. Its entries stay in the store, and are read again
// where they are asked for: all of them at once would be more than the sums.
struct window_pane {
  pane_range at;
  sketch::pane_totals totals;
  sketch::bounds absent;
  time_span inside;
};

// What is known of one item.
struct knowledge {
  sketch::relative_bounds sketched;  // over the panes that are not counted yet
  std::int64_t counted = 0;          // the exact sum of everything else
};

class refinement {
 public:
  refinement(window_source const& source, time_span span, std::optional<item> const& partition,
             std::size_t k, log_reader const& read, memory_budget& budget)
      : source_(source), span_(span), partition_(partition), k_(k), read_(read), budget_(budget) {}

  result<hybrid_answer> run() {
    TOPK_TRY(load());
    if (is_too_costly(cut_events_)) return hybrid_answer{};
    for (auto const& cut : cut_spans_) TOPK_TRY(count(cut));
    add_events(span_, 1);
    for (;;) {
      if (is_settled()) {
        answer_.is_settled = true;
        answer_.rows = std::move(rows_);
        return std::move(answer_);
      }
      TOPK_ASSIGN(std::size_t const next, most_open());
      if (next == panes_.size()) return hybrid_answer{};
      auto const events = panes_[next].totals.events;
      if (is_too_costly(add_saturated(answer_.rows_read, events))) return hybrid_answer{};
      TOPK_TRY(replace(next));
    }
  }

 private:
  status load() {
    auto const panes = cover_window(source_.levels, source_.head, span_);
    for (auto const& range : panes.inside) {
      pane_count_ += static_cast<std::size_t>(range.last - range.first + 1);
    }
    for (auto const& range : panes.inside) TOPK_TRY(load(range));
    for (auto const& edge : panes.edges) TOPK_TRY(load(edge));
    return {};
  }

  // Sorts the panes of a range: outside the window, cut by an edge of it, or inside.
  status load(pane_range const& range) {
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
        cut_spans_.push_back(pane.inside);
        cut_events_ = add_saturated(cut_events_, totals.events);
        return {};
      }
      if (panes_.empty()) known_.reserve_guess(expected_keys(sketch, pane_count_));
      add(sketch);
      panes_.push_back(pane);
      return {};
    });
  }

  void add(stored_summary const& pane) {
    auto const absent = pane.absent();
    each_entry(pane, source_.seed, known_, hashes_, [&](auto const& entry, std::uint64_t hash) {
      known_.find_or_insert(entry.item, hash).sketched.add(entry, absent);
    });
    add_bounds(unknown_, absent);
  }
  void subtract(stored_summary const& pane) {
    auto const absent = pane.absent();
    each_entry(pane, source_.seed, known_, hashes_, [&](auto const& entry, std::uint64_t hash) {
      known_.find_or_insert(entry.item, hash).sketched.subtract(entry, absent);
    });
    subtract_bounds(unknown_, absent);
  }

  // Adds the log's exact counts of a span. Events that are in no pane lie in the log too: they are
  // added once, for the whole window, and so subtracted here.
  status count(time_span const& part) {
    item_map<std::int64_t> counts(&budget_);
    TOPK_ASSIGN(std::int64_t const rows, read_(part, counts));
    answer_.rows_read += rows;
    ++answer_.panes_read;
    for (auto const& one : counts.entries()) {
      auto& known = known_.find_or_insert(one.key, one.hash);
      known.counted = add_saturated(known.counted, one.value);
    }
    add_events(part, -1);
    return {};
  }

  void add_events(time_span const& part, std::int64_t sign) {
    for (std::size_t i = 0; i < source_.events.size(); ++i) {
      auto const event = source_.events[i];
      if (!counts_in(event, part, partition_)) continue;
      auto& known = known_.find_or_insert(event.item, hash_item(event.item, source_.seed));
      known.counted = add_saturated(known.counted, sign * event.weight);
    }
  }

  // Counts a pane in place of its sketch.
  status replace(std::size_t at) {
    auto const pane = panes_[at];
    panes_.erase(panes_.begin() + static_cast<std::ptrdiff_t>(at));
    TOPK_TRY(with_sketch(pane, [&](stored_summary const& sketch) { subtract(sketch); }));
    return count(pane.inside);
  }

  template <class Visitor>
  status with_sketch(window_pane const& pane, Visitor const& visitor) {
    micros const width = source_.levels[pane.at.level].width;
    return each_pane(source_.store, partition_, pane.at, [&](pane_row const& row) -> status {
      TOPK_ASSIGN(auto const sketch, parse_pane(row.body, row.pane, width));
      memory_charge parsed(&budget_);
      parsed.add(sketch.memory_bytes());
      visitor(sketch);
      return {};
    });
  }

  [[nodiscard]] bool is_too_costly(std::int64_t rows) const noexcept { return rows > events_ / 2; }

  // One item's bounds, to be sorted by.
  struct place {
    std::int64_t lower;
    std::int64_t upper;
    std::uint32_t number;  // in known_
  };
  [[nodiscard]] item const& key_of(place const& of) const {
    return known_.entries()[of.number].key;
  }

  // The items that may have a count above 0.
  [[nodiscard]] budgeted<place> possible() const {
    budgeted<place> all{budget_allocator<place>(&budget_)};
    all.reserve(known_.size());
    for (std::uint32_t n = 0; n < known_.size(); ++n) {
      auto const& known = known_.entries()[n].value;
      auto const sketched = known.sketched.over(unknown_);
      auto const upper = add_saturated(sketched.upper, known.counted);
      auto const lower = add_saturated(sketched.lower, known.counted);
      if (upper > 0) all.push_back({std::max<std::int64_t>(lower, 0), upper, n});
    }
    return all;
  }

  // The top K by (lower desc, item), kept in rows_; true when it is exact and nothing can enter it.
  bool is_settled() {
    auto all = possible();
    std::size_t const wanted = std::min(k_, all.size());
    auto const border = all.begin() + static_cast<std::ptrdiff_t>(wanted);
    std::partial_sort(all.begin(), border, all.end(), [&](place const& a, place const& b) {
      return a.lower != b.lower ? a.lower > b.lower : item_before(key_of(a), key_of(b));
    });
    threshold_ = wanted == k_ ? std::max<std::int64_t>(all[k_ - 1].lower, 1) : 1;

    auto const is_exact = [](place const& one) { return one.lower == one.upper; };
    auto const is_out = [&](place const& one) {  // not asked of any unless there are k before it
      return sketch::is_surely_before(all[k_ - 1], one,
                                      [&](place const& of) -> item_view { return key_of(of); });
    };
    bool const settled = std::max<std::int64_t>(unknown_.upper, 0) < threshold_ &&
                         std::all_of(all.begin(), border, is_exact) &&
                         std::all_of(border, all.end(), is_out);
    if (settled) {
      for (auto one = all.begin(); one != border; ++one) {
        rows_.push_back({key_of(*one), one->lower, one->lower, one->upper, true});
      }
    } else {
      note_open(all);
    }
    return settled;
  }

  // Keeps the items that may be in the top K.
  void note_open(budgeted<place> const& all) {
    open_.clear();
    for (auto const& one : all) {
      auto const& known = known_.entries()[one.number];
      if (one.upper >= threshold_) open_.find_or_insert(known.key, known.hash);
    }
  }

  // The pane whose sketch leaves most open about the items that may be in the top K; none left,
  // or nothing open: panes_.size().
  result<std::size_t> most_open() {
    // While an unknown item could reach the threshold, the bound of absent items is what counts.
    bool const unknown_may_enter = std::max<std::int64_t>(unknown_.upper, 0) >= threshold_;
    std::size_t best = panes_.size();
    std::int64_t most = 0;
    for (std::size_t i = 0; i < panes_.size(); ++i) {
      std::int64_t open = panes_[i].absent.upper;
      if (!unknown_may_enter) {
        auto const note = [&](stored_summary const& sketch) { open = openness(sketch); };
        TOPK_TRY(with_sketch(panes_[i], note));
      }
      if (open > most) {
        most = open;
        best = i;
      }
    }
    return best;
  }

  // The sum of the gaps that the pane's sketch leaves for the open items, held or absent.
  [[nodiscard]] std::int64_t openness(stored_summary const& pane) const {
    auto const [z, u] = pane.absent();
    std::int64_t open = 0;
    std::int64_t held = 0;
    for (auto const& entry : pane.entries()) {
      if (!open_.contains(entry.item, hash_item(entry.item, source_.seed))) continue;
      ++held;
      open = add_saturated(open, entry.hi - entry.lo);
    }
    std::int64_t absent = 0;
    if (__builtin_mul_overflow(static_cast<std::int64_t>(open_.size()) - held, u - z, &absent)) {
      absent = greatest_sum;
    }
    return add_saturated(open, absent);
  }

  window_source const& source_;
  time_span span_;
  std::optional<item> const& partition_;
  std::size_t k_;
  log_reader const& read_;
  memory_budget& budget_;

  budgeted<window_pane> panes_{budget_allocator<window_pane>(&budget_)};
  std::size_t pane_count_ = 0;  // at most so many lie inside
  std::vector<time_span> cut_spans_;
  std::int64_t cut_events_ = 0;
  std::int64_t events_ = 0;
  item_map<knowledge> known_{&budget_};
  budgeted<std::uint64_t> hashes_{budget_allocator<std::uint64_t>(&budget_)};  // of one pane
  sketch::bounds unknown_;                                                     // [Z, U]
  std::vector<ranked_item> rows_;
  item_map<char> open_{&budget_};  // items that may be in the top K
  std::int64_t threshold_ = 1;
  hybrid_answer answer_;
};

}  // namespace

result<hybrid_answer> settle_top(window_source const& source, time_span span,
                                 std::optional<item> const& partition, std::size_t k,
                                 log_reader const& read, memory_budget& budget) {
  try {
    return refinement(source, span, partition, k, read, budget).run();
  } catch (over_budget const&) {
    return hybrid_answer{};
  }
}

}  // namespace topk::stream
