// Count-Min: shape, error bounds, merging and encoding.
#include "sketch/count_min.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "base/hash.hpp"
#include "random.hpp"

using namespace topk;
using sketch::count_min;

namespace {

count_min make(double eps, double confidence, std::uint64_t seed = 0) {
  auto const form = count_min::shape_for(eps, confidence, seed);
  REQUIRE(form);
  return count_min(*form);
}

std::uint64_t hash_of(std::int64_t number, std::uint64_t seed) {
  return hash_item(item::integer(number), seed);
}

}  // namespace

TEST_CASE("the shape is e / eps by ln(1 / (1 - confidence)), rounded up", "[sketch][count_min]") {
  for (double const eps : {0.5, 0.1, 0.01, 0.001, 0.0001}) {
    for (double const confidence : {0.5, 0.9, 0.99, 0.999, 0.999999}) {
      auto const form = count_min::shape_for(eps, confidence, 0);
      REQUIRE(form);
      CHECK(form->width == static_cast<std::uint32_t>(std::ceil(std::exp(1.0) / eps)));
      CHECK(form->depth == static_cast<std::uint32_t>(std::ceil(std::log(1 / (1 - confidence)))));
      CHECK(count_min::eps_of(*form) <= eps);
      CHECK(count_min::confidence_of(*form) >= confidence - 1e-12);
    }
  }
}

TEST_CASE("eps and confidence outside (0, 1), and 2^23 counters, are refused",
          "[sketch][count_min]") {
  for (double const bad : {0.0, 1.0, -0.1, 1.5, std::nan("")}) {
    CHECK_FALSE(count_min::shape_for(bad, 0.9, 0));
    CHECK_FALSE(count_min::shape_for(0.1, bad, 0));
  }
  CHECK_FALSE(count_min::shape_for(1e-8, 0.9, 0));
  CHECK_FALSE(count_min::shape_for(1e-300, 0.9, 0));
}

TEST_CASE("true <= estimate always, and estimate - eps N <= true with the confidence",
          "[sketch][count_min][property]") {
  constexpr double eps = 0.01;
  constexpr double confidence = 0.95;
  std::int64_t asked = 0;
  std::int64_t beyond = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    auto sketch = make(eps, confidence, seed);
    test::random_source random(seed);
    std::map<std::int64_t, std::int64_t> truth;
    for (int i = 0; i < 20'000; ++i) {
      // Log-uniform over 2^14 values: close to Zipf 1.0.
      auto const number =
          static_cast<std::int64_t>(random.next() % (std::uint64_t{2} << (random.next() % 14)));
      sketch.add(hash_of(number, seed), 1);
      ++truth[number];
    }
    for (auto const& [number, count] : truth) {
      auto const estimate = sketch.estimate(hash_of(number, seed));
      REQUIRE(estimate >= count);
      ++asked;
      beyond +=
          static_cast<double>(estimate - count) > eps * static_cast<double>(sketch.total()) ? 1 : 0;
    }
  }
  // At most 5 % of the items may be beyond eps N; here it is far less, as the stream is skewed.
  CHECK(static_cast<double>(beyond) <= (1 - confidence) * static_cast<double>(asked));
}

TEST_CASE("merging adds, subtracting undoes it", "[sketch][count_min]") {
  auto a = make(0.1, 0.9);
  auto b = make(0.1, 0.9);
  for (int i = 0; i < 100; ++i) a.add(hash_of(i, 0), 1), b.add(hash_of(i * 3, 0), 2);
  auto const before = a.encode();
  REQUIRE(a.merge(b));
  CHECK(a.total() == 300);
  CHECK(a.estimate(hash_of(3, 0)) >= 3);
  a.subtract(b);
  CHECK(a.encode() == before);
}

TEST_CASE("a Count-Min blob comes back, and any cut or flipped one is refused",
          "[sketch][count_min]") {
  auto sketch = make(0.2, 0.9, 5);
  for (int i = 0; i < 1000; ++i) sketch.add(hash_of(i % 17, 5), 1);
  auto const blob = sketch.encode();
  auto const back = count_min::decode(blob);
  REQUIRE(back);
  CHECK(back->encode() == blob);
  CHECK(back->form() == sketch.form());
  for (std::size_t size = 0; size < blob.size(); ++size) {
    CHECK_FALSE(count_min::decode(byte_view(blob).first(size)));
  }
  for (std::size_t bit = 0; bit < 8 * blob.size(); ++bit) {
    auto flipped = blob;
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    CHECK_FALSE(count_min::decode(flipped));
  }
}
