// Bounded little-endian reading and writing of bytes, the same on every CPU.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace topk {

using byte_view = std::span<std::byte const>;

[[nodiscard]] inline byte_view as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span<char const>(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(byte_view bytes) noexcept {
  return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

// Zigzag: small magnitudes of either sign become small unsigned numbers.
[[nodiscard]] constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
[[nodiscard]] constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

// Appends to a byte vector.
class byte_writer {
 public:
  template <class T>
  requires std::is_unsigned_v<T>
  void put(T value) {
    make_room(sizeof(T));
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes_[size_++] = static_cast<std::byte>(value & 0xFF);
      if constexpr (sizeof(T) > 1) value = static_cast<T>(value >> 8);
    }
  }
  // LEB128: seven bits a byte, low bits first.
  void put_varint(std::uint64_t value) {
    make_room(longest_varint);
    while (value >= 0x80) {
      bytes_[size_++] = static_cast<std::byte>((value & 0x7F) | 0x80);
      value >>= 7;
    }
    bytes_[size_++] = static_cast<std::byte>(value);
  }
  void put_signed(std::int64_t value) { put_varint(zigzag(value)); }
  void put_bytes(byte_view bytes) {
    make_room(bytes.size());
    std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += bytes.size();
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] byte_view view() const noexcept { return byte_view(bytes_).first(size_); }
  [[nodiscard]] std::vector<std::byte> release() {
    bytes_.resize(size_);
    return std::move(bytes_);
  }
  void reserve(std::size_t byte_size) { make_room(byte_size); }

 private:
  static constexpr std::size_t longest_varint = 10;
  static constexpr std::size_t modest = 64 * 1024;

  // Doubles, and beyond a modest size grows by a quarter: while it grows it is there twice.
  void make_room(std::size_t more) {
    if (bytes_.size() - size_ >= more) return;
    bytes_.resize(size_ + std::max(size_ < modest ? size_ : size_ / 4, more) + 64);
  }

  std::vector<std::byte> bytes_;  // longer than what is written, so that a byte costs no call
  std::size_t size_ = 0;
};

// Reads what byte_writer wrote. Every take is a whole value, or nothing and no movement.
class byte_reader {
 public:
  explicit byte_reader(byte_view in) noexcept : at_(in.data()), end_(in.data() + in.size()) {}

  template <class T>
  requires std::is_unsigned_v<T>
  [[nodiscard]] std::optional<T> take() noexcept {
    if (remaining() < sizeof(T)) return std::nullopt;
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      value = static_cast<T>(value | (static_cast<T>(std::to_integer<T>(at_[i])) << (8 * i)));
    }
    at_ += sizeof(T);
    return value;
  }
  // Refuses more than ten bytes, bits past 64, and spellings longer than needed: one value, one
  // form.
  [[nodiscard]] std::optional<std::uint64_t> take_varint() noexcept {
    std::uint64_t value = 0;
    if (!take_varint(value)) return std::nullopt;
    return value;
  }
  [[nodiscard]] std::optional<std::int64_t> take_signed() noexcept {
    std::uint64_t value = 0;
    if (!take_varint(value)) return std::nullopt;
    return unzigzag(value);
  }
  // The same without an optional, which compilers carry through memory: for what is read by the
  // million.
  [[nodiscard]] bool take_varint(std::uint64_t& value) noexcept {
    if (end_ - at_ >= 2) {  // most are one byte or two
      auto const low = std::to_integer<std::uint64_t>(at_[0]);
      if (low < 0x80) {
        value = low;
        ++at_;
        return true;
      }
      auto const high = std::to_integer<std::uint64_t>(at_[1]);
      if (high < 0x80 && high != 0) {
        value = (low & 0x7F) | high << 7;
        at_ += 2;
        return true;
      }
    }
    return take_long_varint(value);
  }
  [[nodiscard]] std::optional<byte_view> take_bytes(std::uint64_t count) noexcept {
    if (count > remaining()) return std::nullopt;
    byte_view const taken(at_, static_cast<std::size_t>(count));
    at_ += static_cast<std::size_t>(count);
    return taken;
  }
  // Whether `count` things of at least `least_bytes` each can still follow: ask before reserving.
  [[nodiscard]] bool can_hold(std::uint64_t count, std::size_t least_bytes) const noexcept {
    return count <= remaining() / least_bytes;
  }
  [[nodiscard]] std::size_t remaining() const noexcept {
    return static_cast<std::size_t>(end_ - at_);
  }
  // The bytes not taken yet.
  [[nodiscard]] byte_view rest() const noexcept { return {at_, remaining()}; }

 private:
  [[nodiscard]] bool take_long_varint(std::uint64_t& value) noexcept {
    std::uint64_t sum = 0;
    std::byte const* at = at_;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (at == end_) return false;
      auto const byte = std::to_integer<std::uint64_t>(*at++);
      if (shift == 63 && byte > 1) return false;
      sum |= (byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) {
        if (byte == 0 && shift > 0) return false;
        at_ = at;
        value = sum;
        return true;
      }
    }
    return false;
  }

  std::byte const* at_;
  std::byte const* end_;
};

}  // namespace topk
