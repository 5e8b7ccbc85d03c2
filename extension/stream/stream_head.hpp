// The head of a stream: its watermarks and counters, stored as one small blob.
//
// The stored head is as of the last fold. The head as of now is the stored one with every event of
// the tail, and of the open transaction, counted in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/compiler.hpp"
#include "base/limits.hpp"
#include "base/status.hpp"
#include "stream/event_batch.hpp"
#include "stream/pane_levels.hpp"

namespace topk::stream {

struct level_marks {
  // Retention: events at or before it have left this level.
  micros horizon = no_time;
  // Roll-up: panes ending at or before it exist at this level. Not used at level 0.
  micros formed = no_time;
  // What lies between the horizon and here is older than the level keeps in any case, and stays for
  // questions about the past: see past_panes.hpp. Not used at the top level.
  micros past = no_time;
  std::int64_t past_bytes = 0;
  friend bool operator==(level_marks const&, level_marks const&) = default;
};

// Ways to write a time in a table. Without `known`, any of them.
struct content_times {
  static constexpr std::uint8_t known = 1, spaced = 2, with_t = 4, other_text = 8;
};

struct stream_head {
  std::uint64_t generation = 0;  // rises with every change of panes or partitions
  std::int64_t last_seq = 0;     // the last sequence number in a pane; the tail's are greater
  micros reference = no_time;    // the watermark R: see raise()
  // A watermark more than `retain` ahead of R, and the clock when it was first met; no_time: none.
  // It waits for a later commit to agree; see stream_head.cpp.
  micros jump = no_time;
  micros jump_seen = no_time;
  micros newest = no_time;  // greatest and least ts ever accepted
  micros oldest = no_time;
  std::int64_t events = 0;  // accepted events, and the sum of their weights
  std::int64_t weight = 0;
  std::int64_t gross = 0;     // sum of |weight|, kept below greatest_sum
  std::int64_t late = 0;      // events too old to be taken
  std::int64_t rejected = 0;  // rows skipped by OR IGNORE, and tracked rows not taken
  std::int64_t log_rows = 0;  // rows now in the log, and an estimate of their bytes
  std::int64_t log_bytes = 0;
  std::int64_t evictions = 0;  // of candidates, in all folds
  std::int64_t key_epoch = 0;  // rises when partitions are forgotten
  // Whether any event, late ones included, had a negative weight.
  bool has_retractions = false;
  // Whether events without a partition have a pane of their own wherever a partition has one. False
  // before the first partition, and if that one came under a release that kept no such panes.
  bool has_unpartitioned = false;
  // How the rows of a content= table write their times: bits of content_times. Once it is known, it
  // covers every row that has come in since.
  std::uint8_t content_times = 0;
  std::vector<level_marks> levels;
  sketch::closed_form closed = sketch::closed_form::by_item;
  std::int64_t past_budget = 0;  // bytes of panes that stay for questions about the past

  // Counts one accepted event in. Its `now` must be set where its ts is ahead of the clock, or of
  // what reaches() allows.
  TOPK_ALWAYS_INLINE void count(event_fields const& event, bool logged, micros retain) noexcept {
    micros const clock = event.now == no_time ? event.ts : event.now;
    raise(std::min(event.ts, clock), clock, retain);
    newest = std::max(newest, event.ts);
    if (event.ts < oldest || oldest == no_time) oldest = event.ts;
    ++events;
    weight += event.weight;
    gross += event.weight < 0 ? -event.weight : event.weight;
    has_retractions = has_retractions || event.weight < 0;
    if (!logged) return;
    ++log_rows;
    log_bytes += log_row_overhead + static_cast<std::int64_t>(event.item.bytes.size());
  }
  // The same of so many events that are plain (see event_batch), in any order. False, and nothing
  // has changed: the watermark does not just rise with them, so that each has to be counted alone.
  bool count_all(event_batch::plain_run const& of, std::int64_t count, bool logged,
                 micros retain) noexcept {
    micros const to = std::max(reference, of.newest);
    if (!is_steady(of.newest, retain) || of.oldest <= to - retain) return false;
    reference = to;
    newest = std::max(newest, of.newest);
    oldest = oldest == no_time ? of.oldest : std::min(oldest, of.oldest);
    events += count;
    weight += count;
    gross += count;
    if (!logged) return true;
    log_rows += count;
    log_bytes += log_row_overhead * count + of.item_bytes;
    return true;
  }
  // Takes rows of the log out that are gone, with their share of its bytes.
  void unlog(std::int64_t rows) noexcept {
    if (log_rows > 0) log_bytes -= log_bytes / log_rows * std::min(rows, log_rows);
    log_rows = std::max<std::int64_t>(log_rows - rows, 0);
  }
  // Whether the watermark follows an event of this time at once.
  [[nodiscard]] bool reaches(micros to, micros retain) const noexcept {
    return reference == no_time || to <= reference + retain;
  }
  // Whether it only rises with such a time, if at all: neither late nor far ahead, and no jump
  // waits.
  [[nodiscard]] bool is_steady(micros to, micros retain) const noexcept {
    return reference != no_time && to > reference - retain && to <= reference + retain &&
           !has_jump();
  }
  [[nodiscard]] bool is_folded() const noexcept {
    return !levels.empty() && levels.back().horizon != no_time;
  }
  // What those panes take now, about.
  [[nodiscard]] std::int64_t past_bytes() const noexcept {
    std::int64_t sum = 0;
    for (auto const& level : levels) sum += level.past_bytes;
    return sum;
  }
  [[nodiscard]] bool has_jump() const noexcept { return jump != no_time; }
  void settle_jump() noexcept { jump = jump_seen = no_time; }
  // What panes below the top level are rolled up and dropped by: see stream_head.cpp.
  [[nodiscard]] micros roll_reference(micros retain) const noexcept {
    return has_jump() && jump < jump_seen - retain ? jump : reference;
  }
  // The time after which events are retained, exclusive; no_time before the first event.
  [[nodiscard]] micros retained_after(micros retain) const noexcept;

  // FORMAT.md, "head v3"; "head v2" or "head v1" where that suffices. errc::corrupt or
  // errc::unsupported_version.
  [[nodiscard]] std::vector<std::byte> encode() const;
  static result<stream_head> decode(byte_view in, std::size_t level_count);

  friend bool operator==(stream_head const&, stream_head const&) = default;

 private:
  status read_past(byte_reader& from);

  // What a logged event takes on a page, its item aside: row and cell header, ts, seq, weight.
  static constexpr std::int64_t log_row_overhead = 20;

  void raise(micros to, micros clock, micros retain) noexcept {
    if (!is_steady(to, retain)) return raise_or_jump(to, clock, retain);
    reference = std::max(reference, to);
  }
  void raise_or_jump(micros to, micros clock, micros retain) noexcept;
  void propose(micros to, micros clock, micros retain) noexcept;
};

// Where the level's horizon is to be by the watermark of this head.
[[nodiscard]] micros wanted_horizon(std::vector<pane_level> const& levels, std::size_t level,
                                    stream_head const& head) noexcept;

}  // namespace topk::stream
