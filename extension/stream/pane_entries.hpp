// The entries of a stored pane, each looked up in a large map.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/compiler.hpp"
#include "base/hash.hpp"
#include "base/memory_budget.hpp"
#include "sketch/summary.hpp"
#include "stream/item_map.hpp"

namespace topk::stream {

// The items whose hashes lie in [first, last]: all, one, or a slice of them.
struct hash_range {
  std::uint64_t first = 0;
  std::uint64_t last = ~std::uint64_t{0};

  [[nodiscard]] bool contains(std::uint64_t hash) const noexcept {
    return hash - first <= last - first;
  }
  [[nodiscard]] bool is_all() const noexcept { return last - first == ~std::uint64_t{0}; }
};

// Capacity hint for the union of `panes` panes of this size. Capped: most panes of a range are
// usually absent, and a hint that is too low only costs some copying.
[[nodiscard]] inline std::size_t expected_keys(sketch::stored_summary const& pane,
                                               std::size_t panes) noexcept {
  constexpr std::size_t most_panes = 100;
  constexpr std::size_t most_keys = std::size_t{1} << 16;
  return std::min(pane.entries().size() * std::min(panes, most_panes), most_keys);
}

// Calls visitor(entry, hash) for each entry of the pane. The visitor looks that item up in `map`,
// whose memory for it has been prefetched by then. `hashes` is scratch space.
template <class Value, class Visitor>
void each_entry(sketch::stored_summary const& pane, std::uint64_t seed, item_map<Value> const& map,
                budgeted<std::uint64_t>& hashes, Visitor const& visitor) {
  auto const& entries = pane.entries();
  hashes.clear();
  for (auto const& entry : entries) hashes.push_back(hash_item(entry.item, seed));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + map.index_ahead < entries.size()) {
      TOPK_PREFETCH(map.index_address(hashes[i + map.index_ahead]));
    }
    if (i + map.entry_ahead < entries.size()) {
      TOPK_PREFETCH(map.entry_address(hashes[i + map.entry_ahead]));
    }
    visitor(entries[i], hashes[i]);
  }
}

}  // namespace topk::stream
