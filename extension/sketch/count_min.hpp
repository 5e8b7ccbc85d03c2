// A linear Count-Min sketch: counters that add, merge and subtract.
//
//   Cormode, Muthukrishnan. "An Improved Data Stream Summary: The Count-Min Sketch and its
//   Applications", Journal of Algorithms 55(1), 2005.
//
// depth rows of width counters; an item adds to one counter of each row. Its estimate is the least
// of them. With width >= e / eps and depth >= ln(1 / (1 - confidence)), and N the sum of all
// weights:
//   true <= estimate always, and estimate - eps * N <= true with probability at least `confidence`
// for an item chosen without knowledge of the seed. No conservative update: that would not be
// linear. Counters are 64 bits wide.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/status.hpp"

namespace topk::sketch {

class count_min {
 public:
  struct shape {
    std::uint32_t width = 1;
    std::uint32_t depth = 1;
    std::uint64_t seed = 0;  // of hash_item
    friend bool operator==(shape const&, shape const&) = default;
  };

  // The least shape that keeps the promise; errc::invalid_argument where eps or confidence is not
  // between 0 and 1, exclusive, or the shape has more than greatest_cells.
  static result<shape> shape_for(double eps, double confidence, std::uint64_t seed);
  // The promise of a shape: eps = e / width, confidence = 1 - e^-depth.
  [[nodiscard]] static double eps_of(shape const& of) noexcept;
  [[nodiscard]] static double confidence_of(shape const& of) noexcept;

  explicit count_min(shape const& of);

  // `hash` is hash_item(item, seed). Adding with -1 undoes an add. Cost: depth counters.
  void add(std::uint64_t hash, std::int64_t weight) noexcept;
  [[nodiscard]] std::int64_t estimate(std::uint64_t hash) const noexcept;
  // Requires: equal shapes. False, and nothing changed, if the total would pass 2^62.
  [[nodiscard]] bool merge(count_min const& other) noexcept;
  // Requires: `other` was merged before.
  void subtract(count_min const& other) noexcept;

  [[nodiscard]] shape const& form() const noexcept { return shape_; }
  [[nodiscard]] std::int64_t total() const noexcept { return total_; }

  // FORMAT.md, "count-min v1".
  [[nodiscard]] std::vector<std::byte> encode() const;
  // errc::corrupt or errc::unsupported_version; never allocates more than 8 times in.size().
  static result<count_min> decode(byte_view in);

 private:
  [[nodiscard]] std::size_t cell(std::uint64_t hash, std::uint32_t row) const noexcept;

  shape shape_;
  std::vector<std::int64_t> cells_;  // row by row
  std::int64_t total_ = 0;
};

}  // namespace topk::sketch
