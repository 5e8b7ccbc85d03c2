// With r = p / q, numerator and denominator times q:
//
//   score = (c q - b p) / sqrt(c q^2 + b p^2)
//
// The numerator is a difference of two integers of 128 bits, so it is exact, and its sign is the
// score's. The rest is computed with about 106 bits and rounded to a double once. So a greater c
// cannot have a lesser score by rounding, but where a rounding is decided beyond those bits; bounds
// are widened by four units in the last place, which is more than that takes.
#include "stream/trend_score.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/double_double.hpp"
#include "base/wide.hpp"

#if defined(__clang__)
#pragma clang fp contract(off)
#endif

namespace topk::stream {
namespace {

std::uint64_t magnitude(std::int64_t of) noexcept { return static_cast<std::uint64_t>(of); }

wide times(std::int64_t a, std::int64_t b) noexcept { return product(magnitude(a), magnitude(b)); }

double_double number(std::int64_t of) noexcept { return to_double_double({0, magnitude(of)}); }

// A score of 0 has an exact sign, and stays.
double widened(double score, double towards) noexcept {
  if (score == 0) return 0;
  for (int ulp = 0; ulp < 4; ++ulp) score = std::nextafter(score, towards);
  return score;
}
double widened_down(double score) noexcept {
  return widened(score, -std::numeric_limits<double>::infinity());
}
double widened_up(double score) noexcept {
  return widened(score, std::numeric_limits<double>::infinity());
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
  bool const is_point = out.is_exact;
  out.lower =
      widened_down(is_point ? out.value : score_of(window.lower, baseline.upper, ratios.upper));
  out.upper =
      widened_up(is_point ? out.value : score_of(window.upper, baseline.lower, ratios.lower));
  if (direction == trend_direction::rise) return out;
  return {-out.value, -out.upper, -out.lower, out.is_exact};
}

// Doubles that are rounded a dozen times, and a margin that is far beyond that.
double quick_upper(trend_count const& window, trend_count const& baseline,
                   trend_ratios const& ratios, trend_direction direction) noexcept {
  bool const rises = direction == trend_direction::rise;
  auto const& ratio = rises ? ratios.lower : ratios.upper;
  double const r = static_cast<double>(ratio.p) / static_cast<double>(ratio.q);
  auto const c = static_cast<double>(rises ? window.upper : window.lower);
  auto const e = r * static_cast<double>(rises ? baseline.lower : baseline.upper);
  double const gain = (rises ? c - e : e - c) + 1e-9 * (c + e);
  if (gain <= 0) return 0;
  return gain / std::sqrt(c + r * e) * (1 + 1e-9);
}

double greatest_score(std::int64_t upper) noexcept {
  return upper <= 0 ? 0 : widened_up(score_of(upper, 0, {1, 1}));
}

}  // namespace topk::stream
