// An item: a SQLite value as a key. One storage class and its bytes.
//
// Canonical form: INTEGER and REAL are eight bytes, little-endian; a REAL that equals an INTEGER is
// that INTEGER (so 1 and 1.0 are one item, and -0.0 is 0). Then two items are one exactly when type
// and bytes are equal, which is what GROUP BY with the BINARY collation says of the values.
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"

namespace topk {

// SQLite's storage classes, in SQLite's order of values (numbers before text before blobs).
enum class item_type : std::uint8_t { integer = 1, real = 2, text = 3, blob = 4 };

// A borrowed item. Valid as long as the bytes it points to.
struct item_view {
  item_type type = item_type::text;
  std::string_view bytes;

  friend bool operator==(item_view const& a, item_view const& b) noexcept {
    return a.type == b.type && a.bytes == b.bytes;
  }
};

// SQLite's order of values: numbers by value, then text, then blobs, both by memcmp.
[[nodiscard]] std::strong_ordering compare_items(item_view const& a, item_view const& b) noexcept;

[[nodiscard]] inline bool item_before(item_view const& a, item_view const& b) noexcept {
  return compare_items(a, b) < 0;
}

// The number in an item. Requires: the type, and eight bytes.
[[nodiscard]] std::int64_t integer_of(item_view const& item) noexcept;
[[nodiscard]] double real_of(item_view const& item) noexcept;

// Whether type and size fit together and a REAL is not one that should be an INTEGER (or a NaN).
[[nodiscard]] bool is_canonical(item_view const& item) noexcept;

// An item that owns its bytes. 32 bytes; up to 23 bytes inline, longer ones on the heap.
class item {
 public:
  static constexpr std::size_t inline_capacity = 23;

  item() noexcept : type_(item_type::text), size_(0), small_{} {}
  explicit item(item_view const& from);
  item(item const& other) : item(other.view()) {}
  item(item&& other) noexcept { take(other); }
  item& operator=(item const& other) {
    if (this != &other) *this = item(other.view());
    return *this;
  }
  item& operator=(item&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~item() { release(); }

  static item integer(std::int64_t value);
  // Canonical: becomes an INTEGER item where it equals one. Requires: not a NaN.
  static item real(double value);
  static item text(std::string_view value) { return item({item_type::text, value}); }
  static item blob(std::string_view value) { return item({item_type::blob, value}); }

  [[nodiscard]] item_view view() const noexcept {
    return {type_, {is_inline() ? small_ : large_, size_}};
  }
  operator item_view() const noexcept { return view(); }
  // Bytes on the heap, for memory accounting.
  [[nodiscard]] std::size_t heap_bytes() const noexcept { return is_inline() ? 0 : size_; }

  friend bool operator==(item const& a, item const& b) noexcept { return a.view() == b.view(); }

 private:
  [[nodiscard]] bool is_inline() const noexcept { return size_ <= inline_capacity; }
  void release() noexcept {
    // The analyzer of clang 14 destroys the value of a std::optional twice: in its reset, then with its union.
    if (!is_inline()) delete[] large_;  // NOLINT(clang-analyzer-cplusplus.NewDelete)
  }
  void take(item& other) noexcept {
    type_ = other.type_;
    size_ = other.size_;
    std::memcpy(small_, other.small_, sizeof(small_));
    other.size_ = 0;
  }

  item_type type_;
  std::uint32_t size_;
  union {
    char small_[inline_capacity + 1];
    char* large_;
  };
};

}  // namespace topk
