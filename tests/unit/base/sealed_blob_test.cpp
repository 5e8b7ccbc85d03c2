// The envelope of stored blobs: every way to be wrong, and the message for each.
#include "base/sealed_blob.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "kit/printers.hpp"

using topk::blob_format;
using topk::byte_view;
using topk::byte_writer;
using topk::errc;

namespace {

constexpr blob_format plain_thing{"plain thing", 0xA1, {}, 3};
constexpr blob_format related_thing{"related thing", 0xA2, std::uint8_t{7}, 3};

std::vector<std::byte> sealed(blob_format const& format, std::uint8_t body) {
  byte_writer out;
  begin_sealed(out, format);
  out.put(body);
  return seal(out);
}

std::string message(byte_view in, blob_format const& format, errc code) {
  auto const opened = open_sealed(in, format);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == code);
  return opened.error().message;
}

}  // namespace

TEST_CASE("a sealed blob opens to its body, and to nothing else", "[base][sealed_blob]") {
  for (auto const& format : {plain_thing, related_thing}) {
    auto const blob = sealed(format, 42);
    CHECK(blob.size() == (format.family ? 3U : 2U) + 1 + 4);
    auto opened = open_sealed(blob, format);
    REQUIRE(opened);
    CHECK(opened->take<std::uint8_t>() == 42);
    CHECK(opened->remaining() == 0);

    for (std::size_t size = 0; size < blob.size(); ++size) {
      INFO(size << " bytes of " << blob.size());
      CHECK_FALSE(open_sealed(byte_view(blob).first(size), format));
    }
    for (std::size_t bit = 0; bit < 8 * blob.size(); ++bit) {
      auto flipped = blob;
      flipped[bit / 8] ^= std::byte{1} << (bit % 8);
      INFO("bit " << bit);
      CHECK_FALSE(open_sealed(flipped, format));
    }
  }
}

TEST_CASE("each way to be wrong has one message", "[base][sealed_blob]") {
  auto const blob = sealed(related_thing, 42);
  CHECK(message(byte_view(blob).first(2), related_thing, errc::corrupt) ==
        "related thing: shorter than its preamble");
  CHECK(message(byte_view(blob).first(6), related_thing, errc::corrupt) ==
        "related thing: shorter than its checksum");
  CHECK(message(byte_view(blob).first(7), related_thing, errc::corrupt) ==
        "related thing: checksum does not match");
  auto const other = "related thing: its first bytes are those of something else";
  auto sister = related_thing;
  sister.family = std::uint8_t{8};
  CHECK(message(sealed(sister, 42), related_thing, errc::corrupt) == other);
  CHECK(message(sealed(plain_thing, 42), related_thing, errc::corrupt) == other);

  auto damaged = blob;
  damaged[2] = std::byte{0};
  CHECK(message(damaged, related_thing, errc::corrupt) == "related thing: version 0");
}

TEST_CASE("a newer version is refused with both numbers, whatever its checksum is",
          "[base][sealed_blob]") {
  auto newer = sealed(related_thing, 42);
  newer[2] = std::byte{4};
  auto const expected =
      "related thing: format version 4 is newer than version 3, the newest that this release reads";
  CHECK(message(newer, related_thing, errc::unsupported_version) == expected);
  CHECK(message(byte_view(newer).first(3), related_thing, errc::unsupported_version) == expected);
}
