// Items that somebody who knows the code, but not a stream's seed, would send to slow it down.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/hash.hpp"

namespace topk::test {

// `count` texts whose hashes under `seed` agree in their high `bits`: in an index of up to 2^bits
// groups they all have one home. Some count * 2^bits hashes to find.
inline std::vector<std::string> colliding_items(std::size_t count, std::uint64_t seed, int bits) {
  std::vector<std::string> found;
  for (std::uint64_t number = 0; found.size() < count; ++number) {
    std::string text = "item" + std::to_string(number);
    if (hash_item(item_view{item_type::text, text}, seed) >> (64 - bits) == 0) {
      found.push_back(std::move(text));
    }
  }
  return found;
}

}  // namespace topk::test
