// Events in arrival order, with their items' bytes in one arena: a pending transaction, or the tail.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "base/item.hpp"
#include "stream/duration.hpp"

namespace topk::stream {

inline constexpr micros no_time = std::numeric_limits<micros>::min();

// What is known of an event before it is stored. Views borrow.
struct event_fields {
  std::int64_t seq = 0;
  micros ts = 0;
  std::int64_t weight = 1;
  item_view item{};
  std::uint64_t hash = 0;          // hash_item(item, seed of the stream)
  item_view partition{};           // only with has_partition
  bool has_partition = false;
  micros now = no_time;            // the clock at arrival, only where ts was ahead of it
  bool held = false;               // waits for its row in the log
};

// 32 bytes an event and its item. What few events have, a weight other than 1, a partition, a clock
// that was behind, lies beside the item's bytes; sequence numbers are kept where they do not go up by one.
class event_batch {
 public:
  // On bad_alloc the batch is unchanged.
  void append(event_fields const& fields) {
    bool const has_more = fields.weight != 1 || fields.has_partition || fields.now != no_time;
    std::size_t const item_size = fields.item.bytes.size();
    make_room(rows_, 1);
    make_room(arena_, item_size + (has_more ? sizeof(more) + fields.partition.bytes.size() : 0));
    if (rows_.empty() || fields.seq != next_seq_) jumps_.push_back({rows_.size(), fields.seq});
    next_seq_ = fields.seq + 1;
    rows_.push_back({.ts = fields.ts,
                     .hash = fields.hash,
                     .start = arena_.size(),
                     .item_size = static_cast<std::uint32_t>(item_size),
                     .type = fields.item.type,
                     .held = fields.held,
                     .has_more = has_more});
    arena_.insert(arena_.end(), fields.item.bytes.begin(), fields.item.bytes.end());
    if (!has_more) return;
    more const beside{.weight = fields.weight,
                      .now = fields.now,
                      .partition_size = static_cast<std::uint32_t>(fields.partition.bytes.size()),
                      .partition_type = fields.partition.type,
                      .has_partition = fields.has_partition};
    auto const* const bytes = reinterpret_cast<char const*>(&beside);
    arena_.insert(arena_.end(), bytes, bytes + sizeof(beside));
    arena_.insert(arena_.end(), fields.partition.bytes.begin(), fields.partition.bytes.end());
    has_partitions_ = has_partitions_ || fields.has_partition;
  }

  [[nodiscard]] event_fields operator[](std::size_t i) const noexcept {
    auto const& row = rows_[i];
    char const* const item = arena_.data() + row.start;
    event_fields fields{.seq = seq_of(i),
                        .ts = row.ts,
                        .item = {row.type, {item, row.item_size}},
                        .hash = row.hash,
                        .held = row.held};
    if (row.has_more) {
      more beside;
      std::memcpy(&beside, item + row.item_size, sizeof(beside));
      fields.weight = beside.weight;
      fields.now = beside.now;
      fields.has_partition = beside.has_partition;
      fields.partition = {beside.partition_type,
                          {item + row.item_size + sizeof(beside), beside.partition_size}};
    }
    return fields;
  }
  [[nodiscard]] micros ts_of(std::size_t i) const noexcept { return rows_[i].ts; }
  // False only if no event has a partition.
  [[nodiscard]] bool has_partitions() const noexcept { return has_partitions_; }

  void set_held(std::size_t i, bool held) noexcept { rows_[i].held = held; }
  // Keeps the first `count` events.
  void truncate(std::size_t count) noexcept {
    if (count >= rows_.size()) return;
    if (count == 0) return clear();
    next_seq_ = seq_of(count - 1) + 1;
    while (jumps_.back().at >= count) jumps_.pop_back();
    arena_.resize(rows_[count].start);
    rows_.resize(count);
  }
  // Drops the first `count` events. On bad_alloc the batch is unchanged.
  void drop_front(std::size_t count) {
    if (count >= rows_.size()) return clear();
    std::vector<jump> jumps{{0, seq_of(count)}};
    for (auto const& each : jumps_) {
      if (each.at > count) jumps.push_back({each.at - count, each.seq});
    }
    jumps_ = std::move(jumps);
    std::size_t const bytes = rows_[count].start;
    arena_.erase(arena_.begin(), arena_.begin() + static_cast<std::ptrdiff_t>(bytes));
    rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(count));
    for (auto& row : rows_) row.start -= bytes;
  }
  // Drops the events and, beyond a modest size, their memory too.
  void clear() noexcept {
    rows_.clear();
    arena_.clear();
    jumps_.clear();
    has_partitions_ = false;
    if (memory_bytes() > kept_bytes) {
      rows_ = {};
      arena_ = {};
      jumps_ = {};
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  [[nodiscard]] std::size_t used_bytes() const noexcept {
    return rows_.size() * sizeof(row) + arena_.size() + jumps_.size() * sizeof(jump);
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return rows_.capacity() * sizeof(row) + arena_.capacity() + jumps_.capacity() * sizeof(jump);
  }

 private:
  struct row {
    micros ts;
    std::uint64_t hash;
    std::size_t start;  // of the item in the arena; what `more` there is follows it, then the partition
    std::uint32_t item_size;
    item_type type;
    bool held;
    bool has_more;
  };
  struct more {
    std::int64_t weight = 1;
    micros now = no_time;
    std::uint32_t partition_size = 0;
    item_type partition_type = item_type::text;
    bool has_partition = false;
  };
  struct jump {
    std::size_t at;
    std::int64_t seq;
  };
  static constexpr std::size_t kept_bytes = 64 * 1024;

  // Grows by half: a full batch is most of what a stream takes.
  template <class T>
  static void make_room(std::vector<T>& in, std::size_t count) {
    std::size_t const needed = in.size() + count;
    if (needed > in.capacity()) in.reserve(needed + needed / 2 + 16);
  }
  [[nodiscard]] std::int64_t seq_of(std::size_t i) const noexcept {
    auto after = std::upper_bound(jumps_.begin(), jumps_.end(), i,
                                  [](std::size_t at, jump const& each) { return at < each.at; });
    --after;
    return after->seq + static_cast<std::int64_t>(i - after->at);
  }

  std::vector<row> rows_;
  std::vector<char> arena_;
  std::vector<jump> jumps_;  // never empty beside rows
  std::int64_t next_seq_ = 0;
  bool has_partitions_ = false;
};

}  // namespace topk::stream
