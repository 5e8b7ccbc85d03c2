// Events in arrival order, with their items' bytes in one arena: a pending transaction, or the tail.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
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

class event_batch {
 public:
  // On bad_alloc the batch is unchanged.
  void append(event_fields const& fields) {
    std::size_t const start = arena_.size();
    if (rows_.size() == rows_.capacity()) rows_.reserve(2 * rows_.size() + 16);
    if (needed(fields) > arena_.capacity()) arena_.reserve(2 * needed(fields) + 256);
    arena_.append(fields.item.bytes);
    if (fields.has_partition) arena_.append(fields.partition.bytes);
    rows_.push_back({.seq = fields.seq,
                     .ts = fields.ts,
                     .weight = fields.weight,
                     .now = fields.now,
                     .hash = fields.hash,
                     .start = start,
                     .item_size = static_cast<std::uint32_t>(fields.item.bytes.size()),
                     .partition_size = static_cast<std::uint32_t>(fields.partition.bytes.size()),
                     .type = fields.item.type,
                     .partition_type = fields.partition.type,
                     .has_partition = fields.has_partition,
                     .held = fields.held});
  }

  [[nodiscard]] event_fields operator[](std::size_t i) const noexcept {
    auto const& row = rows_[i];
    return {.seq = row.seq,
            .ts = row.ts,
            .weight = row.weight,
            .item = {row.type, {arena_.data() + row.start, row.item_size}},
            .hash = row.hash,
            .partition = {row.partition_type,
                          {arena_.data() + row.start + row.item_size, row.partition_size}},
            .has_partition = row.has_partition,
            .now = row.now,
            .held = row.held};
  }

  void set_held(std::size_t i, bool held) noexcept { rows_[i].held = held; }
  // Keeps the first `count` events.
  void truncate(std::size_t count) noexcept {
    if (count >= rows_.size()) return;
    arena_.resize(rows_[count].start);
    rows_.resize(count);
  }
  // Drops the events and, beyond a modest size, their memory too.
  void clear() noexcept {
    rows_.clear();
    arena_.clear();
    if (memory_bytes() > kept_bytes) {
      rows_ = {};
      arena_ = {};
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  [[nodiscard]] std::size_t used_bytes() const noexcept {
    return rows_.size() * sizeof(row) + arena_.size();
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return rows_.capacity() * sizeof(row) + arena_.capacity();
  }

 private:
  struct row {
    std::int64_t seq;
    micros ts;
    std::int64_t weight;
    micros now;
    std::uint64_t hash;
    std::size_t start;
    std::uint32_t item_size;
    std::uint32_t partition_size;
    item_type type;
    item_type partition_type;
    bool has_partition;
    bool held;
  };
  static constexpr std::size_t kept_bytes = 64 * 1024;

  [[nodiscard]] std::size_t needed(event_fields const& fields) const noexcept {
    return arena_.size() + fields.item.bytes.size() + fields.partition.bytes.size();
  }

  std::vector<row> rows_;
  std::string arena_;
};

}  // namespace topk::stream
