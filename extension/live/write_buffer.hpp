// The writing half of a stream: takes events into memory, and brings them to the tables at
// savepoints, commits and when memory is full.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/compiler.hpp"
#include "base/item.hpp"
#include "live/event_log.hpp"
#include "live/page_cache.hpp"
#include "storage/stored_panes.hpp"
#include "stream/fold.hpp"

namespace topk::live {

// An event, checked as far as that goes without the stream. Views borrow.
struct new_event {
  item_view item;
  micros ts = 0;
  std::int64_t weight = 1;
  std::optional<item_view> partition;
};

// Events are flushed before a statement that may be undone, and at the end of a transaction.
enum class moment : std::uint8_t { statement, commit };

// A statement on the stream's own table that the extension runs inside the user's, for its journal.
enum class own_statement : std::uint8_t {
  none,
  spill,    // savepoints of this statement leave memory alone
  command,  // of the user, issued again
};

class write_buffer {
 public:
  // Borrows all.
  write_buffer(host_connection& host, definition& what, storage::shadow_store& store,
               event_log& log, storage::stored_panes& panes, page_cache& cache);

  // What the open transaction has come to. write_buffer.cpp draws the transitions.
  enum class phase : std::uint8_t {
    idle,       // nothing of ours
    changed,    // pages were written, or may have been, without begin()
    buffering,  // we hold the write lock; what is new is in memory only
    written,    // pages were written under the lock: a rollback undoes what memory knows
  };
  [[nodiscard]] phase current_phase() const noexcept { return phase_; }
  [[nodiscard]] bool is_writing() const noexcept { return phase_ >= phase::buffering; }

  // page_cache::refresh(), and from now on until commit or rollback nobody else writes.
  status begin() {
    if (has_begun()) [[likely]]
      return {};
    return begin_slowly();
  }
  // Takes one event; a weight of 0 and a late event succeed without being stored.
  // errc::constraint: too far ahead of the clock, too many partitions, sums too large.
  status add(new_event const& event);
  // Whether add() has nothing to decide about an event of this time, of weight 1 and without a
  // partition, and there is room for it; as for most. Then add_plainly() does the same.
  [[nodiscard]] bool takes_plainly(micros ts) const noexcept {
    auto const& live = tail_.live();
    return has_begun() && ts <= host_.last_now() &&
           live.is_steady(ts, definition_.options().retain) && live.gross < greatest_sum - 1 &&
           !is_full();
  }
  TOPK_ALWAYS_INLINE void add_plainly(item_view const& item, micros ts) {
    append({.seq = tail_.next_seq(), .ts = ts, .item = item});
  }
  // Takes a partition that the stream may not have yet, to be stored with the next flush. False:
  // max_partitions allows no more.
  result<bool> admit_partition(item_view const& partition);
  // Whether the table or what is pending has it.
  result<bool> knows_partition(item_view const& partition);
  // Whether the next add should be preceded by a spill.
  [[nodiscard]] bool is_full() const noexcept {
    return tail_.events().used_bytes() + new_partitions_.bytes() >= definition_.plan().batch_bytes;
  }
  // Makes room by folding the older events into panes; fold_all() folds all that are in memory.
  // Several writes: need a statement journal around them.
  status spill();
  status fold_all();
  // Writes the events in memory to the log without folding them, for a recount from the log; also
  // those that have expired, as the recount may find that the watermark was wrong. Nothing where
  // they are in the log already.
  status log_all();
  // Writes pending events to tail and log. At a commit a long tail is folded too.
  status flush(moment at);
  // Stores the head of a stream whose pages were changed past this buffer.
  status store_head(stream::stream_head const& head);

  void transaction_ended() noexcept { enter(phase::idle); }
  // The pager has undone something: pending events are gone, and what memory knows of pages
  // written since the transaction began.
  void rolled_back() noexcept;
  // A new virtual-table object took the stream over: what happened in between is unknown.
  void reconnected() noexcept;

  own_statement running = own_statement::none;

  // In addition to the tail's.
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return new_partitions_.bytes(); }

 private:
  // Partitions that the table does not have yet.
  class unknown_partitions {
   public:
    void add(item_view const& partition, std::uint64_t hash) {
      if (!hashes_.insert(hash).second) return;
      items_.emplace_back(partition);
      bytes_ += entry_bytes + items_.back().heap_bytes();
    }
    [[nodiscard]] bool has(std::uint64_t hash) const noexcept {
      return !items_.empty() && hashes_.contains(hash);
    }
    [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
    [[nodiscard]] std::vector<item> const& items() const noexcept { return items_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    void clear() noexcept {
      if (items_.empty()) return;
      items_ = {};
      std::unordered_set<std::uint64_t>().swap(hashes_);  // its places, too
      bytes_ = 0;
    }

   private:
    static constexpr std::size_t entry_bytes = 2 * sizeof(item) + 48;

    std::vector<item> items_;
    std::unordered_set<std::uint64_t> hashes_;
    std::size_t bytes_ = 0;
  };

  [[nodiscard]] bool has_begun() const noexcept {
    return is_writing() && cache_.is_current() && !store_.is_running();
  }
  TOPK_ALWAYS_INLINE void append(stream::event_fields const& event) {
    tail_.append(event);
    cache_.limit_answers_once();
  }
  void enter(phase next) noexcept;
  void wrote() noexcept { enter(is_writing() ? phase::written : phase::changed); }
  status begin_slowly();
  status check_time(new_event const& event, micros now) const;
  [[nodiscard]] bool is_late(micros ts, micros now) const noexcept;
  [[nodiscard]] micros clock_to_tell(micros ts, micros now);
  status check_partition(item_view const& partition);
  [[nodiscard]] std::int64_t partition_count() const noexcept;
  result<bool> must_defer(moment at, std::size_t count);
  status write_pending(moment at, bool to_tail, std::size_t count);
  [[nodiscard]] std::size_t ripe_events() const noexcept;
  status fold(stream::fold_limits const& limits, std::size_t count);
  status write_log(stream::stream_head& head, std::int64_t log_bytes, std::size_t count);
  status expire_log(stream::stream_head& head, std::int64_t most, std::size_t count);

  host_connection& host_;
  definition& definition_;
  storage::shadow_store& store_;
  event_log& log_;
  storage::stored_panes& panes_;
  page_cache& cache_;
  live_tail& tail_;  // the cache's
  phase phase_ = phase::idle;
  unknown_partitions new_partitions_;
  // Events about to be folded that expired before they had a row in the log.
  std::int64_t unlogged_ = 0;
};

// The stream runs a statement of its own while this lives, whatever ends it: a mark that stayed
// would keep events from being flushed.
class own_statement_scope {
 public:
  own_statement_scope(own_statement& running, own_statement what) noexcept
      : running_(running), before_(running) {
    running_ = what;
  }
  ~own_statement_scope() { running_ = before_; }
  own_statement_scope(own_statement_scope const&) = delete;
  own_statement_scope& operator=(own_statement_scope const&) = delete;

 private:
  own_statement& running_;
  own_statement before_;
};

}  // namespace topk::live
