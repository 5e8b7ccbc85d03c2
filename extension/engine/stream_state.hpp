// The state of one stream on one connection: a cache of its pages, and the open transaction's
// events.
//
// Shared by all virtual-table objects of the table, and by cms_add. What is in memory besides
// pending events can be dropped at any time; refresh() reads it back.
#pragma once

#include <array>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/host_connection.hpp"
#include "engine/query_clock.hpp"
#include "storage/shadow_store.hpp"
#include "storage/stored_panes.hpp"
#include "stream/event_batch.hpp"
#include "stream/fold.hpp"
#include "stream/pane_levels.hpp"
#include "stream/stream_head.hpp"
#include "stream/window_cache.hpp"

namespace topk::engine {

// An event as it stands at the door, checked. Views borrow.
struct new_event {
  item_view item;
  micros ts = 0;
  std::int64_t weight = 1;
  std::optional<item_view> partition;
};

class stream_state {
 public:
  stream_state(host_connection& host, std::string schema, std::string table,
               stream::stream_options options);
  stream_state(stream_state const&) = delete;
  stream_state& operator=(stream_state const&) = delete;

  [[nodiscard]] host_connection& host() noexcept { return host_; }
  [[nodiscard]] storage::shadow_store& store() noexcept { return store_; }
  [[nodiscard]] storage::stored_panes& panes() noexcept { return panes_; }
  [[nodiscard]] stream::stream_options const& options() const noexcept { return options_; }
  [[nodiscard]] std::vector<stream::pane_level> const& levels() const noexcept { return levels_; }
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  // As of the last fold, and with the tail and pending events counted in. Valid after refresh().
  [[nodiscard]] stream::stream_head const& stored_head() const noexcept { return stored_; }
  [[nodiscard]] stream::stream_head const& head() const noexcept { return live_; }
  [[nodiscard]] stream::event_batch const& events() const noexcept { return events_; }
  [[nodiscard]] std::uint64_t events_epoch() const noexcept { return events_epoch_; }
  // The sequence number of the newest event, pending ones included.
  [[nodiscard]] std::int64_t last_seq() const noexcept { return next_seq_ - 1; }
  [[nodiscard]] bool has_held() const noexcept { return has_held_; }
  // The time after which events are retained; no_time before the first event.
  [[nodiscard]] micros retained_after() const noexcept {
    return live_.retained_after(options_.retain);
  }
  [[nodiscard]] std::uint64_t hash_of(item_view const& item) const noexcept;

  // Makes the shadow tables and an empty stream in them.
  status create();
  // False where the table was made in a transaction that has undone it since: another table of
  // that name, with other options, may have come back.
  result<bool> is_current();
  // Renames the shadow tables; pending events are flushed before.
  status rename(std::string const& to);

  // Brings memory in step with the pages. errc::corrupt, errc::unsupported_version.
  status refresh();
  // refresh(), and from now on until commit or rollback nobody else writes.
  status begin() {
    if (is_writing_ && !is_stale_ && !store_.is_running()) [[likely]]
      return {};
    return begin_anew();
  }

  // Takes one event; a weight of 0 and a late event succeed without being stored.
  // errc::constraint: too far ahead of the clock, too many partitions, sums too large.
  status add(new_event const& event);
  // Whether the next add should be preceded by a spill.
  [[nodiscard]] bool is_full() const noexcept { return events_.used_bytes() >= plan_.batch_bytes; }
  // Makes room for more events by folding the older ones; fold_all() folds all that are in memory.
  // Several writes: need a statement journal around them.
  status spill();
  status fold_all();
  // Writes pending events to tail and log. At a commit a long tail is folded too.
  enum class moment { statement, commit };
  status flush(moment at);

  void committed() noexcept;
  // The pager has undone something: everything in memory is doubtful, pending events are gone.
  void rolled_back() noexcept;

  // For commands: the pages were changed under the cache.
  status store_head(stream::stream_head const& head);
  void forget_memory() noexcept;
  // A new virtual-table object took this state over: what happened in between is unknown.
  void reconnected() noexcept;
  // sqlite::has_utf8_text(), asked when the table was connected: after each reading of the schema.
  bool text_is_utf8 = false;
  // While a statement of our own runs that spills, savepoints of that statement leave memory alone.
  bool is_spilling = false;
  bool is_reissued = false;  // a command runs inside the statement that opened a journal for it
  // Counts a row that was not taken. `stays`: the statement goes on, so the count is stored with
  // it; else it is known on this connection only, as the statement's rollback takes the rest back.
  void reject(bool stays) noexcept { ++(stays ? live_.rejected : clock_->rejected); }
  [[nodiscard]] std::int64_t rejected() const noexcept { return live_.rejected + clock_->rejected; }
  // After a rollback: the table itself may have been undone. Cleared when it is found again.
  bool may_be_gone = false;

  // The sum over a window, kept for the next query of the same partition.
  result<stream::window_sum const*> sum_of(stream::time_span span,
                                           std::optional<item> const& partition);
  // The rows of sum.top(k), kept while nothing changes. Requires: `sum` is the sum of span and
  // partition.
  std::shared_ptr<std::vector<stream::ranked_item> const> kept_top(
      stream::time_span span, std::optional<item> const& partition, std::size_t k,
      stream::window_sum const& sum);
  [[nodiscard]] stream::window_source source() noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;
  // What this connection has seen of the stream. Outlives this object.
  [[nodiscard]] query_clock& queries() noexcept { return *clock_; }

 private:
  status begin_anew();
  [[nodiscard]] status refuse_reentry() const;
  status load();
  status load_options();
  [[nodiscard]] bool has_pending() const noexcept { return flushed_ < events_.size(); }
  [[nodiscard]] bool counts_changed() const noexcept;
  status load_tail();
  status load_keys();
  status check_partition(item_view const& partition);
  [[nodiscard]] std::size_t ripe_events() const noexcept;
  status write_pending(moment at, bool to_tail, std::size_t count);
  status fold(stream::fold_limits const& limits, std::size_t count);
  void recount() noexcept;
  void drop_events() noexcept;
  void drop_folded(std::size_t count);

  host_connection& host_;
  std::shared_ptr<query_clock> clock_;
  storage::shadow_store store_;
  storage::stored_panes panes_;
  stream::stream_options options_;
  std::vector<stream::pane_level> levels_;
  stream::memory_plan plan_;
  std::uint64_t seed_ = 0;

  bool is_loaded_ = false;
  bool is_stale_ = true;  // memory may differ from the pages
  bool is_writing_ = false;
  bool is_newborn_ = false;   // made in a transaction that has not ended
  bool has_written_ = false;  // in this transaction: a rollback undoes pages that memory knows
  bool is_doubtful_ =
      false;  // loaded amid a transaction, ours or another's, of whose end we may not hear
  bool has_held_ = false;  // rows of the tail wait for their rows in the log
  std::int64_t data_version_ = -1;
  int schema_readings_ = -1;  // store_.schema_readings() when memory was loaded
  std::optional<std::uint32_t>
      commits_;  // store_.commits() when memory was last known to be in step
  stream::stream_head stored_;
  stream::stream_head live_;
  stream::event_batch events_;  // the tail, then what is pending
  std::uint64_t events_epoch_ = 0;
  std::int64_t unlogged_ =
      0;  // events about to be folded that expired before they had a row in the log
  std::size_t flushed_ = 0;  // how many of events_ are in the tail table
  std::int64_t next_seq_ = 1;

  std::int64_t identity_ = 0;  // of this making of the table; 0 before it is known

  struct known_keys {
    std::unordered_set<std::uint64_t> hashes;
    std::int64_t last_id = 0;
    std::int64_t epoch = -1;
  };
  known_keys keys_;
  std::vector<item> new_keys_;

  // An answer holds as long as panes and events are those it was computed from.
  struct kept_answer {
    stream::time_span span;
    std::optional<item> partition;
    std::size_t k = 0;
    std::uint64_t generation = 0;
    std::uint64_t events_epoch = 0;
    std::size_t events = 0;
    std::shared_ptr<std::vector<stream::ranked_item> const> rows;
  };
  std::list<kept_answer> answers_;

  static constexpr std::size_t kept_windows = 4;
  std::list<stream::window_cache> windows_;  // most recently used first
};

}  // namespace topk::engine
