// What MSVC gets in place of the builtins of g++ and clang++ returns the same.
#include "base/compiler.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

// Where sums and products begin not to fit, and numbers in between.
std::vector<std::int64_t> edges() {
  std::vector<std::int64_t> out{least, least + 1, -1, 0, 1, most - 1, most, 3037000499, 3037000500};
  for (int bit = 1; bit < 63; bit += 3) {
    std::int64_t const power = std::int64_t{1} << bit;
    for (std::int64_t const near : {power - 1, power, power + 1}) {
      out.push_back(near);
      out.push_back(-near);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("sums and products that do not fit are found with and without builtins", "[base][wide]") {
  using topk::plain::add_overflows;
  using topk::plain::multiply_overflows;
  for (auto const a : edges()) {
    for (auto const b : edges()) {
      CAPTURE(a, b);
      std::int64_t expected = 0;
      std::int64_t found = 0;
      bool const sum_overflows = topk::add_overflows(a, b, expected);
      REQUIRE(add_overflows(a, b, found) == sum_overflows);
      if (!sum_overflows) REQUIRE(found == expected);
      bool const product_overflows = topk::multiply_overflows(a, b, expected);
      REQUIRE(multiply_overflows(a, b, found) == product_overflows);
      if (!product_overflows) REQUIRE(found == expected);
    }
  }
  std::int64_t out = 0;
  CHECK(multiply_overflows(least, -1, out));
  CHECK_FALSE(multiply_overflows(least / 2, 2, out));
  CHECK(out == least);
}

TEST_CASE("bytes are reversed with and without builtins", "[base][wide]") {
  CHECK(topk::plain::reversed_bytes(0x0102030405060708) == 0x0807060504030201);
  for (auto const each : edges()) {
    auto const of = static_cast<std::uint64_t>(each);
    REQUIRE(topk::plain::reversed_bytes(of) == topk::reversed_bytes(of));
  }
}
