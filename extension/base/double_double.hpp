// Numbers of about 106 bits, as the sum of two doubles: for intermediate results, so that the final
// double is rounded only once.
//
// Sums and products of doubles are exact here (Knuth's sum, Dekker's product), which needs IEEE
// doubles that are neither wider nor fused in between: -ffp-contract=off, SSE2 on i686, /fp:strict.
// A compiler that fuses anyway changes only bits far below the last one of a double.
#pragma once

#include <cmath>
#include <cstdint>

#include "base/wide.hpp"

#if defined(__clang__)
#pragma clang fp contract(off)
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif

// As the x87 does it: 2 says that, a negative number that it cannot be said.
#if defined(__FLT_EVAL_METHOD__) && (__FLT_EVAL_METHOD__ == 2 || __FLT_EVAL_METHOD__ < 0)
#error "doubles are wider than 64 bits in between: compile with -msse2 -mfpmath=sse"
#elif defined(_M_IX86_FP) && _M_IX86_FP < 2
#error "doubles are wider than 64 bits in between: compile with /arch:SSE2"
#endif

namespace topk {

struct double_double {
  double high = 0;
  double low = 0;  // at most half of the last place of `high`
};

[[nodiscard]] inline double_double exact_sum(double a, double b) noexcept {
  double const sum = a + b;
  double const of_b = sum - a;
  return {sum, (a - (sum - of_b)) + (b - of_b)};
}

// Requires: far from the ends of a double's range.
[[nodiscard]] inline double_double exact_product(double a, double b) noexcept {
  auto const split = [](double x) -> double_double {
    double const scaled = 134217729.0 * x;  // 2^27 + 1
    double const high = scaled - (scaled - x);
    return {high, x - high};
  };
  double const whole = a * b;
  auto const [a1, a0] = split(a);
  auto const [b1, b0] = split(b);
  return {whole, ((a1 * b1 - whole) + a1 * b0 + a0 * b1) + a0 * b0};
}

// Exact below 2^106.
[[nodiscard]] inline double_double to_double_double(wide const& of) noexcept {
  if (of.high == 0 && of.low < std::uint64_t{1} << 53) return {static_cast<double>(of.low), 0};
  constexpr double half = 4294967296.0;  // 2^32
  auto const as_sum = [](std::uint64_t x) {
    return exact_sum(static_cast<double>(x >> 32) * half, static_cast<double>(x & 0xFFFFFFFF));
  };
  auto const high = as_sum(of.high);
  auto const low = as_sum(of.low);
  constexpr double up = half * half;
  auto const first = exact_sum(high.high * up, low.high);
  return exact_sum(first.high, first.low + (high.low * up + low.low));
}

// The sum of two that are not negative, the product, and the root.
[[nodiscard]] inline double_double operator+(double_double const& a,
                                             double_double const& b) noexcept {
  auto const sum = exact_sum(a.high, b.high);
  return exact_sum(sum.high, sum.low + (a.low + b.low));
}
[[nodiscard]] inline double_double operator*(double_double const& a,
                                             double_double const& b) noexcept {
  auto const product = exact_product(a.high, b.high);
  return exact_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}
// Requires: of > 0.
[[nodiscard]] inline double_double root(double_double const& of) noexcept {
  double const first = std::sqrt(of.high);
  auto const square = exact_product(first, first);
  double const rest = ((of.high - square.high) - square.low) + of.low;
  return exact_sum(first, rest / (2 * first));
}
// The quotient, rounded to a double. Requires: b is not 0.
[[nodiscard]] inline double quotient(double_double const& a, double_double const& b) noexcept {
  double const first = a.high / b.high;
  auto const back = exact_product(first, b.high);
  double const rest = (((a.high - back.high) - back.low) + a.low) - first * b.low;
  return first + rest / b.high;
}

}  // namespace topk
