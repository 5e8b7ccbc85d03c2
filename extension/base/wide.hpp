// Unsigned integers of 128 bits, as two halves: products of 64-bit numbers on every compiler and
// CPU.
#pragma once

#include <compare>
#include <cstdint>

namespace topk {

struct wide {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  friend constexpr auto operator<=>(wide const&, wide const&) noexcept = default;
};

// Modulo 2^128, as of any unsigned integers.
[[nodiscard]] constexpr wide operator+(wide const& a, wide const& b) noexcept {
  std::uint64_t const low = a.low + b.low;
  return {a.high + b.high + (low < a.low ? 1 : 0), low};
}
[[nodiscard]] constexpr wide operator-(wide const& a, wide const& b) noexcept {
  return {a.high - b.high - (a.low < b.low ? 1 : 0), a.low - b.low};
}

// The product of two numbers, whole.
//
//            a1 a0          each a half of 32 bits
//          * b1 b0
//            a0*b0
//      a1*b0                the middle column adds up three halves, and carries
//      a0*b1
//   a1*b1
[[nodiscard]] constexpr wide product(std::uint64_t a, std::uint64_t b) noexcept {
  constexpr std::uint64_t half = 0xFFFFFFFF;
  std::uint64_t const low = (a & half) * (b & half);
  std::uint64_t const cross_a = (a >> 32) * (b & half);
  std::uint64_t const cross_b = (a & half) * (b >> 32);
  std::uint64_t const middle = (low >> 32) + (cross_a & half) + (cross_b & half);
  std::uint64_t const high =
      (a >> 32) * (b >> 32) + (cross_a >> 32) + (cross_b >> 32) + (middle >> 32);
  return {high, middle << 32 | (low & half)};
}

struct division {
  std::uint64_t quotient = 0;
  std::uint64_t remainder = 0;
};
// Bit by bit. Requires: of.high < by, so that the quotient has 64 bits.
[[nodiscard]] constexpr division divide(wide of, std::uint64_t by) noexcept {
  division out{0, of.high};
  for (int bit = 63; bit >= 0; --bit) {
    bool const carries = (out.remainder >> 63) != 0;
    out.remainder = out.remainder << 1 | (of.low >> bit & 1);
    bool const fits = carries || out.remainder >= by;
    if (fits) out.remainder -= by;
    out.quotient = out.quotient << 1 | (fits ? 1 : 0);
  }
  return out;
}

}  // namespace topk
