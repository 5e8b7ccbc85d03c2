// The exact count of every item ever seen: what summaries and windows are compared with where no
// SQL is involved. kit/oracle.hpp is the same for streams as SQL sees them; it knows values, since
// an oracle of items would believe the code under test about which values are one item.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/hash.hpp"

namespace topk::test {

class exact_counts {
 public:
  struct record {
    item what;
    std::uint64_t hash;
    std::int64_t count;  // the signed sum of weights
  };

  // Items are hashed under `seed`, for whoever looks them up.
  explicit exact_counts(std::uint64_t seed) : seed_(seed) {}

  void add(item_view item, std::int64_t weight) {
    records_[position(item)].count += weight;
    total_ += weight;
  }
  void add(exact_counts const& other) {
    for (auto const& one : other.records_) records_[position(one.what)].count += one.count;
    total_ += other.total_;
  }
  void forget(item_view item) { total_ -= std::exchange(records_[position(item)].count, 0); }

  [[nodiscard]] std::vector<record> const& records() const noexcept { return records_; }
  [[nodiscard]] std::int64_t total() const noexcept { return total_; }
  // The k greatest above 0, by (count desc, item asc).
  [[nodiscard]] std::vector<record> top(std::size_t k) const {
    std::vector<record> all;
    std::copy_if(records_.begin(), records_.end(), std::back_inserter(all),
                 [](record const& one) { return one.count > 0; });
    std::sort(all.begin(), all.end(), [](record const& a, record const& b) {
      return a.count != b.count ? a.count > b.count : item_before(a.what, b.what);
    });
    if (all.size() > k) all.erase(all.begin() + static_cast<std::ptrdiff_t>(k), all.end());
    return all;
  }

 private:
  std::size_t position(item_view item) {
    std::string key(1, static_cast<char>(item.type));
    key += item.bytes;
    auto const [at, is_new] = positions_.try_emplace(std::move(key), records_.size());
    if (is_new) records_.push_back({topk::item(item), hash_item(item, seed_), 0});
    return at->second;
  }

  std::uint64_t seed_;
  std::vector<record> records_;
  std::unordered_map<std::string, std::size_t> positions_;
  std::int64_t total_ = 0;
};

}  // namespace topk::test
