// Pending events as rows of the shadow tables.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sqlite/row_feed.hpp"
#include "stream/event_batch.hpp"

namespace topk::storage {

[[nodiscard]] inline sqlite::tail_row row_of(stream::event_fields const& event) {
  sqlite::tail_row row{
      .seq = event.seq, .ts = event.ts, .item = event.item, .weight = event.weight};
  if (event.has_partition) row.partition = event.partition;
  if (event.now != stream::no_time) row.now = event.now;
  return row;
}

// Pending events as rows: those of first..end-1 that are younger than a time.
class batch_feed final : public sqlite::row_feed {
 public:
  batch_feed(stream::event_batch const& events, std::size_t first, std::size_t end,
             bool held) noexcept
      : events_(events), first_(first), end_(end), held_(held) {
    restart(stream::no_time);
  }

  void restart(micros after) noexcept {
    after_ = after;
    next_ = first_;
    count_ = static_cast<std::int64_t>(end_ - first_);
    if (after == stream::no_time) return;
    for (std::size_t i = first_; i < end_; ++i) count_ -= events_.ts_of(i) <= after ? 1 : 0;
  }
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }

  bool next(sqlite::tail_row& row) noexcept override {
    while (next_ < end_ && after_ != stream::no_time && events_.ts_of(next_) <= after_) ++next_;
    if (next_ == end_) return false;
    row = row_of(events_[next_++]);
    row.held = held_;
    return true;
  }

 private:
  stream::event_batch const& events_;
  std::size_t first_;
  std::size_t end_;
  bool held_;
  micros after_ = stream::no_time;
  std::size_t next_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace topk::storage
