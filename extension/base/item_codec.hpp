// An item as bytes of a stored blob.
#pragma once

#include <cstddef>

#include "base/bytes.hpp"
#include "base/item.hpp"

namespace topk {

inline constexpr std::size_t item_number_bytes = 8;

// varint(size * 4 + type - 1), then the bytes. A number has no size: an INTEGER follows as a signed
// varint, a REAL as its eight bytes.
inline void put_item(byte_writer& out, item_view const& item) {
  auto const type = static_cast<std::uint64_t>(item.type) - 1;
  switch (item.type) {
    case item_type::integer:
      out.put_varint(type);
      out.put_signed(integer_of(item));
      return;
    case item_type::real: out.put_varint(type); break;
    case item_type::null:  // no item is one
    case item_type::text:
    case item_type::blob: out.put_varint(std::uint64_t{item.bytes.size()} << 2 | type);
  }
  out.put_bytes(as_bytes(item.bytes));
}

// False: no item was written there. Borrows from the blob, except the eight bytes of an INTEGER:
// those go to `integer_at`, which moves behind them.
[[nodiscard]] inline bool take_item(byte_reader& in, char*& integer_at, item_view& item) noexcept {
  std::uint64_t header = 0;
  if (!in.take_varint(header) || header >> 2 > 0x3FFFFFFF) return false;
  item.type = static_cast<item_type>((header & 3) + 1);
  std::uint64_t byte_size = header >> 2;
  if (item.type == item_type::integer) {
    std::uint64_t spelled = 0;
    if (!in.take_varint(spelled) || byte_size != 0) return false;
    auto const value = static_cast<std::uint64_t>(unzigzag(spelled));
    for (std::size_t i = 0; i < item_number_bytes; ++i) {
      integer_at[i] = static_cast<char>(value >> (8 * i) & 0xFF);
    }
    item.bytes = {integer_at, item_number_bytes};
    integer_at += item_number_bytes;
    return true;
  }
  bool const is_real = item.type == item_type::real;
  if (is_real && byte_size != 0) return false;
  if (is_real) byte_size = item_number_bytes;
  auto const bytes = in.take_bytes(byte_size);
  if (!bytes) return false;
  item.bytes = as_text(*bytes);
  return !is_real || is_canonical(item);
}

}  // namespace topk
