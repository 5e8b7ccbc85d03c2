// Pinned hashes. Stored filters are indexed by them: when one of these changes, the sketches in
// existing database files point nowhere, and the pane format needs a new version.
#include "base/hash.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>

using topk::hash_item;
using topk::item;

namespace {

// The bytes of the test vectors that come with xxHash: the top bytes of a multiplicative sequence.
std::string published_bytes(std::size_t size) {
  std::string bytes;
  std::uint64_t generator = 2654435761U;
  for (std::size_t i = 0; i < size; ++i) {
    bytes.push_back(static_cast<char>(generator >> 56));
    generator *= 11400714785074694797U;
  }
  return bytes;
}

struct text_hash {
  std::size_t size;
  std::uint64_t seed_0;
  std::uint64_t seed_1;
};

// Both sides of each of XXH3's length branches.
constexpr std::array<text_hash, 16> text_hashes{{
    {0, 0x71AE583DBB2C6E11, 0x5E41738B30A54E56},
    {1, 0x60EADFB4DCABBA31, 0x5CFDC5981AFB4148},
    {3, 0x19D8327295AE0BEA, 0xF7E891F3042A97B2},
    {4, 0xB3532EB855EC9696, 0xA0E93394348D918C},
    {8, 0x7DCDD40D9C6A1CC5, 0xFD0C787B1C223747},
    {9, 0x56A28DF033FBBF0B, 0x6442ED7F76B955FB},
    {15, 0x9595E2566A9D6C7A, 0x675AE3DDC8CDF91F},
    {16, 0x748B86A16B47941A, 0xC517EB56AC1E57A2},
    {17, 0x107535A160137162, 0x53930C9F0A8FBB5A},
    {64, 0x338F493CF2A13499, 0x37958CAE0DF394F8},
    {65, 0xC09FEF6AA6FAB361, 0xC7F2D481D4AF8A87},
    {128, 0xF1B5D5BE9004D73D, 0xAFAA8252D9FB4143},
    {129, 0x2D21C3EC5A6669D6, 0x901855BF2965B927},
    {240, 0x042D7375664BFC4B, 0x12B113E927CFE571},
    {241, 0x944AD11735B807B3, 0x6CD7E647B2206415},
    {1024, 0x524E3286F813DF2D, 0x42F2AA22753842E3},
}};

struct integer_hash {
  std::int64_t value;
  std::uint64_t hash;
};
constexpr std::array<integer_hash, 5> integer_hashes{{
    {0, 0x2BB4F68B01D81594},
    {1, 0x9C6D59351007B444},
    {-1, 0x6B3812DB73FC9A44},
    {1700000000, 0x23F9BCB71FE34311},
    {std::numeric_limits<std::int64_t>::min(), 0x197E4840F6657880},
}};

struct real_hash {
  double value;
  std::uint64_t hash;
};
constexpr std::array<real_hash, 3> real_hashes{{
    {0.5, 0x880CEEFB5C50D51B},
    {-0.1, 0x1B61CA8F94AAFF6F},
    {1e+300, 0x40616BEC37A4D039},
}};

}  // namespace

TEST_CASE("the hash of a text is what it was", "[golden][hash]") {
  for (auto const& [size, seed_0, seed_1] : text_hashes) {
    INFO(size << " bytes");
    auto const text = item::text(published_bytes(size));
    CHECK(hash_item(text, 0) == seed_0);
    CHECK(hash_item(text, 0x0123456789ABCDEF) == seed_1);
  }
}

TEST_CASE("the hash of a number is what it was", "[golden][hash]") {
  for (auto const& [value, hash] : integer_hashes) {
    INFO(value);
    CHECK(hash_item(item::integer(value), 42) == hash);
  }
  for (auto const& [value, hash] : real_hashes) {
    INFO(value);
    CHECK(hash_item(item::real(value), 42) == hash);
  }
}

TEST_CASE("the hash of a blob is what it was", "[golden][hash]") {
  CHECK(hash_item(item::blob(""), 42) == 0xC3510D05DFF7CC54);
  CHECK(hash_item(item::blob("0123456789"), 42) == 0x5533EF46F18E8FD7);
}

TEST_CASE("a checksum is XXH3-64 as published", "[golden][hash]") {
  struct published {
    std::size_t size;
    std::uint64_t value;
  };
  // From the sanity checks of xxHash 0.8.
  constexpr std::array<published, 10> vectors{{
      {0, 0x2D06800538D394C2},
      {1, 0xC44BDFF4074EECDB},
      {6, 0x27B56A84CD2D7325},
      {12, 0xA713DAF0DFBB77E7},
      {24, 0xA3FE70BF9D3510EB},
      {48, 0x397DA259ECBA1F11},
      {80, 0xBCDEFBBB2C47C90A},
      {195, 0xCD94217EE362EC3A},
      {403, 0xCDEB804D65C6DEA4},
      {512, 0x617E49599013CB6B},
  }};
  for (auto const& [size, value] : vectors) {
    INFO(size << " bytes");
    CHECK(topk::checksum(topk::as_bytes(published_bytes(size))) == value);
  }
}
