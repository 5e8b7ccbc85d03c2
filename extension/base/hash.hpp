// The seeded 64-bit hash of an item: XXH3 over its type and bytes.
//
// The one place that includes xxhash.h, whose functions are compiled in: no library to load. Short
// items are hashed where the call stands, as each event needs it once.
#pragma once

#include <cstdint>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/item.hpp"

namespace topk {

// XXH3 of more than 16 bytes.
[[nodiscard]] std::uint64_t hash_long(std::string_view bytes, std::uint64_t seed) noexcept;

// Without the seed nobody can make items collide; with one seed the value is the same on every CPU.
[[nodiscard]] inline std::uint64_t hash_item(item_view const& item, std::uint64_t seed) noexcept {
  // Each type has a seed of its own, so that 1, '1' and x'31' meet by chance only. The odd
  // constant (2^64 over the golden ratio) spreads the type over all bits of the seed.
  seed ^= static_cast<std::uint64_t>(item.type) * 0x9E3779B97F4A7C15U;
  if (item.bytes.size() > 16) return hash_long(item.bytes, seed);
  auto const* const bytes = reinterpret_cast<xxh_u8 const*>(item.bytes.data());
  return XXH3_len_0to16_64b(bytes, item.bytes.size(), XXH3_kSecret, seed);
}

// XXH3 of plain bytes, seed 0: checksums of stored blobs.
[[nodiscard]] std::uint64_t checksum(byte_view bytes) noexcept;

}  // namespace topk
