// The one place that includes xxhash.h, whose functions are compiled in: no library to load.
#include "base/hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace topk {

std::uint64_t hash_item(item_view const& item, std::uint64_t seed) noexcept {
  // Each type has a seed of its own, so that 1, '1' and x'31' meet by chance only. The odd
  // constant (2^64 over the golden ratio) spreads the type over all bits of the seed.
  auto const type_seed = static_cast<std::uint64_t>(item.type) * 0x9E3779B97F4A7C15U;
  return XXH3_64bits_withSeed(item.bytes.data(), item.bytes.size(), seed ^ type_seed);
}

std::uint64_t checksum(byte_view bytes) noexcept { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace topk
