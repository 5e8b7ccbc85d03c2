// What g++ and clang++ have as builtins, and MSVC has under another name or not at all.
// (__builtin_bit_cast needs no branch here: all three know it.)
#pragma once

#include <cstdint>
#include <limits>

#include "base/wide.hpp"

#if defined(_MSC_VER) && !defined(__clang__)
// For _byteswap_uint64.
#include <stdlib.h>
#endif

// A hint that this address is about to be read. A macro: g++ drops calls of a function whose
// only effect this is.
#if defined(__GNUC__) || defined(__clang__)
#define TOPK_PREFETCH(address) __builtin_prefetch(address)
#else
#define TOPK_PREFETCH(address) static_cast<void>(address)
#endif

// On a function or a lambda's call: inline even where the compiler would rather call.
#if defined(__GNUC__) || defined(__clang__)
#define TOPK_ALWAYS_INLINE [[gnu::always_inline]]
#elif defined(_MSC_VER)
#define TOPK_ALWAYS_INLINE [[msvc::forceinline]]
#else
#define TOPK_ALWAYS_INLINE
#endif

namespace topk {

// The same in plain C++, for compilers without the builtins.
namespace plain {

[[nodiscard]] constexpr bool add_overflows(std::int64_t a, std::int64_t b,
                                           std::int64_t& sum) noexcept {
  using limits = std::numeric_limits<std::int64_t>;
  if (b >= 0 ? a > limits::max() - b : a < limits::min() - b) return true;
  sum = a + b;
  return false;
}

[[nodiscard]] constexpr bool multiply_overflows(std::int64_t a, std::int64_t b,
                                                std::int64_t& out) noexcept {
  auto const size = [](std::int64_t of) {
    return of < 0 ? 0 - static_cast<std::uint64_t>(of) : static_cast<std::uint64_t>(of);
  };
  auto const [high, low] = product(size(a), size(b));
  bool const is_negative = (a < 0) != (b < 0);
  if (high != 0 || low > (std::uint64_t{1} << 63) - (is_negative ? 0 : 1)) return true;
  out = static_cast<std::int64_t>(is_negative ? 0 - low : low);
  return false;
}

[[nodiscard]] constexpr std::uint64_t reversed_bytes(std::uint64_t of) noexcept {
  std::uint64_t out = 0;
  for (int at = 0; at < 64; at += 8) out = out << 8 | (of >> at & 0xFF);
  return out;
}

}  // namespace plain

// Whether the sum, or the product, does not fit; the result is then unspecified.
[[nodiscard]] constexpr bool add_overflows(std::int64_t a, std::int64_t b,
                                           std::int64_t& sum) noexcept {
#if defined(__GNUC__) || defined(__clang__)
  return __builtin_add_overflow(a, b, &sum);
#else
  return plain::add_overflows(a, b, sum);
#endif
}
[[nodiscard]] constexpr bool multiply_overflows(std::int64_t a, std::int64_t b,
                                                std::int64_t& out) noexcept {
  // For 32 bits clang++ calls a function that libgcc does not have.
#if defined(__GNUC__) && (!defined(__clang__) || UINTPTR_MAX > 0xFFFFFFFF)
  return __builtin_mul_overflow(a, b, &out);
#else
  return plain::multiply_overflows(a, b, out);
#endif
}

[[nodiscard]] inline std::uint64_t reversed_bytes(std::uint64_t of) noexcept {
#if defined(__GNUC__) || defined(__clang__)
  return __builtin_bswap64(of);
#elif defined(_MSC_VER)
  return _byteswap_uint64(of);
#else
  return plain::reversed_bytes(of);
#endif
}

}  // namespace topk
