// Looking at few of the items of two windows:
//
//   what rises   has at most the root of its count in the window as its score,
//   what falls   the root of its count in the baseline
//
// So one of the windows leads: its items come by upper bound, descending, and the first whose root
// is beaten by all that the selection still waits for ends the pass. An item that this window does
// not hold is no row; what it may have there is no more than `unheld` allows for.
#include "trend/ranking.hpp"

#include <algorithm>
#include <bit>

#include "stream/hash_slice.hpp"

namespace topk::trend {
namespace {

using stream::candidate;
using stream::hash_slice;
using stream::time_span;
using stream::window_cache;
using stream::window_sum;

trend_count counts_from(candidate const& of) noexcept { return {of.count, of.lower, of.upper}; }

trend_count total_of(window_sum const& of) noexcept {
  auto const [lower, upper] = of.total();
  return {of.total_estimate(), lower, upper};
}

// Whether all scores of an item with this count are less than the threshold: the root is, by far
// more than rounding.
bool is_beaten(std::int64_t upper, double threshold) noexcept {
  return static_cast<double>(upper) < threshold * threshold * (1 - 1e-9);
}

// Offers the items of the window that leads.
class trend_pass {
 public:
  trend_pass(trend_form const& form, window_sum const& window, window_sum const& baseline,
             trend_selection& into) noexcept
      : rises_(form.direction == trend_direction::rise), first_(rises_ ? window : baseline),
        second_(rises_ ? baseline : window), into_(into) {}

  void run_by_upper() {
    first_.each_by_upper([&](candidate const& one) { return offer(one); });
  }
  void run() {
    first_.each([&](candidate const& one) { offer(one); });
  }

 private:
  bool offer(candidate const& one) {
    if (is_beaten(one.upper, into_.threshold())) return false;
    auto const in_first = counts_from(one);
    auto const in_second = counts_from(second_.counts_of(one.key, one.hash));
    into_.offer({one.key, rises_ ? in_first : in_second, rises_ ? in_second : in_first});
    return true;
  }

  bool rises_;
  window_sum const& first_;
  window_sum const& second_;
  trend_selection& into_;
};

double unheld_score(trend_form const& form, trend_ratios const& ratios, window_sum const& window,
                    window_sum const& baseline) noexcept {
  return unheld_score(form, ratios, window.unknown_upper(), baseline.unknown_upper());
}

trend_answer answer_of(trend_selection& best, double unheld) {
  trend_answer out{{}, best.ratios(), best.is_settled(unheld)};
  out.rows = best.take(unheld);
  return out;
}

}  // namespace

trend_ratios ratios_of(trend_form const& form, trend_count const& window,
                       trend_count const& baseline) noexcept {
  if (!form.by_share) return {form.time, form.time, form.time};
  return ratio_of_totals(window, baseline, form.time);
}

trend_ratios ratios_of(trend_form const& form, window_sum const& window,
                       window_sum const& baseline) noexcept {
  return ratios_of(form, total_of(window), total_of(baseline));
}

double unheld_score(trend_form const& form, trend_ratios const& ratios, std::int64_t window_upper,
                    std::int64_t baseline_upper) noexcept {
  if (form.direction == trend_direction::rise) return greatest_score(window_upper);
  return ratios.upper.p == 0 ? 0 : greatest_score(baseline_upper);
}

trend_answer rank_trend(trend_form const& form, window_sum const& window,
                        window_sum const& baseline) {
  auto const ratios = ratios_of(form, window, baseline);
  double const unheld = unheld_score(form, ratios, window, baseline);
  try {
    trend_selection best(form, ratios);
    trend_pass(form, window, baseline, best).run_by_upper();
    return answer_of(best, unheld);
  } catch (over_budget const&) {  // there is no room for the order
  }
  trend_selection best(form, ratios);
  trend_pass(form, window, baseline, best).run();
  return answer_of(best, unheld);
}

result<trend_answer> trend_by_slices(trend_form const& form, trend_window const& window,
                                     trend_window const& baseline,
                                     std::optional<item> const& partition, memory_budget& budget,
                                     unsigned& halvings) {
  window_sum const nothing;
  std::optional<trend_selection> best;
  double unheld = 0;
  std::uint64_t slices = 0;
  for (hash_slice slice(halvings);;) {
    auto* const limit = slice.is_narrowest() ? nullptr : &budget;
    window_cache merged(partition, limit, slice.range());
    window_cache before(partition, limit, slice.range());
    TOPK_ASSIGN(auto const* const sum, merged.sum_of(window.source, window.span));
    window_sum const* other = &nothing;
    if (sum != nullptr && !baseline.is_empty()) {
      TOPK_ASSIGN(other, before.sum_of(baseline.source, baseline.span));
    }
    if (sum == nullptr || other == nullptr) {
      slice.halve();
      continue;
    }
    if (slices++ == 0) {
      auto const ratios = ratios_of(form, *sum, *other);
      best.emplace(form, ratios);
      unheld = unheld_score(form, ratios, *sum, *other);
    }
    trend_pass(form, *sum, *other, *best).run();
    auto const used = merged.memory_bytes() + before.memory_bytes();
    if (!slice.next(used < budget.limit() / 4)) break;
  }
  halvings = static_cast<unsigned>(std::bit_width(slices - 1));
  return answer_of(*best, unheld);
}

}  // namespace topk::trend
