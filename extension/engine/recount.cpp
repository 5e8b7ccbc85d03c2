// Two passes: the reference time must be known before the first event finds its level. It is taken
// from the rows themselves, so that a clock that was once wrong leaves no trace.
//
// Memory is a batch of events, what their fold needs, and the partitions met last; which partitions
// have been counted is known from the table of keys.
#include "engine/recount.hpp"

#include <algorithm>

#include "engine/ahead.hpp"
#include "engine/content.hpp"
#include "engine/content_source.hpp"
#include "engine/event_source.hpp"
#include "engine/tracking.hpp"
#include "live/hash_memo.hpp"

namespace topk::engine {
namespace {

using stream::event_batch;
using stream::no_time;
using stream::stream_head;

constexpr stream::time_span all_time = {earliest_time - 1, latest_time};

class recounting {
 public:
  explicit recounting(live::open_stream& state)
      : state_(state), source_(state), head_(empty_head(state)),
        has_content_(state.options().content.has_value()),
        partitions_(stream::plan_memory(state.options()).partition_bytes) {}

  status run() {
    now_ = state_.host().now();
    // The log has all events from here on, and the tail is not read again.
    TOPK_TRY(state_.log_all());
    if (state_.log().is_in_blocks()) state_.forget_memory();
    TOPK_TRY(has_content_ ? survey_content() : survey_log());
    state_.forget_memory();  // makes room; head() can still be read
    TOPK_TRY(state_.store().panes().clear());
    TOPK_TRY(state_.store().tail().clear());
    TOPK_TRY(state_.store().keys().clear());
    if (has_content_) TOPK_TRY(close_partitions(state_, false));
    TOPK_TRY(state_.store().ahead().clear());
    if (head_.reference != no_time || has_content_) TOPK_TRY(count());
    TOPK_TRY(state_.log().measure(head_));
    if (has_content_) TOPK_TRY(set_counted_at(state_, now_));
    auto stored = state_.store_head(head_);
    state_.forget_memory();
    return stored;
  }

 private:
  status survey_log() {
    head_.late = state_.head().late;
    head_.rejected = state_.head().rejected;
    // Of all events ever: answers state that they lack what has expired.
    head_.oldest = state_.head().oldest;
    head_.has_retractions = state_.head().has_retractions;
    return survey_times();
  }

  // The watermark, from the rows themselves. Those that are further ahead than max_skew allows came
  // by a clock that was wrong, and a jump that waits goes on waiting: it must expire nothing here
  // either.
  status survey_times() {
    auto const& options = state_.options();
    auto const& before = state_.head();
    micros near = no_time;
    micros all = no_time;
    bool has_rows = false;
    TOPK_TRY(source_.each(all_time, [&](auto const& event) -> status {
      has_rows = true;
      if (event.ts > now_ && event.ts - now_ > options.max_skew) return {};
      micros const to = std::min(event.ts, now_);
      all = std::max(all, to);
      if (before.reaches(to, options.retain)) near = std::max(near, to);
      return {};
    }));
    bool const waits = before.has_jump() && near != no_time;
    head_.reference = waits ? near : all;
    if (all == no_time && has_rows) head_.reference = now_;  // only the clock can say
    if (!waits || head_.reaches(all, options.retain)) return {};
    head_.jump = all;
    head_.jump_seen = before.jump_seen;
    return {};
  }

  status survey_content() {
    TOPK_ASSIGN(auto const found, content_source(state_).survey(now_));
    if (found.unreadable > 0 && found.countable + found.refused == 0) {
      return content_failure(state_, "no row has a time that can be read; " +
                                         state_.options().content->ts + "=" + found.unreadable_ts +
                                         " is neither unix seconds in the years 0 to 9999 nor a "
                                         "text that begins with a full date (YYYY-MM-DD)");
    }
    head_.reference = found.newest;
    head_.oldest = found.oldest;
    head_.has_retractions = found.has_retractions;
    head_.content_times = static_cast<std::uint8_t>(found.times);
    head_.rejected = found.unreadable + found.refused;
    return {};
  }

  status count() {
    // What has expired is not counted again, so it must not be subtracted when it goes.
    TOPK_TRY(state_.log().expire_fully(head_));
    TOPK_TRY(source_.each(window(), [&](auto const& event) { return take(event); }));
    return head_.reference == no_time ? status{} : fold(true);
  }

  [[nodiscard]] stream::time_span window() const {
    if (head_.reference == no_time) return {now_, all_time.until};
    return {head_.reference - state_.options().retain, all_time.until};
  }

  status take(stream::event_fields event) {
    event.seq = std::max<std::int64_t>(event.seq, 0);
    if (event.has_partition) {
      TOPK_ASSIGN(bool const counts, counts_partition(event.partition));
      if (!counts) {
        ++head_.rejected;
        return {};
      }
    }
    if (event.ts > now_) {
      if (has_content_) return wait(event);
      event.now = now_;
    }
    gross_ += event.weight < 0 ? -event.weight : event.weight;
    if (gross_ >= greatest_sum) {
      return failure(errc::constraint, "rebuild: the sum of all weights would pass 2^62");
    }
    batch_.append(event);
    if (batch_.used_bytes() < stream::plan_memory(state_.options()).batch_bytes) return {};
    return fold(false);
  }

  status wait(stream::event_fields const& event) {
    std::optional<item_view> partition;
    if (event.has_partition) partition = event.partition;
    return put_ahead(state_, {event.item, event.ts, event.weight, partition});
  }

  // Of the rows of a table only as many partitions count as max_partitions allows.
  result<bool> counts_partition(item_view const& partition) {
    auto const hash = state_.hash_of(partition);
    if (partitions_.has(hash)) return true;
    TOPK_ASSIGN(bool const is_known, state_.store().keys().has(partition));
    if (!is_known) {
      if (has_content_ && partition_count_ >= state_.options().max_partitions) {
        if (!is_closed_) TOPK_TRY(close_partitions(state_, true));
        is_closed_ = true;
        return false;
      }
      TOPK_TRY(state_.store().keys().create());
      TOPK_TRY(state_.store().keys().put(partition));
      ++partition_count_;
    }
    partitions_.note(hash);
    return true;
  }

  status fold(bool is_last) {
    stream::pane_fold fold(state_.levels(), state_.seed(), state_.options().log, state_.panes(),
                           head_);
    // The survey has settled what the watermark is.
    stream_head const settled = head_;
    auto taken = fold.take(batch_, batch_.size(), {.form_parents = is_last, .live = &settled});
    batch_.clear();
    return taken;
  }

  live::open_stream& state_;
  event_source source_;
  stream_head head_;
  bool has_content_;
  bool is_closed_ = false;
  micros now_ = 0;
  std::int64_t gross_ = 0;
  event_batch batch_;
  live::hash_memo partitions_;  // of those in the table of keys, the last met
  std::int64_t partition_count_ = 0;
};

}  // namespace

stream_head empty_head(live::open_stream& state) {
  stream_head head;
  head.levels.resize(state.levels().size());
  head.generation = state.stored_head().generation + 1;
  head.last_seq = state.head().last_seq;
  head.key_epoch = state.stored_head().key_epoch + 1;
  head.past_budget = state.stored_head().past_budget;
  head.closed = state.stored_head().closed;
  auto const& events = state.events();
  if (!events.empty()) head.last_seq = std::max(head.last_seq, events[events.size() - 1].seq);
  return head;
}

status recount(live::open_stream& state) {
  if (!event_source::has_events(state)) {
    return failure(errc::invalid_argument,
                   "rebuild: stream " + state.store().name() +
                       " has neither a log nor a content= table to read; create it with log=on");
  }
  TOPK_TRY(recounting(state).run());
  // SQLite's own next step would undo the user's transaction.
  return state.store().stop_if_interrupted();
}

status told_as_error(status outcome, std::string const& what) {
  if (outcome.code != errc::backend || (outcome.detail & 0xFF) != SQLITE_INTERRUPT) return outcome;
  return failure(errc::backend, what + ": interrupted", SQLITE_ERROR);
}

}  // namespace topk::engine
