// Events in arrival order, packed: a pending transaction, or the tail.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "base/compiler.hpp"
#include "base/item.hpp"
#include "base/time.hpp"

namespace topk::stream {

inline constexpr micros no_time = std::numeric_limits<micros>::min();

// What is known of an event before it is stored. Views borrow.
struct event_fields {
  std::int64_t seq = 0;
  micros ts = 0;
  std::int64_t weight = 1;
  item_view item{};
  item_view partition{};  // only with has_partition
  bool has_partition = false;
  micros now = no_time;  // the clock at arrival, only where ts was ahead of it
  bool held = false;     // waits for its row in the log

  [[nodiscard]] item_view const& partition_or_none() const noexcept {
    return has_partition ? partition : no_partition;
  }
};

//   chunk     rows    [ ts, start, size and type ] [ ... ]       16 bytes an event
//             bytes   [ flags | item | extra fields, partition ] [ flags | item ] ...
//   jumps_    where a sequence number does not follow the one before
//
// What reads and appends is compiled into the loops that do, which then make only the fields that
// they use.
//
// 17 bytes an event and its item. What few events have (a weight other than 1, a partition, a clock
// that was behind) follows the item's bytes. In chunks, so that the first events can be dropped
// without moving the rest.
class event_batch {
 public:
  // On bad_alloc the batch is unchanged. Items are shorter than 2^30 bytes, as SQLite's values are.
  TOPK_ALWAYS_INLINE void append(event_fields const& fields) {
    bool const has_extra = fields.weight != 1 || fields.has_partition || fields.now != no_time;
    std::size_t const item_size = fields.item.bytes.size();
    std::size_t const size =
        1 + item_size + (has_extra ? sizeof(extra_fields) + fields.partition.bytes.size() : 0);
    bool const is_next = end_ > first_ && fields.seq == next_seq_;
    if (!is_next) make_room(jumps_, 1);
    if (end_ == chunks_.size() * chunk_events) add_chunk();
    chunk& last = chunks_.back();
    make_room(last.rows, 1);
    last.bytes.make_room(size);
    auto const start = static_cast<std::uint32_t>(last.bytes.size);

    // Nothing below throws.
    if (!is_next) jumps_.push_back({dropped_ + end_, fields.seq});
    next_seq_ = fields.seq + 1;
    last.rows.push_back({.ts = fields.ts,
                         .start = start,
                         .size_and_type = static_cast<std::uint32_t>(item_size) << 2 |
                                          (static_cast<std::uint32_t>(fields.item.type) - 1)});
    char* to = last.bytes.data.get() + start;
    last.bytes.size += size;
    *to++ = static_cast<char>((fields.held ? flag_held : 0) | (has_extra ? flag_extra : 0));
    copy_bytes(to, fields.item.bytes.data(), item_size);
    used_bytes_ += sizeof(row) + size;
    ++end_;
    if (!has_extra) return;
    to += item_size;
    extra_fields const extra{
        .weight = fields.weight,
        .now = fields.now,
        .partition_size = static_cast<std::uint32_t>(fields.partition.bytes.size()),
        .partition_type = fields.partition.type,
        .has_partition = fields.has_partition};
    std::memcpy(to, &extra, sizeof(extra));
    if (fields.has_partition) {
      std::memcpy(to + sizeof(extra), fields.partition.bytes.data(), fields.partition.bytes.size());
    }
    has_partitions_ = has_partitions_ || fields.has_partition;
    has_extras_ = true;
  }

  TOPK_ALWAYS_INLINE [[nodiscard]] event_fields operator[](std::size_t i) const noexcept {
    chunk const& in = chunk_of(i);
    row const& at = in.rows[(first_ + i) % chunk_events];
    char const* const flags = in.bytes.data.get() + at.start;
    std::size_t const item_size = at.size_and_type >> 2;
    event_fields fields{
        .seq = seq_of(i),
        .ts = at.ts,
        .item = {static_cast<item_type>((at.size_and_type & 3) + 1), {flags + 1, item_size}},
        .held = (*flags & flag_held) != 0};
    if ((*flags & flag_extra) != 0) {
      char const* const bytes = flags + 1 + item_size;
      extra_fields extra;
      std::memcpy(&extra, bytes, sizeof(extra));
      fields.weight = extra.weight;
      fields.now = extra.now;
      fields.has_partition = extra.has_partition;
      fields.partition = {extra.partition_type, {bytes + sizeof(extra), extra.partition_size}};
    }
    return fields;
  }
  // Where the first event with this seq or a greater one lies; size(): there is none.
  [[nodiscard]] std::size_t position_from(std::int64_t seq) const noexcept {
    std::size_t at = 0;
    for (std::size_t end = size(); at < end;) {
      std::size_t const middle = at + (end - at) / 2;
      if (seq_of(middle) < seq) at = middle + 1;
      else end = middle;
    }
    return at;
  }
  [[nodiscard]] micros ts_of(std::size_t i) const noexcept {
    return chunk_of(i).rows[(first_ + i) % chunk_events].ts;
  }
  // The greatest seq of the first `count` events. Requires: 0 < count <= size().
  [[nodiscard]] std::int64_t greatest_seq(std::size_t count) const noexcept {
    std::uint64_t const end = dropped_ + first_ + count;
    std::int64_t greatest = seq_of(count - 1);
    for (auto run = jump_of(0), next = run + 1; next != jumps_.end() && next->at < end;
         run = next++) {
      greatest = std::max(greatest, run->seq + static_cast<std::int64_t>(next->at - run->at) - 1);
    }
    return greatest;
  }
  // Of the first `count` events, where all that were ever appended are plain: of weight 1, without
  // a partition, and not ahead of the clock. Requires: 0 < count <= size().
  struct plain_run {
    micros oldest = 0;
    micros newest = 0;
    std::int64_t item_bytes = 0;
  };
  [[nodiscard]] std::optional<plain_run> plain_until(std::size_t count) const noexcept {
    if (has_extras_) return std::nullopt;
    plain_run run{.oldest = ts_of(0), .newest = ts_of(0)};
    std::size_t at = first_;
    for (std::size_t const end = first_ + count; at < end;) {
      auto const& rows = chunks_[at / chunk_events].rows;
      std::size_t const last = std::min(end, (at / chunk_events + 1) * chunk_events);
      for (; at < last; ++at) {
        row const& one = rows[at % chunk_events];
        run.oldest = std::min(run.oldest, one.ts);
        run.newest = std::max(run.newest, one.ts);
        run.item_bytes += one.size_and_type >> 2;
      }
    }
    return run;
  }
  // False only if no event has a partition.
  [[nodiscard]] bool has_partitions() const noexcept { return has_partitions_; }

  void set_held(std::size_t i, bool held) noexcept {
    chunk& in = chunks_[(first_ + i) / chunk_events];
    char& flags = in.bytes.data[in.rows[(first_ + i) % chunk_events].start];
    flags = static_cast<char>(held ? flags | flag_held : flags & ~flag_held);
  }
  // Keeps the first `count` events.
  void truncate(std::size_t count) noexcept {
    if (count >= size()) return;
    if (count == 0) return clear();
    next_seq_ = seq_of(count - 1) + 1;
    end_ = first_ + count;
    while (jumps_.back().at >= dropped_ + end_) jumps_.pop_back();
    chunks_.resize((end_ - 1) / chunk_events + 1);
    chunk& last = chunks_.back();
    if (std::size_t const kept = (end_ - 1) % chunk_events + 1; kept < last.rows.size()) {
      last.bytes.size = last.rows[kept].start;
      last.rows.resize(kept);
    }
    count_bytes();
  }
  // Drops the first `count` events.
  void drop_front(std::size_t count) noexcept {
    if (count >= size()) return clear();
    first_ += count;
    auto const whole = static_cast<std::ptrdiff_t>(first_ / chunk_events);
    chunks_.erase(chunks_.begin(), chunks_.begin() + whole);
    first_ -= static_cast<std::size_t>(whole) * chunk_events;
    end_ -= static_cast<std::size_t>(whole) * chunk_events;
    dropped_ += static_cast<std::size_t>(whole) * chunk_events;
    jumps_.erase(jumps_.begin(), jump_of(0));
    count_bytes();
  }
  // Drops the events and, beyond a modest size, their memory too.
  void clear() noexcept {
    if (chunks_.size() > 1) chunks_.resize(1);
    if (!chunks_.empty()) {
      chunks_.front().rows.clear();
      chunks_.front().bytes.size = 0;
    }
    jumps_.clear();
    first_ = end_ = used_bytes_ = 0;
    dropped_ = 0;
    has_partitions_ = has_extras_ = false;
    if (memory_bytes() > kept_bytes) {
      chunks_ = std::vector<chunk>();
      jumps_ = {};
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - first_; }
  [[nodiscard]] bool empty() const noexcept { return end_ == first_; }
  [[nodiscard]] std::size_t used_bytes() const noexcept {
    return used_bytes_ + jumps_.size() * sizeof(sequence_jump);
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    std::size_t bytes =
        chunks_.capacity() * sizeof(chunk) + jumps_.capacity() * sizeof(sequence_jump);
    for (auto const& one : chunks_) bytes += one.rows.capacity() * sizeof(row) + one.bytes.capacity;
    return bytes;
  }

 private:
  struct row {
    micros ts;
    std::uint32_t start;          // in the chunk's bytes
    std::uint32_t size_and_type;  // of the item: its size above two bits of item_type - 1
  };
  struct extra_fields {
    std::int64_t weight = 1;
    micros now = no_time;
    std::uint32_t partition_size = 0;
    item_type partition_type = item_type::text;
    bool has_partition = false;
  };
  // Grows by half, to less than 4 GiB. New memory is not initialized.
  struct arena {
    std::unique_ptr<char[]> data;
    std::size_t size = 0;
    std::size_t capacity = 0;

    void make_room(std::size_t more) {
      if (capacity - size >= more) return;
      std::size_t const wanted = size + more + (size + more) / 2 + 16;
      if (wanted > std::numeric_limits<std::uint32_t>::max()) throw std::bad_alloc();
      std::unique_ptr<char[]> larger(new char[wanted]);
      if (size > 0) std::memcpy(larger.get(), data.get(), size);
      data = std::move(larger);
      capacity = wanted;
    }
  };
  struct chunk {
    std::vector<row> rows;
    arena bytes;
  };
  struct sequence_jump {
    std::uint64_t at;  // counted from the batch's first chunk ever
    std::int64_t seq;
  };
  // How full a batch is decides which panes a spill writes: so these are of one size on every CPU.
  static_assert(sizeof(row) == 16 && sizeof(extra_fields) == 24 && sizeof(sequence_jump) == 16);
  static constexpr std::size_t chunk_events = 1024;
  static constexpr std::size_t kept_bytes = 8 * 1024;
  static constexpr int flag_held = 1;
  static constexpr int flag_extra = 2;

  template <class T>
  static void make_room(std::vector<T>& in, std::size_t count) {
    std::size_t const needed = in.size() + count;
    if (needed > in.capacity()) in.reserve(needed + needed / 2 + 16);
  }
  // The first chunk grows with its events, as most batches are small; another is made for as many
  // bytes as the one before had.
  void add_chunk() {
    chunk added;
    if (!chunks_.empty()) {
      added.rows.reserve(chunk_events);
      added.bytes.make_room(chunks_.back().bytes.size / 4 * 3);
    }
    chunks_.push_back(std::move(added));
  }
  [[nodiscard]] chunk const& chunk_of(std::size_t i) const noexcept {
    return chunks_[(first_ + i) / chunk_events];
  }
  // The last jump at or before event i.
  [[nodiscard]] std::vector<sequence_jump>::const_iterator jump_of(std::size_t i) const noexcept {
    if (jumps_.size() == 1) return jumps_.begin();
    auto const after =
        std::upper_bound(jumps_.begin(), jumps_.end(), dropped_ + first_ + i,
                         [](std::uint64_t at, sequence_jump const& each) { return at < each.at; });
    return after - 1;
  }
  [[nodiscard]] std::int64_t seq_of(std::size_t i) const noexcept {
    auto const from = jump_of(i);
    return from->seq + static_cast<std::int64_t>(dropped_ + first_ + i - from->at);
  }
  void count_bytes() noexcept {
    used_bytes_ = 0;
    for (auto const& one : chunks_) used_bytes_ += one.rows.size() * sizeof(row) + one.bytes.size;
  }

  std::vector<chunk> chunks_;  // each full but the last
  std::size_t first_ = 0;      // positions in the chunks: the first event, and past the last
  std::size_t end_ = 0;
  std::uint64_t dropped_ = 0;  // events of chunks that are gone
  std::size_t used_bytes_ = 0;
  std::vector<sequence_jump> jumps_;  // empty only if there are no events
  std::int64_t next_seq_ = 0;
  bool has_partitions_ = false;
  bool has_extras_ = false;
};

}  // namespace topk::stream
