// The seeded 64-bit hash of an item: XXH3 over its type and bytes.
#pragma once

#include <cstdint>

#include "base/item.hpp"

namespace topk {

// Without the seed nobody can make items collide; with one seed the value is the same on every CPU.
[[nodiscard]] std::uint64_t hash_item(item_view const& item, std::uint64_t seed) noexcept;

// XXH3 of plain bytes, seed 0: checksums of stored blobs.
[[nodiscard]] std::uint64_t checksum(byte_view bytes) noexcept;

}  // namespace topk
