// Threshold refinement: exact rows, at a part of what counting the whole log costs.
//
//   count the panes that an edge of the window cuts
//   while some item may still be in the answer and has a gap between its bounds:
//     take the pane that leaves most open about those items out of the sums, count it in the log
//
// An item's upper bound is compared with the K-th lower bound (the threshold): below it, the item
// is out for good. Each pane that is counted narrows the gaps; when the top K has none left and
// nothing else reaches the threshold, the rows are those of `exact`. Should that read more than
// half of the window's events, `exact` itself costs less: the answer is then left to it. So it is
// where the items to be known at once outgrow the budget.
//
// Two windows that are compared go the same way together, with scores in place of counts.
#include "stream/hybrid.hpp"

#include <algorithm>

#include "base/saturate.hpp"

namespace topk::stream {
namespace {

class refinement {
 public:
  refinement(window_source const& source, time_span span, std::optional<item> const& partition,
             std::size_t k, log_reader const& read, memory_budget& budget)
      : window_(source, span, partition, read, budget), k_(k), budget_(budget) {}

  result<hybrid_answer> run() {
    TOPK_TRY(window_.load_panes());
    if (is_too_costly(window_.cut_events())) return hybrid_answer{};
    TOPK_TRY(window_.count_cuts());
    for (;;) {
      if (is_settled()) {
        return hybrid_answer{true, std::move(rows_), window_.rows_read(), window_.panes_read()};
      }
      // While an unknown item could reach the threshold, the bound of absent items is what counts.
      bool const unknown_may_enter =
          std::max<std::int64_t>(window_.unknown().upper, 0) >= threshold_;
      TOPK_ASSIGN(auto const gap, window_.widest_gap(unknown_may_enter ? nullptr : &open_));
      if (gap.size == 0) return hybrid_answer{};
      if (is_too_costly(add_saturated(window_.rows_read(), window_.events_of(gap)))) {
        return hybrid_answer{};
      }
      TOPK_TRY(window_.count_pane(gap));
    }
  }

 private:
  [[nodiscard]] bool is_too_costly(std::int64_t rows) const noexcept {
    return rows > window_.events() / 2;
  }

  // One item's bounds, to be sorted by.
  struct place {
    std::int64_t lower;
    std::int64_t upper;
    std::uint32_t number;  // in items()
  };
  [[nodiscard]] auto const& entry_of(place const& of) const {
    return window_.items().entries()[of.number];
  }

  // The items that may have a count above 0.
  [[nodiscard]] budgeted<place> possible() const {
    budgeted<place> all{budget_allocator<place>(&budget_)};
    all.reserve(window_.items().size());
    for (std::uint32_t n = 0; n < window_.items().size(); ++n) {
      auto const [lower, upper] = window_.bounds_of(window_.items().entries()[n].value);
      if (upper > 0) all.push_back({std::max<std::int64_t>(lower, 0), upper, n});
    }
    return all;
  }

  // The top K by (lower desc, item), kept in rows_; true when it is exact and nothing can enter it.
  bool is_settled() {
    auto const key_of = [&](place const& of) -> item_view { return entry_of(of).key; };
    auto all = possible();
    std::size_t const wanted = std::min(k_, all.size());
    auto const border = all.begin() + static_cast<std::ptrdiff_t>(wanted);
    std::partial_sort(all.begin(), border, all.end(), [&](place const& a, place const& b) {
      return a.lower != b.lower ? a.lower > b.lower : item_before(key_of(a), key_of(b));
    });
    threshold_ = wanted == k_ ? std::max<std::int64_t>(all[k_ - 1].lower, 1) : 1;

    auto const is_exact = [](place const& one) { return one.lower == one.upper; };
    auto const is_out = [&](place const& one) {  // not asked of any unless there are k before it
      return sketch::is_surely_before(all[k_ - 1], one, key_of);
    };
    bool const settled = std::max<std::int64_t>(window_.unknown().upper, 0) < threshold_ &&
                         std::all_of(all.begin(), border, is_exact) &&
                         std::all_of(border, all.end(), is_out);
    if (settled) {
      for (auto one = all.begin(); one != border; ++one) {
        rows_.push_back({entry_of(*one).key, one->lower, one->lower, one->upper, true});
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
      auto const& known = entry_of(one);
      if (one.upper >= threshold_) open_.find_or_insert(known.key, known.hash);
    }
  }

  counted_window window_;
  std::size_t k_;
  memory_budget& budget_;
  std::vector<ranked_item> rows_;
  item_map<char> open_{&budget_};  // items that may be in the top K
  std::int64_t threshold_ = 1;
};

trend_count count_of(sketch::bounds const& of) noexcept {
  std::int64_t const lower = std::clamp<std::int64_t>(of.lower, 0, greatest_sum);
  std::int64_t const upper = std::clamp<std::int64_t>(of.upper, lower, greatest_sum);
  return {lower + (upper - lower) / 2, lower, upper};
}

class trend_refinement {
 public:
  trend_refinement(trend_form const& form, window_source const& source, time_span window,
                   time_span baseline, std::optional<item> const& partition, log_reader const& read,
                   memory_budget& budget)
      : form_(form), window_(source, window, partition, read, budget),
        baseline_(source, baseline, partition, read, budget), budget_(budget) {}

  result<hybrid_trend> run() {
    hybrid_trend out;
    TOPK_TRY(window_.load_panes());
    TOPK_TRY(baseline_.load_panes());
    if (is_too_costly(add_saturated(window_.cut_events(), baseline_.cut_events()))) return out;
    TOPK_TRY(window_.count_cuts());
    TOPK_TRY(baseline_.count_cuts());
    for (;;) {
      rank(out.given);
      out.rows_read = add_saturated(window_.rows_read(), baseline_.rows_read());
      if (out.given.is_settled) return out;
      note_open(out.given);
      TOPK_ASSIGN(bool const has_counted, count_next(out.rows_read));
      if (!has_counted) return hybrid_trend{};
    }
  }

 private:
  [[nodiscard]] bool is_too_costly(std::int64_t rows) const noexcept {
    return rows > add_saturated(window_.events(), baseline_.events()) / 2;
  }

  // Calls visitor(key, hash, window, baseline) for each item that either window knows.
  template <class Visitor>
  void each(Visitor const& visitor) const {
    for (auto const& one : window_.items().entries()) {
      visitor(one.key, one.hash, count_of(window_.bounds_of(one.value)),
              count_in(baseline_, one.key, one.hash));
    }
    for (auto const& one : baseline_.items().entries()) {
      if (window_.items().contains(one.key, one.hash)) continue;
      visitor(one.key, one.hash, count_of(window_.unknown()),
              count_of(baseline_.bounds_of(one.value)));
    }
  }
  [[nodiscard]] static trend_count count_in(counted_window const& in, item_view const& key,
                                            std::uint64_t hash) {
    auto const* const known = in.items().find(key, hash);
    return count_of(known == nullptr ? in.unknown() : in.bounds_of(*known));
  }

  void rank(trend_answer& into) {
    auto const ratios = ratios_of(form_, count_of(window_.total()), count_of(baseline_.total()));
    double const unheld =
        unheld_score(form_, ratios, window_.unknown().upper, baseline_.unknown().upper);
    trend_selection best(form_, ratios);
    each([&](item_view const& key, std::uint64_t, trend_count const& window,
             trend_count const& baseline) {
      best.offer({key, window, baseline});
    });
    into.ratios = ratios;
    into.is_settled = best.is_settled(unheld);
    into.rows = best.take(unheld);
    unheld_ = unheld;
  }

  // Keeps the items that may be among the rows. The rows are those with the greatest estimates: the
  // least of their lower bounds is not above the K-th.
  void note_open(trend_answer const& known) {
    open_.clear();
    threshold_ = 0;
    likely_threshold_ = 0;
    if (known.rows.size() == form_.k) {
      likely_threshold_ = known.rows.back().score.value;
      auto const least = std::min_element(
          known.rows.begin(), known.rows.end(),
          [](trend_row const& a, trend_row const& b) { return a.score.lower < b.score.lower; });
      threshold_ = std::max(least->score.lower, 0.0);
    }
    each([&](item_view const& key, std::uint64_t hash, trend_count const& window,
             trend_count const& baseline) {
      double const upper = upper_score(window, baseline, known.ratios, form_.direction);
      if (upper > 0 && upper >= threshold_) open_.find_or_insert(key, hash);
    });
  }

  // Counts what leaves most open. False: nothing does, or `exact` costs less.
  result<bool> count_next(std::int64_t rows_read) {
    if (unheld_ > 0 && unheld_ >= threshold_) return count_unknown(rows_read);
    TOPK_ASSIGN(auto const in_window, window_.widest_gap(&open_));
    TOPK_ASSIGN(auto const in_baseline, baseline_.widest_gap(&open_));
    bool const is_before = in_baseline.size > in_window.size;
    auto& next = is_before ? baseline_ : window_;
    auto const& gap = is_before ? in_baseline : in_window;
    if (gap.size == 0) return false;
    if (is_too_costly(add_saturated(rows_read, next.events_of(gap)))) return false;
    TOPK_TRY(next.count_pane(gap));
    return true;
  }

  // An unknown item scores at most the root of what it may have in one of the windows. Panes of
  // that are counted until this is below the K-th score, as it is estimated.
  result<bool> count_unknown(std::int64_t rows_read) {
    auto& leading = form_.direction == trend_direction::rise ? window_ : baseline_;
    double const likely = std::min(likely_threshold_ * likely_threshold_, double{greatest_sum});
    auto const wanted = std::min(static_cast<std::int64_t>(likely), leading.unknown().upper);
    auto const events = leading.events_until_unknown_below(wanted);
    if (is_too_costly(add_saturated(rows_read, events))) return false;
    bool has_counted = false;
    while (leading.unknown().upper >= wanted) {
      TOPK_ASSIGN(auto const gap, leading.widest_gap(nullptr));
      if (gap.size == 0) break;
      TOPK_TRY(leading.count_pane(gap));
      has_counted = true;
    }
    return has_counted;
  }

  trend_form form_;
  counted_window window_;
  counted_window baseline_;
  memory_budget& budget_;
  item_map<char> open_{&budget_};  // items that may be among the rows
  double threshold_ = 0;           // the K-th score is at least this
  double likely_threshold_ = 0;    // an estimate of it
  double unheld_ = 0;
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

result<hybrid_trend> settle_trend(trend_form const& form, window_source const& source,
                                  time_span window, time_span baseline,
                                  std::optional<item> const& partition, log_reader const& read,
                                  memory_budget& budget) {
  try {
    return trend_refinement(form, source, window, baseline, partition, read, budget).run();
  } catch (over_budget const&) {
    return hybrid_trend{};
  }
}

}  // namespace topk::stream
