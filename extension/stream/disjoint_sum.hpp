// Sources that share no item, added up: as where events are partitioned by item, each item has a
// count other than 0 in one of them at most.
//
// A source that holds the item as [lo, hi] with 0 outside is certain of it; then the count is 0 in
// all others, and these are its bounds, whatever the others may have left out. If no source is
// certain of it, the item has what one of them says, held or not: it lies within the hull of all.
// If two are, it was shared after all, and the bounds are those of sources that share items
// (stream/panes_sum), which always hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sketch/relative_bounds.hpp"
#include "sketch/summary.hpp"
#include "stream/item_map.hpp"

namespace topk::stream {

class disjoint_sum {
 public:
  void add(sketch::stored_summary const& source, std::uint64_t seed);
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  // All as one source, which may be added to others that share no item with these: the `keep`
  // greatest items.
  [[nodiscard]] std::vector<std::byte> encode(std::size_t keep) const;

 private:
  struct held {
    sketch::relative_bounds sum;  // as of sources that share it
    sketch::bounds hull;          // of what its holders say
    sketch::bounds certain;       // what the last holder says that is certain of it
    std::int64_t holders = 0;
    std::int64_t certain_holders = 0;
  };
  [[nodiscard]] sketch::bounds bounds_of(held const& item) const noexcept;

  item_map<held> items_;
  budgeted<std::uint64_t> hashes_;  // of the source that is being added
  sketch::bounds absent_sum_;
  sketch::bounds absent_hull_;
  sketch::pane_totals totals_;
  std::int64_t sources_ = 0;
};

}  // namespace topk::stream
