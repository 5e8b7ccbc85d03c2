// With r = p / q, numerator and denominator times q:
//
//   score = (c q - b p) / sqrt(c q^2 + b p^2)
//
// The numerator is a difference of two integers of 128 bits, so it is exact, and its sign is the
// score's. The rest is computed with about 106 bits and rounded to a double once. So rounding
// cannot give a greater c a lesser score, except where it is decided beyond those bits; bounds are
// widened by four units in the last place, which more than covers that.
#include "trend/score.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/double_double.hpp"
#include "base/wide.hpp"

#if defined(__clang__)
#pragma clang fp contract(off)
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif

namespace topk::trend {
namespace {

std::uint64_t magnitude(std::int64_t of) noexcept { return static_cast<std::uint64_t>(of); }

wide times(std::int64_t a, std::int64_t b) noexcept { return product(magnitude(a), magnitude(b)); }

double_double number(std::int64_t of) noexcept { return to_double_double({0, magnitude(of)}); }

// Four units in the last place, by the bits of a double: scores lie far from where those end. One
// of 0 has an exact sign, and stays.
double widened(double score, bool up) noexcept {
  if (score == 0) return 0;
  auto const bits = __builtin_bit_cast(std::uint64_t, score);  // std's is in libc++ from 14 on only
  return __builtin_bit_cast(double, up == (score > 0) ? bits + 4 : bits - 4);
}

// The middle of a quick score, and what it may be off by.
struct rough_score {
  double value = 0;
  double error = 0;
};
// Doubles that are rounded a dozen times, and a margin that is far beyond that.
rough_score rough(std::int64_t count, std::int64_t baseline, trend_ratio const& ratio) noexcept {
  auto const r = static_cast<double>(ratio.p) / static_cast<double>(ratio.q);
  auto const c = static_cast<double>(count);
  auto const e = r * static_cast<double>(baseline);
  if (c + e == 0) return {};
  double const deviation = std::sqrt(c + r * e);
  return {(c - e) / deviation, 1e-9 * (c + e) / deviation};
}

}  // namespace

trend_ratio ratio_of(std::int64_t p, std::int64_t q) noexcept {
  std::int64_t const common = std::gcd(p, q);
  return {p / common, q / common};
}

bool is_less(trend_ratio const& a, trend_ratio const& b) noexcept {
  return times(a.p, b.q) < times(b.p, a.q);
}

trend_ratios ratio_of_totals(trend_count const& window, trend_count const& baseline,
                             trend_ratio const& otherwise) noexcept {
  auto const over = [&](std::int64_t p, std::int64_t q) {
    return q == 0 ? otherwise : ratio_of(p, q);
  };
  trend_ratios out{over(window.count, baseline.count), over(window.lower, baseline.upper),
                   over(window.upper, std::max<std::int64_t>(baseline.lower, 1))};
  if (baseline.upper == 0) return {otherwise, otherwise, otherwise};
  if (baseline.lower > 0) return out;
  if (is_less(otherwise, out.lower)) out.lower = otherwise;
  if (is_less(out.upper, otherwise)) out.upper = otherwise;
  return out;
}

double score_of(std::int64_t count, std::int64_t baseline, trend_ratio const& ratio) noexcept {
  auto const gained = times(count, ratio.q);
  auto const expected = times(baseline, ratio.p);
  if (gained == expected) return 0;
  auto const p = number(ratio.p);
  auto const q = number(ratio.q);
  auto const deviation = root(number(count) * (q * q) + number(baseline) * (p * p));
  if (gained > expected) return quotient(to_double_double(gained - expected), deviation);
  return -quotient(to_double_double(expected - gained), deviation);
}

double expected_of(std::int64_t baseline, trend_ratio const& ratio) noexcept {
  return quotient(to_double_double(times(baseline, ratio.p)), number(ratio.q));
}

trend_score score_between(trend_count const& window, trend_count const& baseline,
                          trend_ratios const& ratios, trend_direction direction) noexcept {
  trend_score out;
  out.value = score_of(window.count, baseline.count, ratios.middle);
  out.is_exact = window.is_exact() && baseline.is_exact() && ratios.is_exact();
  out.lower = widened(
      out.is_exact ? out.value : score_of(window.lower, baseline.upper, ratios.upper), false);
  out.upper = widened(
      out.is_exact ? out.value : score_of(window.upper, baseline.lower, ratios.lower), true);
  if (direction == trend_direction::rise) return out;
  return {-out.value, -out.upper, -out.lower, out.is_exact};
}

double upper_score(trend_count const& window, trend_count const& baseline,
                   trend_ratios const& ratios, trend_direction direction) noexcept {
  if (direction == trend_direction::rise) {
    return widened(score_of(window.upper, baseline.lower, ratios.lower), true);
  }
  return -widened(score_of(window.lower, baseline.upper, ratios.upper), false);
}

double quick_upper(trend_count const& window, trend_count const& baseline,
                   trend_ratios const& ratios, trend_direction direction) noexcept {
  bool const rises = direction == trend_direction::rise;
  auto const score = rises ? rough(window.upper, baseline.lower, ratios.lower)
                           : rough(window.lower, baseline.upper, ratios.upper);
  return (rises ? score.value : -score.value) + score.error;
}

double quick_value(trend_count const& window, trend_count const& baseline,
                   trend_ratios const& ratios, trend_direction direction) noexcept {
  auto const score = rough(window.count, baseline.count, ratios.middle);
  return (direction == trend_direction::rise ? score.value : -score.value) + score.error;
}

double greatest_score(std::int64_t upper) noexcept {
  return upper <= 0 ? 0 : widened(score_of(upper, 0, {1, 1}), true);
}

}  // namespace topk::trend
