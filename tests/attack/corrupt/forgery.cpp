#include "forgery.hpp"

#include <algorithm>
#include <array>

#include "base/bytes.hpp"
#include "base/hash.hpp"
#include "kit/settings.hpp"

namespace topk::test {
namespace {

constexpr std::size_t checksum_bytes = 4;

// Where a count, a length, a weight or a time may go wrong.
constexpr std::array<std::uint64_t, 12> limits = {0,
                                                  1,
                                                  std::uint64_t{1} << 12,
                                                  std::uint64_t{1} << 20,
                                                  (std::uint64_t{1} << 20) + 1,
                                                  (std::uint64_t{1} << 31) - 1,
                                                  std::uint64_t{1} << 32,
                                                  (std::uint64_t{1} << 62) - 1,
                                                  std::uint64_t{1} << 62,
                                                  (std::uint64_t{1} << 63) - 1,
                                                  std::uint64_t{1} << 63,
                                                  ~std::uint64_t{0}};

// Counts all inputs of the process, so that a stride takes every kind of damage in turn.
bool is_taken() {
  static std::size_t count = 0;
  return count++ % stride() == 0;
}

// Bytes of the varint at `at`, whatever it is; at least one.
std::size_t varint_size(std::string const& bytes, std::size_t at) {
  std::size_t end = at;
  while (end < bytes.size() && (static_cast<unsigned char>(bytes[end]) & 0x80) != 0) ++end;
  return std::min(end + 1, bytes.size()) - at;
}

}  // namespace

std::size_t stride() {
  static auto const wanted = std::max<std::int64_t>(setting("TOPK_CORRUPT_STRIDE", 1, 27), 1);
  return static_cast<std::size_t>(wanted);
}

std::string resealed(std::string bytes) {
  if (bytes.size() < checksum_bytes) return bytes;
  std::size_t const body = bytes.size() - checksum_bytes;
  auto sum = checksum(as_bytes(std::string_view(bytes).substr(0, body)));
  for (std::size_t at = body; at < bytes.size(); ++at, sum >>= 8) {
    bytes[at] = static_cast<char>(sum & 0xFF);
  }
  return bytes;
}

std::string with_flipped_bit(std::string bytes, std::size_t bit) {
  bytes[bit / 8] =
      static_cast<char>(static_cast<unsigned char>(bytes[bit / 8]) ^ (1U << (bit % 8)));
  return bytes;
}

std::string varint(std::uint64_t value) {
  byte_writer out;
  out.put_varint(value);
  return std::string(as_text(out.view()));
}

void each_damage(std::string const& bytes, take_blob const& take) {
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    if (is_taken()) take("cut to " + std::to_string(length), bytes.substr(0, length));
  }
  if (is_taken()) take("one byte longer", bytes + '\0');
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    if (is_taken()) take("bit " + std::to_string(bit), with_flipped_bit(bytes, bit));
  }
}

void each_forgery(std::string const& bytes, take_blob const& take) {
  each_damage(bytes, [&](std::string const& what, std::string const& damaged) {
    take(what + ", sealed", resealed(damaged));
  });
  for (std::size_t at = 2; at + checksum_bytes < bytes.size();) {
    std::size_t const size = varint_size(bytes, at);
    for (auto const limit : limits) {
      if (!is_taken()) continue;
      take("varint at " + std::to_string(at) + " = " + std::to_string(limit),
           resealed(bytes.substr(0, at) + varint(limit) + bytes.substr(at + size)));
    }
    at += size;
  }
}

}  // namespace topk::test
