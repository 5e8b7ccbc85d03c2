// Compares sixteen one-byte tags with one at a time: SSE2, NEON, or plain C++.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__) || defined(_M_X64)  // the second is MSVC's
#define TOPK_HAS_SSE2
#endif

#if defined(TOPK_HAS_SSE2)
#include <emmintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace topk::sketch {

// Each variant: match(tags, tag) has one bit set per lane that equals, lane_bits apart.
struct scalar_tag_match {
  using mask = std::uint32_t;
  static constexpr unsigned lane_bits = 1;
  [[nodiscard]] static mask match(std::uint8_t const* tags, std::uint8_t tag) noexcept {
    mask equal = 0;
    for (unsigned lane = 0; lane < 16; ++lane) equal |= mask{tags[lane] == tag} << lane;
    return equal;
  }
};

#if defined(TOPK_HAS_SSE2)
struct sse2_tag_match {
  using mask = std::uint32_t;
  static constexpr unsigned lane_bits = 1;
  // Requires: tags is 16-byte aligned.
  [[nodiscard]] static mask match(std::uint8_t const* tags, std::uint8_t tag) noexcept {
    __m128i const lanes = _mm_load_si128(reinterpret_cast<__m128i const*>(tags));
    __m128i const equal = _mm_cmpeq_epi8(lanes, _mm_set1_epi8(static_cast<char>(tag)));
    return static_cast<mask>(_mm_movemask_epi8(equal));
  }
};
#elif defined(__aarch64__) && defined(__ARM_NEON)
struct neon_tag_match {
  using mask = std::uint64_t;
  static constexpr unsigned lane_bits = 4;
  // NEON has no movemask: narrowing by four bits leaves a nibble for each lane.
  [[nodiscard]] static mask match(std::uint8_t const* tags, std::uint8_t tag) noexcept {
    uint8x16_t const equal = vceqq_u8(vld1q_u8(tags), vdupq_n_u8(tag));
    uint8x8_t const nibbles = vshrn_n_u16(vreinterpretq_u16_u8(equal), 4);
    return vget_lane_u64(vreinterpret_u64_u8(nibbles), 0) & 0x1111111111111111u;
  }
};
#endif

#if defined(TOPK_SCALAR_INDEX)
using native_tag_match = scalar_tag_match;
#elif defined(TOPK_HAS_SSE2)
using native_tag_match = sse2_tag_match;
#elif defined(__aarch64__) && defined(__ARM_NEON)
using native_tag_match = neon_tag_match;
#else
using native_tag_match = scalar_tag_match;
#endif

}  // namespace topk::sketch
