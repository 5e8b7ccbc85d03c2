// 128-bit integers by halves: against numbers worked out by hand, and by laws of arithmetic.
#include "base/wide.hpp"

#include <catch2/catch.hpp>

#include "base/saturate.hpp"
#include "kit/random.hpp"

using namespace topk;

namespace {

constexpr std::uint64_t all_ones = ~std::uint64_t{0};

bool are_equal(wide const& a, wide const& b) { return a.high == b.high && a.low == b.low; }

}  // namespace

TEST_CASE("products of 64-bit numbers are whole", "[base][wide]") {
  CHECK(are_equal(product(0, all_ones), {0, 0}));
  CHECK(are_equal(product(1, all_ones), {0, all_ones}));
  CHECK(are_equal(product(all_ones, all_ones), {all_ones - 1, 1}));
  CHECK(are_equal(product(0xFFFFFFFF, 0x1'0000'0001), {0, all_ones}));
  CHECK(are_equal(product(std::uint64_t{1} << 62, std::uint64_t{1} << 62),
                  {std::uint64_t{1} << 60, 0}));
  CHECK(are_equal(product(0x123456789ABCDEF0, 0x0FEDCBA987654321),
                  {0x0121FA00AD77D742, 0x2236D88FE5618CF0}));
}

TEST_CASE("sums and differences carry, and compare by the upper half first", "[base][wide]") {
  CHECK(are_equal(wide{0, all_ones} + wide{0, 1}, {1, 0}));
  CHECK(are_equal(wide{1, 0} - wide{0, 1}, {0, all_ones}));
  CHECK(wide{0, all_ones} < wide{1, 0});
  CHECK(wide{1, 1} > wide{1, 0});
}

TEST_CASE("a product divided by one factor is the other, and remainders come back",
          "[base][wide]") {
  test::random_source random(7);
  for (int i = 0; i < 2000; ++i) {
    std::uint64_t const a = random.next() >> random.below(64);
    std::uint64_t const b = (random.next() >> random.below(64)) | 1;
    std::uint64_t const rest = random.below(b);
    auto const [quotient, remainder] = divide(product(a, b) + wide{0, rest}, b);
    CHECK(quotient == a);
    CHECK(remainder == rest);
  }
}

TEST_CASE("a share of a large number is rounded down, also below 0", "[base][wide]") {
  constexpr std::int64_t large = greatest_sum;
  CHECK(scaled(large, 2, 3) == 3074457345618258602);
  CHECK(scaled(-large, 2, 3) == -3074457345618258603);
  CHECK(scaled(-large, 3, 3) == -large);
  CHECK(scaled(large, large, large) == large);
  CHECK(scaled(-7, 1, 2) == -4);
}
