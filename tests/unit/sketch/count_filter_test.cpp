// Filter cells never read too little, and saturate without wrapping.
#include <catch2/catch.hpp>

#include <random>
#include <unordered_map>

#include "sketch/count_filter.hpp"

using namespace topk::sketch;

TEST_CASE("a filter never reads less than was raised, and 0 before", "[sketch][count_filter]") {
  for (std::uint32_t const width : {1U, 6U, 7U, 600U}) {
    count_filter filter(width);
    REQUIRE_FALSE(filter.is_made());
    REQUIRE(filter.read(123, -1) == 0);
    REQUIRE(filter.memory_bytes() == 0);
    filter.reserve();
    REQUIRE_FALSE(filter.is_made());
    REQUIRE(filter.read(123, -1) == 0);

    std::mt19937_64 random(width);
    std::unordered_map<std::uint64_t, std::int64_t> raised;
    std::int64_t greatest = 0;
    for (int i = 0; i < 300; ++i) {
      auto const hash = random();
      auto const value = static_cast<std::int64_t>(1 + random() % 1000);
      filter.raise(hash, value);
      raised[hash] = value;
      greatest = std::max(greatest, value);
      REQUIRE(filter.read(hash, -1) >= value);
    }
    for (auto const& [hash, value] : raised) {
      REQUIRE(filter.read(hash, -1) >= value);
      REQUIRE(filter.read(hash, -1) <= greatest);
    }
    REQUIRE(filter.is_made());
  }
}

TEST_CASE("the smaller of the two cells counts", "[sketch][count_filter]") {
  // Wide enough that one raised item shares at most one cell with nearly every other.
  count_filter filter(6000);
  filter.reserve();
  filter.raise(0x123456789ABCDEF0, 9);
  std::mt19937_64 random(1);
  int overstated = 0;
  for (int i = 0; i < 10'000; ++i) overstated += filter.read(random(), -1) != 0;
  // Both cells shared: 10^4 trials at (1/6000)^2, 0.0003 expected; one row alone: 1.7 expected.
  REQUIRE(overstated == 0);
}

TEST_CASE("a saturated filter cell says so", "[sketch][count_filter]") {
  count_filter filter(10);
  filter.reserve();
  filter.raise(5, std::int64_t{count_filter::saturated} - 1);
  REQUIRE(filter.read(5, -1) == std::int64_t{count_filter::saturated} - 1);
  filter.raise(5, std::int64_t{1} << 60);
  REQUIRE(filter.read(5, -1) == -1);
  REQUIRE(filter.read(5, 77) == 77);
}

TEST_CASE("positions stay in their row", "[sketch][count_filter]") {
  std::mt19937_64 random(2);
  for (std::uint32_t const width : {1U, 2U, 6U, 7200U, 6U << 20}) {
    for (int i = 0; i < 1000; ++i) {
      auto const [first, second] = count_filter::positions(random(), width);
      REQUIRE(first < width);
      REQUIRE((second >= width && second < 2 * std::size_t{width}));
    }
    auto const [first, second] = count_filter::positions(~std::uint64_t{0}, width);
    REQUIRE((first < width && second < 2 * std::size_t{width}));
  }
}
