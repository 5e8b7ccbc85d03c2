// The entries of a closed pane v2: by item, each TEXT and BLOB as what it adds to the one before.
//
//   Witten, Moffat, Bell. "Managing Gigabytes", 1999, 4.1 (front coding).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "sketch/summary_types.hpp"

namespace topk::sketch {

// Sorts the entries, and writes them. `is_signed`: some lo is below 0. Cost: n log n.
void put_entries_by_item(byte_writer& out, std::vector<entry_view>& entries, bool is_signed);

// The bytes of items that are not stored as such, which entries borrow.
struct spelled_items {
  std::shared_ptr<char[]> bytes;
  std::size_t size = 0;
};

// Reads what put_entries_by_item wrote; null, or what is wrong. Never allocates more than 128 times
// the bytes there. Checked: items are distinct, in order and canonical, the form is the only one
// for these entries, and hi - lo <= widest; hi and lo lie within 2^62 and `base` allows them.
[[nodiscard]] char const* take_entries_by_item(byte_reader& in, bool is_signed, bounds const& base,
                                               std::uint64_t widest,
                                               std::vector<entry_view>& entries,
                                               spelled_items& spelled);

}  // namespace topk::sketch
