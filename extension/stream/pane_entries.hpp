// The entries of a stored pane, each met in a large map.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/hash.hpp"
#include "sketch/summary.hpp"
#include "stream/item_map.hpp"

namespace topk::stream {

// How many keys a map of so many panes like this one may get: a guess that costs little where it is
// wrong, as most of the panes that a range has room for may not be there.
[[nodiscard]] inline std::size_t expected_keys(sketch::stored_summary const& pane,
                                               std::size_t panes) noexcept {
  constexpr std::size_t most_panes = 100;
  constexpr std::size_t most_keys = std::size_t{1} << 16;
  return std::min(pane.entries().size() * std::min(panes, most_panes), most_keys);
}

// Calls visitor(entry, hash) with each entry of the pane; it is to look for that entry's item in
// `map`, where its place is fetched from memory by then. `hashes` is room to work in.
template <class Value, class Visitor>
void each_entry(sketch::stored_summary const& pane, std::uint64_t seed, item_map<Value> const& map,
                std::vector<std::uint64_t>& hashes, Visitor const& visitor) {
  constexpr std::size_t near = item_map<Value>::near;
  constexpr std::size_t far = item_map<Value>::far;
  auto const& entries = pane.entries();
  hashes.clear();
  for (auto const& entry : entries) hashes.push_back(hash_item(entry.item, seed));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i + far < entries.size()) __builtin_prefetch(map.place_of(hashes[i + far]));
    if (i + near < entries.size()) __builtin_prefetch(map.entry_of(hashes[i + near]));
    visitor(entries[i], hashes[i]);
  }
}

}  // namespace topk::stream
