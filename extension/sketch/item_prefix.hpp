// Most comparisons of items decided by one integer comparison: for sorting many at once.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/compiler.hpp"
#include "base/item.hpp"

namespace topk::sketch {

// Eight bytes as a number that compares as they do.
[[nodiscard]] inline std::uint64_t big_endian(char const* bytes) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return std::endian::native == std::endian::big ? word : reversed_bytes(word);
}
// How many of the first `most` bytes are the same.
[[nodiscard]] inline std::size_t shared_bytes(char const* a, char const* b,
                                              std::size_t most) noexcept {
  std::size_t same = 0;
  for (; same + 8 <= most; same += 8) {
    std::uint64_t const differ = big_endian(a + same) ^ big_endian(b + same);
    if (differ != 0) return same + static_cast<std::size_t>(std::countl_zero(differ)) / 8;
  }
  while (same < most && a[same] == b[same]) ++same;
  return same;
}

// Where items of one set begin to differ. Of two items of the set, the one with the lesser prefix()
// comes first in item_before's order; with equal prefixes, ask item_before. Sets of one type only
// have prefixes that differ, and REALs do not.
class item_prefix {
 public:
  // item_at(i), for i in 0..count-1: the set.
  template <class ItemAt>
  item_prefix(std::size_t count, ItemAt&& item_at) noexcept {
    if (count == 0) return;
    item_view const first = item_at(0);
    type_ = first.type;
    common_ = first.bytes.size();
    for (std::size_t i = 1; i < count; ++i) {
      item_view const other = item_at(i);
      if (other.type != type_ || type_ == item_type::real) {
        is_mixed_ = true;
        return;
      }
      common_ = shared_bytes(first.bytes.data(), other.bytes.data(),
                             std::min(common_, other.bytes.size()));
    }
  }

  [[nodiscard]] std::uint64_t operator()(item_view const& item) const noexcept {
    if (is_mixed_) return 0;
    if (type_ == item_type::integer) {
      return static_cast<std::uint64_t>(integer_of(item)) ^ (std::uint64_t{1} << 63);
    }
    if (type_ == item_type::real) return 0;
    // The next eight bytes as a big-endian number; past the end zeros, which sort first as the end
    // does.
    char const* const end = item.bytes.data() + item.bytes.size();
    std::size_t const size = std::min<std::size_t>(item.bytes.size() - common_, 8);
    if (size == 0) return 0;
    if (size == 8) return big_endian(item.bytes.data() + common_);
    // The last eight bytes, those before the common end shifted out.
    if (item.bytes.size() >= 8) return big_endian(end - 8) << (64 - 8 * size);
    std::uint64_t prefix = 0;
    for (std::size_t i = 0; i < size; ++i) {
      prefix |= std::uint64_t{static_cast<unsigned char>(item.bytes[common_ + i])} << (56 - 8 * i);
    }
    return prefix;
  }

 private:
  item_type type_ = item_type::text;
  std::size_t common_ = 0;  // bytes that all items begin with
  bool is_mixed_ = false;
};

}  // namespace topk::sketch
