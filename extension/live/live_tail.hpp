// The events that no pane holds yet, and the heads before and after them.
//
//   events():    |  rows of the tail table  |     pending      |
//                0                      flushed()            size
//        stored()                                             live()
//        the head as stored: all          the head as of now: stored(),
//        that panes hold                  and each event here counted in
//
// Events enter at the right, as pending; a flush to the tail table moves flushed() to the right; a
// fold into panes takes them from the left. Allocates only in append().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/compiler.hpp"
#include "stream/event_batch.hpp"
#include "stream/stream_head.hpp"

namespace topk::live {

class live_tail {
 public:
  live_tail(bool logs, micros retain, std::size_t level_count) : logs_(logs), retain_(retain) {
    live_.levels.reserve(level_count);  // so that recount() never allocates
  }

  [[nodiscard]] stream::event_batch const& events() const noexcept { return events_; }
  // Changes when events were removed.
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }
  [[nodiscard]] std::size_t flushed() const noexcept { return flushed_; }
  [[nodiscard]] bool has_pending() const noexcept { return flushed_ < events_.size(); }
  [[nodiscard]] stream::stream_head const& stored() const noexcept { return stored_; }
  [[nodiscard]] stream::stream_head const& live() const noexcept { return live_; }
  [[nodiscard]] std::int64_t next_seq() const noexcept { return next_seq_; }
  // Rows of the tail wait for their rows in the log.
  [[nodiscard]] bool has_deferred() const noexcept { return has_deferred_; }

  // ---- reading the tables; loaded() ends it

  void set_stored(stream::stream_head head) noexcept { stored_ = std::move(head); }
  // Drops the events after this sequence number: they are no longer in the table.
  void drop_after(std::int64_t seq) noexcept {
    has_deferred_ = false;  // until loaded()
    std::size_t kept = events_.size();
    while (kept > 0 && events_[kept - 1].seq > seq) --kept;
    if (kept == events_.size()) return;
    events_.truncate(kept);
    ++epoch_;
  }
  // The last sequence number in memory, in panes where there are no events.
  [[nodiscard]] std::int64_t known_seq() const noexcept {
    return events_.empty() ? stored_.last_seq : events_[events_.size() - 1].seq;
  }
  void append_stored(stream::event_fields const& event) { events_.append(event); }
  void loaded(std::int64_t last_seq, bool has_deferred) noexcept {
    has_deferred_ = has_deferred;
    for (std::size_t i = 0; i < events_.size(); ++i) {
      has_deferred_ = has_deferred_ || events_[i].held;
    }
    flushed_ = events_.size();
    next_seq_ = std::max(stored_.last_seq, last_seq) + 1;
    recount();
  }

  // ---- taking events

  // A new event, pending. Requires: event.seq == next_seq().
  TOPK_ALWAYS_INLINE void append(stream::event_fields const& event) {
    events_.append(event);
    ++next_seq_;
    live_.count(event, logs_, retain_);
  }
  void count_late(std::int64_t weight) noexcept {
    ++live_.late;
    live_.has_retractions = live_.has_retractions || weight < 0;
  }
  void count_rejected() noexcept { ++live_.rejected; }
  void note_times(std::uint8_t content_times) noexcept {
    live_.content_times = static_cast<std::uint8_t>(live_.content_times | content_times);
  }
  // Whether late and rejected rows were counted, or forms of times met, that the stored head does
  // not know.
  [[nodiscard]] bool has_new_counts() const noexcept {
    return live_.late != stored_.late || live_.rejected != stored_.rejected ||
           live_.content_times != stored_.content_times;
  }
  // The stored head, with those.
  [[nodiscard]] stream::stream_head counted_head() const {
    auto head = stored_;
    head.late = live_.late;
    head.rejected = live_.rejected;
    head.has_retractions = live_.has_retractions;
    head.content_times = live_.content_times;
    return head;
  }

  // ---- writing them

  // The pending events up to `end` are in the tail table, but not yet in the log.
  void defer(std::size_t end) noexcept {
    for (std::size_t i = flushed_; i < end; ++i) events_.set_held(i, true);
    has_deferred_ = true;
  }
  void all_logged() noexcept {
    for (std::size_t i = 0; i < events_.size(); ++i) events_.set_held(i, false);
    has_deferred_ = false;
  }
  void all_flushed() noexcept { flushed_ = events_.size(); }
  // Panes hold the first `count` events, all that the tail table had among them. `head` was stored;
  // `counted` is that head before log rows expired. live() has counted every event in already, so
  // only what the fold itself changed is new to it.
  void folded(std::size_t count, stream::stream_head const& counted, stream::stream_head head) {
    events_.drop_front(count);
    ++epoch_;
    flushed_ = 0;
    live_.generation = head.generation;
    live_.last_seq = head.last_seq;
    live_.evictions = head.evictions;
    live_.log_rows -= counted.log_rows - head.log_rows;
    live_.log_bytes -= counted.log_bytes - head.log_bytes;
    live_.has_unpartitioned = head.has_unpartitioned;
    live_.levels = head.levels;
    stored_ = std::move(head);
  }

  // ---- undoing

  void drop_pending() noexcept {
    events_.truncate(flushed_);
    ++epoch_;
    next_seq_ = known_seq() + 1;
    recount();
  }
  void clear() noexcept {
    events_.clear();
    ++epoch_;
    flushed_ = 0;
  }

 private:
  void recount() noexcept {
    live_ = stored_;
    for (std::size_t i = 0; i < events_.size(); ++i) live_.count(events_[i], logs_, retain_);
  }

  stream::event_batch events_;
  std::uint64_t epoch_ = 0;
  std::size_t flushed_ = 0;
  std::int64_t next_seq_ = 1;
  stream::stream_head stored_;
  stream::stream_head live_;
  bool logs_;
  micros retain_;
  bool has_deferred_ = false;
};

}  // namespace topk::live
