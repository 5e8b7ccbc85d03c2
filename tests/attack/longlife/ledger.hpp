// The exact account of one stream's events, in the plainest form: what the stream is held against
// at the end of each simulated day.
//
// The meanings are those of extension/README.md: lateness, retention and the reference time R.
// Times are microseconds since 1970. A ledger is a value: ROLLBACK puts back a copy.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace topk::test {

using micros = std::int64_t;

struct ledger_entry {
  micros ts = 0;
  std::int64_t weight = 1;
  std::int64_t item = 0;       // a number for each item, in SQLite's order of the items
  std::int64_t partition = 0;  // 0: none
};

struct counted {
  std::int64_t item = 0;
  std::int64_t count = 0;
};

// The sums of a window, by item.
class window_tally {
 public:
  explicit window_tally(std::vector<counted> sums);

  // max(0, sum of weights).
  [[nodiscard]] std::int64_t count(std::int64_t item) const noexcept;
  [[nodiscard]] std::int64_t total() const noexcept { return total_ < 0 ? 0 : total_; }
  // By (count desc, item asc), without items whose count is 0.
  [[nodiscard]] std::vector<counted> top(std::size_t k) const;

 private:
  std::vector<counted> sums_;  // by item
  std::int64_t total_ = 0;
};

class ledger {
 public:
  explicit ledger(micros retain) : retain_(retain) {}

  // One event offered at this time: taken, or counted as late.
  void offer(ledger_entry const& entry, micros now);
  void reject() noexcept { ++rejected_; }
  // What 'prune' does with the reference time.
  void prune(micros now) noexcept;
  // What 'forget' does: the counters stay, the events are gone.
  void forget(std::int64_t item);
  // What 'rebuild' does: what is retained as of now is counted anew, and an event that was ahead of
  // the clock when it came counts for the reference time. A content table knows of no late events.
  void rebuild_from_log(micros now);
  void rebuild_from_content(std::vector<ledger_entry> const& content, micros now);
  void drop_expired();

  // Events with since < ts <= until that are retained; partition 0 means all together.
  [[nodiscard]] window_tally count(micros since, micros until, std::int64_t partition = 0) const;

  // Events at or before it are gone.
  [[nodiscard]] micros floor() const noexcept {
    return has_begun() ? reference_ - retain_ : reference_;
  }
  [[nodiscard]] bool has_begun() const noexcept { return reference_ != nothing; }
  [[nodiscard]] std::vector<ledger_entry> const& retained() const noexcept { return entries_; }
  [[nodiscard]] std::int64_t events() const noexcept { return events_; }
  [[nodiscard]] std::int64_t weight() const noexcept { return weight_; }
  [[nodiscard]] std::int64_t late() const noexcept { return late_; }
  [[nodiscard]] std::int64_t rejected() const noexcept { return rejected_; }

 private:
  static constexpr micros nothing = std::numeric_limits<micros>::min();
  void take(ledger_entry const& entry);
  void rebuild(std::vector<ledger_entry> const& from, micros now);

  micros retain_;
  micros reference_ = nothing;
  std::vector<ledger_entry> entries_;
  std::int64_t events_ = 0;
  std::int64_t weight_ = 0;
  std::int64_t late_ = 0;
  std::int64_t rejected_ = 0;
};

}  // namespace topk::test
