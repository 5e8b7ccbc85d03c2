// Items made to collide under a seed that somebody guessed do not collide under another.
#include <catch2/catch.hpp>

#include <algorithm>

#include "kit/crafted_items.hpp"

using namespace topk;
using namespace topk::test;

namespace {

constexpr int bits = 10;

// Items in the fullest of 2^bits homes.
std::size_t fullest_home(std::vector<std::string> const& items, std::uint64_t seed) {
  std::vector<std::size_t> homes(std::size_t{1} << bits);
  for (auto const& text : items) {
    ++homes[hash_item(item_view{item_type::text, text}, seed) >> (64 - bits)];
  }
  return *std::max_element(homes.begin(), homes.end());
}

}  // namespace

TEST_CASE("items that collide under one seed spread under every other", "[base][hash][hostile]") {
  auto const items = colliding_items(4096, 0, bits);
  REQUIRE(fullest_home(items, 0) == items.size());
  // Four a home on average: by chance none of 1024 homes has 20 in 100 seeds (Poisson: below 1e-3).
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    INFO(seed);
    CHECK(fullest_home(items, seed) < 20);
    CHECK(fullest_home(items, seed << 56) < 20);
  }
}
