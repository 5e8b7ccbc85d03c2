// Two rows of u32 cells that bound from above what was raised into them: Space-Saving's filter.
//
// An item reads as the smaller of its two cells, so it is overstated only if it shares both.
// Raising never lowers a cell (conservative update). A cell at 2^32-1 is saturated: its item may
// have more.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace topk::sketch {

class count_filter {
 public:
  static constexpr std::uint32_t saturated = std::numeric_limits<std::uint32_t>::max();
  // Cells a row for each entry of the summary: 48 bytes an entry, both rows together.
  static constexpr std::uint32_t cells_per_entry = 6;

  explicit count_filter(std::uint32_t width) noexcept : width_(width) {}

  // The item's cells, row 0's in 0..width-1, row 1's in width..2*width-1. FORMAT.md, "pane v1".
  [[nodiscard]] static std::array<std::size_t, 2> positions(std::uint64_t hash,
                                                            std::uint32_t width) noexcept {
    return {position(hash * 0x9E3779B97F4A7C15u, width),
            width + position(hash * 0xC2B2AE3D27D4EB4Fu, width)};
  }

  // True once something was raised: until then every item reads as 0 and nothing is stored.
  [[nodiscard]] bool is_made() const noexcept { return is_made_; }

  // Allocates the cells, so that raise cannot fail. On bad_alloc nothing changed.
  void reserve() {
    if (cells_.empty()) cells_.resize(std::size_t{2} * width_);
  }

  // What the item may have; `if_saturated` where the cells cannot tell.
  [[nodiscard]] std::int64_t read(std::uint64_t hash, std::int64_t if_saturated) const noexcept {
    if (!is_made_) return 0;
    auto const [first, second] = positions(hash, width_);
    std::uint32_t const least = std::min(cells_[first], cells_[second]);
    return least == saturated ? if_saturated : std::int64_t{least};
  }

  // Requires: value > 0, reserve() was called.
  void raise(std::uint64_t hash, std::int64_t value) noexcept {
    assert(value > 0 && !cells_.empty());
    auto const cell = static_cast<std::uint32_t>(std::min<std::int64_t>(value, saturated));
    for (std::size_t const at : positions(hash, width_)) cells_[at] = std::max(cells_[at], cell);
    is_made_ = true;
  }

  // Raises the item by `weight` if it then has no more than `most`, and returns what it has; else
  // 0. Requires: is_made(), weight > 0, most < saturated.
  [[nodiscard]] std::int64_t raise_within(std::uint64_t hash, std::int64_t weight,
                                          std::int64_t most) noexcept {
    auto const [first, second] = positions(hash, width_);
    std::uint32_t& a = cells_[first];
    std::uint32_t& b = cells_[second];
    std::int64_t const value = std::min(a, b) + weight;
    if (value > most) return 0;
    auto const cell = static_cast<std::uint32_t>(value);
    a = std::max(a, cell);
    b = std::max(b, cell);
    return value;
  }

  [[nodiscard]] std::uint32_t width() const noexcept { return width_; }
  [[nodiscard]] std::span<std::uint32_t const> cells() const noexcept { return cells_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return cells_.capacity() * sizeof(std::uint32_t);
  }

  // A filter as it was stored. Requires: 2 * width cells, not all zero.
  static count_filter restored(std::uint32_t width, std::vector<std::uint32_t> cells) noexcept {
    count_filter filter(width);
    filter.cells_ = std::move(cells);
    filter.is_made_ = true;
    return filter;
  }

 private:
  // The high 32 bits of the product, scaled to 0..width-1.
  [[nodiscard]] static std::size_t position(std::uint64_t product, std::uint32_t width) noexcept {
    return static_cast<std::size_t>(((product >> 32) * width) >> 32);
  }

  std::uint32_t width_;
  bool is_made_ = false;
  std::vector<std::uint32_t> cells_;
};

}  // namespace topk::sketch
