// Threshold refinement of two windows together, with scores in place of counts (stream/hybrid does
// it for one window).
//
//   count the panes that an edge cuts
//   while the rows are not certain:
//     an item that no pane holds may be one of them   count panes of the window that it would lead
//                                                     in, until its score is below the K-th
//     else                                            count the pane that leaves most open about
//                                                     the items that may be rows
//
// If that would read more than half of the events, counting them all costs less.
#include "trend/hybrid.hpp"

#include <algorithm>

#include "base/saturate.hpp"

namespace topk::trend {
namespace {

using stream::counted_window;
using stream::item_map;
using stream::log_reader;
using stream::time_span;
using stream::window_source;

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

}  // namespace topk::trend
