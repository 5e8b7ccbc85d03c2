// The hash of an item depends on its type, its bytes and the seed, and spreads over all bits.
#include "base/hash.hpp"

#include <array>
#include <bit>
#include <catch2/catch.hpp>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

using topk::checksum;
using topk::hash_item;
using topk::item;
using topk::item_type;

TEST_CASE("the type is part of the hash", "[base][hash]") {
  for (auto const* bytes : {"", "1", "12345678", "a text that is longer than sixteen bytes"}) {
    std::set<std::uint64_t> hashes;
    for (auto const type :
         {item_type::integer, item_type::real, item_type::text, item_type::blob}) {
      hashes.insert(hash_item({type, bytes}, 7));
    }
    CHECK(hashes.size() == 4);
  }
}

TEST_CASE("the seed is part of the hash", "[base][hash]") {
  for (auto const size : {0, 1, 8, 16, 17, 200, 1000}) {
    item const x = item::text(std::string(static_cast<std::size_t>(size), 'x'));
    std::set<std::uint64_t> hashes;
    for (std::uint64_t seed = 0; seed < 100; ++seed) hashes.insert(hash_item(x, seed));
    CHECK(hashes.size() == 100);
  }
}

TEST_CASE("items that are one item have one hash", "[base][hash]") {
  CHECK(hash_item(item::real(1.0), 42) == hash_item(item::integer(1), 42));
  CHECK(hash_item(item::real(-0.0), 42) == hash_item(item::integer(0), 42));
}

TEST_CASE("small integers spread over all bits of the hash", "[base][hash]") {
  // Each bit is set for about half of the items: of 4096 fair coins, 2048 +- 32 are heads; six
  // standard deviations either side leave 64 bits a chance of about 10^-7 to fail.
  std::array<int, 64> set_count{};
  for (std::int64_t i = 0; i < 4096; ++i) {
    auto const hash = hash_item(item::integer(i), 1);
    for (std::size_t bit = 0; bit < 64; ++bit) set_count[bit] += static_cast<int>(hash >> bit & 1);
  }
  for (auto const count : set_count) {
    CHECK(count > 2048 - 192);
    CHECK(count < 2048 + 192);
  }
}

TEST_CASE("a checksum notices any single flipped bit", "[base][hash]") {
  std::vector<std::byte> bytes(300, std::byte{0x5A});
  auto const whole = checksum(bytes);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      bytes[at] ^= std::byte{1} << bit;
      CHECK(checksum(bytes) != whole);
      bytes[at] ^= std::byte{1} << bit;
    }
  }
}
