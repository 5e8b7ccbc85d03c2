// Addition that stops at +-2^62 (greatest_sum) instead of wrapping.
//
// No honest sum gets there: a stream keeps the sum of |weight| below 2^62. Hostile bytes may ask
// for it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/compiler.hpp"
#include "base/limits.hpp"
#include "base/wide.hpp"

namespace topk {

TOPK_ALWAYS_INLINE [[nodiscard]] constexpr std::int64_t add_saturated(std::int64_t a,
                                                                      std::int64_t b) noexcept {
  std::int64_t sum = 0;
  if (add_overflows(a, b, sum)) return a < 0 ? -greatest_sum : greatest_sum;
  return std::clamp(sum, -greatest_sum, greatest_sum);
}
constexpr void raise(std::int64_t& sum, std::int64_t by) noexcept { sum = add_saturated(sum, by); }

// floor(a * num / den) without overflow in between. Requires: 0 <= num <= den, den > 0.
[[nodiscard]] constexpr std::int64_t scaled(std::int64_t a, std::int64_t num,
                                            std::int64_t den) noexcept {
  if (std::int64_t product = 0; !multiply_overflows(a, num, product)) [[likely]] {
    std::int64_t const quotient = product / den;
    return product < 0 && quotient * den != product ? quotient - 1 : quotient;
  }
  bool const is_negative = a < 0;
  auto const whole = static_cast<std::uint64_t>(a);
  auto const size = is_negative ? 0 - whole : whole;
  auto const [quotient, remainder] =
      divide(product(size, static_cast<std::uint64_t>(num)), static_cast<std::uint64_t>(den));
  std::uint64_t const rounded = is_negative && remainder != 0 ? quotient + 1 : quotient;
  return static_cast<std::int64_t>(is_negative ? 0 - rounded : rounded);
}

}  // namespace topk
