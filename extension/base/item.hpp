// An item: a SQLite value as a key. One storage class and its bytes.
//
// Canonical form: INTEGER and REAL are eight bytes, little-endian; a REAL that equals an INTEGER is
// that INTEGER (so 1 and 1.0 are one item, and -0.0 is 0). Two items are then the same exactly when
// type and bytes are equal, as in a GROUP BY with the BINARY collation.
#pragma once

#include <cassert>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/memory_budget.hpp"

namespace topk {

// SQLite's storage classes, in SQLite's order of values (NULL before numbers before text before
// blobs). No item is a NULL.
enum class item_type : std::uint8_t { null = 0, integer = 1, real = 2, text = 3, blob = 4 };

// Whether `size` bytes are equal. As memcmp, without its call for the sizes that most items have.
[[nodiscard]] inline bool same_bytes(char const* a, char const* b, std::size_t size) noexcept {
  if (size < 8 || size > 32) return size == 0 || std::memcmp(a, b, size) == 0;
  auto const differ = [&](std::size_t at) {
    std::uint64_t of_a = 0;
    std::uint64_t of_b = 0;
    std::memcpy(&of_a, a + at, 8);
    std::memcpy(&of_b, b + at, 8);
    return of_a ^ of_b;
  };
  std::uint64_t differences = differ(size - 8);  // the loop may meet some of these again
  for (std::size_t at = 0; at + 8 < size; at += 8) differences |= differ(at);
  return differences == 0;
}

// Copies `size` bytes. As memcpy, without its call for the sizes that most items have: in eights,
// the last of which may overlap. Requires: the two do not overlap.
inline void copy_bytes(char* to, char const* from, std::size_t size) noexcept {
  if (size < 8 || size > 24) {
    if (size != 0) std::memcpy(to, from, size);
    return;
  }
  std::memcpy(to, from, 8);
  if (size > 16) std::memcpy(to + 8, from + 8, 8);
  std::memcpy(to + size - 8, from + size - 8, 8);
}

// A borrowed item. Valid as long as the bytes it points to.
struct item_view {
  item_type type = item_type::text;
  std::string_view bytes;

  friend bool operator==(item_view const& a, item_view const& b) noexcept {
    return a.type == b.type && a.bytes.size() == b.bytes.size() &&
           same_bytes(a.bytes.data(), b.bytes.data(), a.bytes.size());
  }
};

// SQLite's order of values: numbers by value, then text, then blobs, both by memcmp.
[[nodiscard]] std::strong_ordering compare_items(item_view const& a, item_view const& b) noexcept;

[[nodiscard]] inline bool item_before(item_view const& a, item_view const& b) noexcept {
  return compare_items(a, b) < 0;
}

// As a partition: the events without one.
inline constexpr item_view no_partition{item_type::null, ""};

// The items of a number, whose eight bytes go to `bytes`: what the view borrows. A REAL that equals
// an INTEGER becomes that INTEGER. Requires: not a NaN.
[[nodiscard]] inline item_view integer_view(std::int64_t value, char (&bytes)[8]) noexcept {
  auto const bits = static_cast<std::uint64_t>(value);
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(bits >> (8 * i) & 0xFF);
  return {item_type::integer, {bytes, 8}};
}
[[nodiscard]] item_view real_view(double value, char (&bytes)[8]) noexcept;

// The number in an item. Requires: the type, and eight bytes.
[[nodiscard]] std::int64_t integer_of(item_view const& item) noexcept;
[[nodiscard]] double real_of(item_view const& item) noexcept;

// Whether type and size fit together and a REAL is not one that should be an INTEGER (or a NaN).
[[nodiscard]] bool is_canonical(item_view const& item) noexcept;

// An item that owns its bytes. 24 bytes; up to 20 bytes inline, longer ones on the heap.
//
//   [ size and type u32 | 20 bytes                     ]     inline
//   [ size and type u32 | unused u32 | pointer | ..    ]     on the heap
class item {
 public:
  static constexpr std::size_t inline_capacity = 20;

  // Size and type as one number: its size above two bits of the type. Two items are equal when
  // these are and their bytes are. Items are shorter than 2^30 bytes, as SQLite's values are.
  using packed_form = std::uint32_t;
  // Requires: not no_partition, whose form is 0 (no INTEGER is empty).
  [[nodiscard]] static packed_form pack(item_view const& of) noexcept {
    assert(of.type != item_type::null && of.bytes.size() < std::size_t{1} << 30);
    return static_cast<packed_form>(of.bytes.size()) << 2 | (static_cast<packed_form>(of.type) - 1);
  }

  item() noexcept : packed_(pack({item_type::text, {}})), small_{} {}
  explicit item(item_view const& from) : packed_(from.type == item_type::null ? 0 : pack(from)) {
    if (is_inline()) {
      copy_bytes(small_, from.bytes.data(), from.bytes.size());
    } else {
      take_to_heap(from.bytes);
    }
  }
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

  [[nodiscard]] packed_form packed() const noexcept { return packed_; }
  [[nodiscard]] char const* data() const noexcept { return is_inline() ? small_ : on_heap(); }
  [[nodiscard]] item_view view() const noexcept {
    auto const type = packed_ == 0 ? item_type::null : static_cast<item_type>((packed_ & 3) + 1);
    return {type, {data(), size()}};
  }
  operator item_view() const noexcept { return view(); }
  // What the bytes take from the heap, for memory accounting.
  [[nodiscard]] std::size_t heap_bytes() const noexcept {
    return is_inline() ? 0 : topk::heap_bytes_of(size());
  }
  // The same of an item made of these.
  [[nodiscard]] static std::size_t heap_bytes_of(item_view const& of) noexcept {
    return of.bytes.size() <= inline_capacity ? 0 : topk::heap_bytes_of(of.bytes.size());
  }

  friend bool operator==(item const& a, item const& b) noexcept { return a.view() == b.view(); }

 private:
  static constexpr std::size_t pointer_at = 4;  // aligned, where a pointer takes eight bytes

  [[nodiscard]] std::size_t size() const noexcept { return packed_ >> 2; }
  [[nodiscard]] bool is_inline() const noexcept {
    return packed_ < packed_form{inline_capacity + 1} << 2;
  }
  [[nodiscard]] char* on_heap() const noexcept {
    char* bytes = nullptr;
    std::memcpy(&bytes, small_ + pointer_at, sizeof(bytes));
    return bytes;
  }
  void release() noexcept {
    // The analyzer of clang 14 destroys the value of a std::optional twice: in its reset, then with
    // its union.
    if (!is_inline()) delete[] on_heap();  // NOLINT(clang-analyzer-cplusplus.NewDelete)
  }
  void take_to_heap(std::string_view bytes);
  void take(item& other) noexcept {
    packed_ = other.packed_;
    std::memcpy(small_, other.small_, sizeof(small_));
    other.packed_ = packed_form{static_cast<std::uint32_t>(item_type::text) - 1};
  }

  alignas(8) packed_form packed_;
  char small_[inline_capacity];
};
// Part of what fills a batch, and so of which panes are written: the same on every CPU.
static_assert(sizeof(item) == 24);

}  // namespace topk
