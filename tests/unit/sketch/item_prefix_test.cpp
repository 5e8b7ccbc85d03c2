// Prefixes agree with the order of items wherever they decide.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "kit/random.hpp"
#include "sketch/item_prefix.hpp"

using namespace topk;

TEST_CASE("prefixes never contradict the order of items", "[unit][sketch]") {
  test::random_source random(20261124);
  for (int round = 0; round < 400; ++round) {
    std::vector<item> set;
    std::string const begin(random.below(12), round % 3 == 0 ? '\xFF' : 'a');
    std::size_t const size = 1 + random.below(30);
    for (std::size_t i = 0; i < size; ++i) {
      std::string end;
      for (auto left = random.below(11); left > 0; --left) end += "\0\x01z\xFF"[random.below(4)];
      switch (round % 5) {
        case 0:
          set.push_back(item::integer(static_cast<std::int64_t>(random.below(1000)) - 500));
          break;
        case 1: set.push_back(item::blob(begin + end)); break;
        case 2: set.push_back(item::real(static_cast<double>(random.below(9)) + 0.5 - 4)); break;
        case 3: set.push_back(random.below(2) == 0 ? item::text(end) : item::integer(7)); break;
        default: set.push_back(item::text(begin + end)); break;
      }
    }
    sketch::item_prefix const prefix_of(set.size(), [&](std::size_t i) { return set[i].view(); });
    for (auto const& a : set) {
      for (auto const& b : set) {
        if (prefix_of(a) < prefix_of(b)) REQUIRE(item_before(a, b));
      }
    }
  }
}

TEST_CASE("prefixes order items of one type where their first bytes differ", "[unit][sketch]") {
  std::vector<item> const set = {item::text("item00000000001"), item::text("item00000000002"),
                                 item::text("item0000000")};
  sketch::item_prefix const prefix_of(set.size(), [&](std::size_t i) { return set[i].view(); });
  CHECK(prefix_of(set[0]) < prefix_of(set[1]));
  CHECK(prefix_of(set[2]) < prefix_of(set[0]));
}
