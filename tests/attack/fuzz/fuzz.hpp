// What the fuzz targets share: bytes taken from the input, checks, checksums made right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

namespace topk::fuzz {

// A broken promise ends the run like a crash, so that libFuzzer keeps the input.
inline void require(bool holds, char const* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

// The input, taken piece by piece. Past its end everything is 0 or empty.
class source {
 public:
  source(std::uint8_t const* data, std::size_t size) noexcept : data_(data), left_(size) {}

  [[nodiscard]] bool is_empty() const noexcept { return left_ == 0; }
  std::uint8_t byte() noexcept {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }
  std::int64_t integer() noexcept {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | byte();
    return static_cast<std::int64_t>(value);
  }
  std::string text(std::size_t most) {
    std::size_t const size = most < left_ ? most : left_;
    std::string out(reinterpret_cast<char const*>(data_), size);
    data_ += size;
    left_ -= size;
    return out;
  }
  std::string rest() { return text(left_); }

 private:
  std::uint8_t const* data_;
  std::size_t left_;
};

// The bytes with the checksum that panes and heads end with made right: without that, hardly an
// input would get past it.
[[nodiscard]] std::vector<std::byte> sealed(std::string_view bytes);

}  // namespace topk::fuzz
