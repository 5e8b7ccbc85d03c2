// Pinned bytes of a Count-Min sketch: stored in users' tables, read by every later release, on
// every CPU.
#include <catch2/catch.hpp>

#include "base/hash.hpp"
#include "sketch/count_min.hpp"

using namespace topk;
using sketch::count_min;

TEST_CASE("pinned: a Count-Min sketch", "[golden][sketch]") {
  constexpr std::uint64_t seed = 0x1234;
  auto const shape = count_min::shape_for(0.5, 0.8, seed);
  REQUIRE(shape);
  count_min sketch(*shape);
  sketch.add(hash_item(item::text("apple"), seed), 1);
  sketch.add(hash_item(item::text("apple"), seed), 1);
  sketch.add(hash_item(item::integer(7), seed), 1);
  std::vector<std::uint8_t> const pinned = {0xd5, 0x02, 0x01,  // magic, family, version
                                            0x06, 0x02,        // width, depth
                                            0x34, 0x12, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,  // seed
                                            0x03,                                // total
                                            0x00, 0x02, 0x01, 0x00, 0x00, 0x00,  // row 0
                                            0x00, 0x00, 0x02, 0x00, 0x00, 0x01,  // row 1
                                            0xad, 0x23, 0xa2, 0xda};             // checksum
  std::vector<std::uint8_t> written;
  for (auto const byte : sketch.encode()) written.push_back(std::to_integer<std::uint8_t>(byte));
  CHECK(written == pinned);
  std::vector<std::byte> bytes;
  for (auto const byte : pinned) bytes.push_back(std::byte{byte});
  auto const back = count_min::decode(bytes);
  REQUIRE(back);
  CHECK(back->encode() == bytes);
}
