// Exact sums of weights per item, in and out, with the top K of them at any time.
//
// For the frames of window functions: SQLite keeps their rows anyway, so an exact count needs
// memory of the same order, and the inverse of a step is the step with its weight negated.
//
//   bucket of sum c: the items whose sum is c, a list through their slots; buckets in order of c
//   (Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data
//   Streams", ICDT 2005: the Stream-Summary list, kept exact.)
//
// A step of weight 1 moves an item to a neighbouring bucket: O(1). Another weight searches the
// buckets: O(log of the distinct sums). Top K walks the buckets from the greatest sum. Of a bucket
// that it needs only a part of, the least items count (the order of answers): a big bucket keeps
// its least ones sorted, renewed when they run out, O(1) amortised unless sums are taken out in
// order. The order is made by keep_order(); until then this is a plain hash table.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/item.hpp"
#include "sketch/slot_index.hpp"
#include "sketch/summary.hpp"

namespace topk::sketch {

class frame_counts {
 public:
  // Adds to the item's sum; an item whose sum is 0 is not held. Sums of |weight| stay below 2^62:
  // the caller's duty. On bad_alloc nothing changed.
  void add(item_view const& item, std::uint64_t hash, std::int64_t weight);
  // From now on the order is kept at every step. On bad_alloc nothing changed.
  void keep_order();

  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }
  [[nodiscard]] entry_view entry(std::size_t at) const noexcept {
    return {items_[at], slots_[at].sum, slots_[at].sum};
  }
  // The k items with the greatest sums above 0, ties by item.
  [[nodiscard]] std::vector<entry_view> top(std::size_t k);
  [[nodiscard]] bool is_consistent() const;

 private:
  static constexpr std::uint32_t none = wide_slot_index::none;

  struct bucket {
    std::uint32_t first = none;
    std::uint32_t size = 0;
    // Empty, or the least members, descending: every other member comes after least.front().
    std::vector<std::uint32_t> least;
  };
  using bucket_map = std::map<std::int64_t, bucket>;
  struct slot {
    std::uint64_t hash;
    std::int64_t sum;
    bucket_map::iterator in;  // where is_ordered_
    std::uint32_t before;
    std::uint32_t after;
  };

  [[nodiscard]] bool comes_before(std::uint32_t a, std::uint32_t b) const noexcept {
    return item_before(items_[a], items_[b]);
  }
  [[nodiscard]] std::vector<std::uint32_t>::iterator place_in_least(bucket& of, std::uint32_t at);
  bucket_map::iterator bucket_of(std::int64_t sum, bucket_map::iterator near);
  void link(bucket_map::iterator to, std::uint32_t at) noexcept;
  void unlink(std::uint32_t at) noexcept;
  void remove(std::uint32_t at) noexcept;
  void append_least(bucket& of, std::size_t count, std::vector<entry_view>& to);

  wide_slot_index index_;
  std::vector<slot> slots_;  // dense
  std::vector<item> items_;
  bucket_map buckets_;
  bool is_ordered_ = false;
};

}  // namespace topk::sketch
