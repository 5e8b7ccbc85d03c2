// XXH3 of more than a few bytes, out of line: what is long costs more than a call.
#include "base/hash.hpp"

namespace topk {

std::uint64_t hash_long(std::string_view bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint64_t checksum(byte_view bytes) noexcept { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace topk
