// Reading and writing numbers: a whole value or nothing, and one spelling of each.
#include "base/bytes.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string_view>

using topk::as_bytes;
using topk::byte_reader;
using topk::byte_writer;

namespace {

byte_reader reading(std::string_view text) { return byte_reader(as_bytes(text)); }

}  // namespace

TEST_CASE("fixed-width numbers are little-endian", "[base][bytes]") {
  byte_writer out;
  out.put(std::uint8_t{0xD5});
  out.put(std::uint16_t{0x0102});
  out.put(std::uint32_t{0x03040506});
  out.put(std::uint64_t{0x0708090A0B0C0D0E});
  CHECK(topk::as_text(out.view()) ==
        "\xD5\x02\x01\x06\x05\x04\x03\x0E\x0D\x0C\x0B\x0A\x09\x08\x07");
  byte_reader in(out.view());
  CHECK(in.take<std::uint8_t>() == std::uint8_t{0xD5});
  CHECK(in.take<std::uint16_t>() == std::uint16_t{0x0102});
  CHECK(in.take<std::uint32_t>() == 0x03040506U);
  CHECK(in.take<std::uint64_t>() == 0x0708090A0B0C0D0EU);
  CHECK(in.remaining() == 0);
}

TEST_CASE("a take is a whole value, or nothing and no movement", "[base][bytes]") {
  auto in = reading("abc");
  CHECK_FALSE(in.take<std::uint32_t>());
  CHECK_FALSE(in.take<std::uint64_t>());
  CHECK_FALSE(in.take_bytes(4));
  CHECK_FALSE(in.take_bytes(std::numeric_limits<std::uint64_t>::max()));
  CHECK(in.remaining() == 3);
  CHECK(topk::as_text(in.take_bytes(3).value()) == "abc");
  CHECK_FALSE(in.take<std::uint8_t>());
  CHECK(in.take_bytes(0).value().empty());

  auto cut = reading("\xFF\xFF");
  CHECK_FALSE(cut.take_varint());
  CHECK(cut.remaining() == 2);
}

TEST_CASE("a varint comes back, at every length", "[base][bytes]") {
  for (unsigned bit = 0; bit < 64; ++bit) {
    auto const power = std::uint64_t{1} << bit;
    for (auto const value : {power - 1, power, power + 1, ~power, ~std::uint64_t{0}}) {
      byte_writer out;
      out.put_varint(value);
      CHECK(out.size() <= 10);
      byte_reader in(out.view());
      CHECK(in.take_varint() == value);
      CHECK(in.remaining() == 0);
    }
  }
}

TEST_CASE("a varint has one spelling", "[base][bytes]") {
  CHECK(reading(std::string_view("\0", 1)).take_varint() == std::uint64_t{0});
  CHECK_FALSE(reading(std::string_view("\x80\0", 2)).take_varint());
  CHECK_FALSE(reading(std::string_view("\xFF\x80\0", 3)).take_varint());
  CHECK(reading("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01").take_varint() == ~std::uint64_t{0});
  // Bits past 64, and an eleventh byte.
  CHECK_FALSE(reading("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02").take_varint());
  CHECK_FALSE(reading("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x81\x01").take_varint());
}

TEST_CASE("small magnitudes of either sign are one byte", "[base][bytes]") {
  for (std::int64_t value = -64; value < 64; ++value) {
    byte_writer out;
    out.put_signed(value);
    CHECK(out.size() == 1);
    byte_reader in(out.view());
    CHECK(in.take_signed() == value);
  }
  for (auto const value :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    byte_writer out;
    out.put_signed(value);
    byte_reader in(out.view());
    CHECK(in.take_signed() == value);
  }
}

TEST_CASE("a count is held against the bytes that remain", "[base][bytes]") {
  auto const in = reading("0123456789");
  CHECK(in.can_hold(0, 4));
  CHECK(in.can_hold(2, 4));
  CHECK_FALSE(in.can_hold(3, 4));
  CHECK(in.can_hold(10, 1));
  CHECK_FALSE(in.can_hold(std::numeric_limits<std::uint64_t>::max(), 16));
}
