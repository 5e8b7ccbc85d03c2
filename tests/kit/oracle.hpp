// The exact oracle of one stream: what every answer of the extension is compared with.
//
// It keeps all retained events and counts them again for each question. Times are microseconds
// since 1970. Lateness, retention and the watermark R mean what extension/ARCHITECTURE.md says. An
// oracle is a value: a savepoint is a copy. Items and partitions are numbers in a dictionary that
// copies share and that only grows. No Catch2 here, since worker processes use it too.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kit/value.hpp"

namespace topk::test {

using micros = std::int64_t;
inline constexpr micros second = 1'000'000;

inline constexpr std::int64_t largest_weight = std::int64_t{1} << 40;

// Asks for the events without a partition, where a question names one. None is called so.
inline value const without_partition = value::text("without a partition");

// Canonical values and their numbers, 0, 1, 2...
class dictionary {
 public:
  std::uint32_t number_of(value const& of);
  [[nodiscard]] std::optional<std::uint32_t> find(value const& of) const;
  [[nodiscard]] value const& operator[](std::uint32_t number) const { return *values_[number]; }
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }

 private:
  std::map<value, std::uint32_t> numbers_;
  std::vector<value const*> values_;  // keys of the map, which do not move
};

struct stream_limits {
  micros retain = 86'400'000'000;
  micros max_skew = 60'000'000;
  std::int64_t max_item_bytes = 1024;
};

// One row as an INSERT offers it. An absent or NULL ts, weight or partition is nullopt or NULL.
struct offer {
  value item{};
  std::optional<micros> ts{};
  std::optional<std::int64_t> weight{};
  value partition{};
  bool ts_readable = true;      // false: neither a number nor a full date
  bool weight_readable = true;  // false: not an integer
};

// What becomes of a row.
enum class row_outcome {
  stored,
  ignored,  // weight 0
  late,     // counted, not stored
  // Refusals; the statement fails, or skips the row with OR IGNORE.
  null_item,
  item_too_long,
  bad_weight,
  bad_ts,
  too_far_ahead,
};
[[nodiscard]] constexpr bool is_refusal(row_outcome of) noexcept {
  return of >= row_outcome::null_item;
}

struct event {
  micros ts = 0;
  std::int64_t weight = 0;
  std::uint32_t item = 0;
  std::int32_t partition = -1;  // -1: NULL
};

struct counted_item {
  std::uint32_t item = 0;
  std::int64_t count = 0;
};

// The signed sums of a set of events by item: the truth about one window.
class tally {
 public:
  explicit tally(std::shared_ptr<dictionary const> items);
  // Of rows (item, sum of weights, ...), as SQL counts them.
  explicit tally(std::vector<row> const& sums);
  void add(event const& each);

  // max(0, sum of weights).
  [[nodiscard]] std::int64_t count(std::uint32_t item) const noexcept;
  [[nodiscard]] std::int64_t count(value const& item) const;
  [[nodiscard]] std::int64_t total() const noexcept { return total_ < 0 ? 0 : total_; }
  // The greatest by (count desc, item asc), without items whose count is 0.
  [[nodiscard]] std::vector<counted_item> top(std::size_t k) const;
  [[nodiscard]] bool any_positive() const noexcept;
  // (item, signed sum) of each item that has an event, also where the sum is 0; ordered by item.
  [[nodiscard]] std::vector<row> sums() const;
  [[nodiscard]] dictionary const& items() const noexcept { return *items_; }

 private:
  std::shared_ptr<dictionary const> items_;
  std::vector<std::int64_t> sum_;
  std::vector<bool> has_event_;
  std::vector<std::uint32_t>
      counted_;  // the items that have an event, so that reading skips others
  std::int64_t total_ = 0;
};

class oracle {
 public:
  explicit oracle(stream_limits limits);

  // What the stream does with a row at this time; changes nothing unless the row is stored or late.
  row_outcome accept(offer const& given, micros now);
  // What accept would say of a row, but for lateness.
  [[nodiscard]] row_outcome outcome_of(offer const& given, micros now) const;
  // An event that was expected has come: R and the newest time rise to it, unless R would jump.
  void has_come(micros ts);
  // Whether an event at this time would make R jump.
  [[nodiscard]] bool jumps_to(micros ts) const noexcept { return !reaches(ts); }
  // A transaction was committed or rolled back: what comes next may agree to a jump.
  void end_transaction() noexcept { own_jump_.reset(); }
  // After ROLLBACK TO: the transaction is still the one that `undone` was in.
  void goes_on(oracle const& undone) noexcept { own_jump_ = undone.own_jump_; }
  // A row of a content table that is dated ahead: what life() says of events is no more all.
  void expect(offer const& given);
  void prune(micros now) {
    if (!reference_) return;  // before the first event there is nothing to count back from
    reference_ = std::max(*reference_, now);
    jump_.reset();
  }
  void forget(value const& item);
  void clear();
  // What rebuild does: `with` are all events there are, and `reference` is R from now on. The
  // number of late events stays.
  void refill(std::vector<event> const& with, std::optional<micros> reference);
  // What rebuild of a log does now: R is that of its events, and a jump that waits waits on.
  void recount(micros now);
  // The greatest ts of the events that are gone, late or expired.
  [[nodiscard]] std::optional<micros> newest_dropped() const;
  void reset_late() noexcept { life_.late = 0; }
  // Drops what has expired; answers are the same before and after.
  void compact();

  // Numbers items and partitions again, without those that no retained event has, so that memory
  // does not grow with time. Numbers and tallies from before are meaningless then, and life()
  // counts distinct items from here on.
  void renumber();

  // Counts events with since < ts <= until that are retained; `partition` null means all together,
  // without_partition those that have none.
  [[nodiscard]] tally count(micros since, micros until, value const& partition = {}) const;

  [[nodiscard]] stream_limits const& limits() const noexcept { return limits_; }
  // R; nothing before the first event.
  [[nodiscard]] std::optional<micros> reference() const noexcept { return reference_; }
  // R - retain: events at or before it are gone. Requires: reference().
  [[nodiscard]] micros floor() const noexcept { return *reference_ - limits_.retain; }
  [[nodiscard]] bool is_expired(micros ts) const noexcept { return reference_ && ts <= floor(); }
  // The greatest ts ever stored, and whether that event is still known to be there: `forget` may
  // have taken it away, and the contract does not say what is the latest event then.
  [[nodiscard]] std::optional<micros> newest() const noexcept { return newest_; }
  [[nodiscard]] bool newest_is_certain() const noexcept { return newest_is_certain_; }
  [[nodiscard]] std::vector<event> const& events() const noexcept { return events_; }
  [[nodiscard]] dictionary const& items() const noexcept { return *items_; }
  [[nodiscard]] dictionary const& partitions() const noexcept { return *partitions_; }
  [[nodiscard]] event to_event(offer const& given, micros ts) const;

  // Since the beginning or the last clear(): all stored events, also those that have expired.
  struct history {
    std::int64_t stored = 0;
    std::int64_t late = 0;
    std::int64_t weight = 0;
    micros first = 0;  // least and greatest ts ever stored; meaningless while stored == 0
    micros last = 0;
    std::size_t distinct_items = 0;
    std::size_t item_bytes = 0;  // of the distinct items
    bool is_whole = true;        // nothing was forgotten
  };
  [[nodiscard]] history const& life() const noexcept { return life_; }

 private:
  struct jump {
    micros to = 0;
    micros seen = 0;  // by the clock
  };

  [[nodiscard]] bool reaches(micros to) const noexcept {
    return !reference_ || to <= *reference_ + limits_.retain;
  }
  void raise(micros ts, micros now);
  void agree(micros to, micros clock);
  void store(event const& each);
  void note_dropped(micros ts);

  stream_limits limits_;
  std::shared_ptr<dictionary> items_;
  std::shared_ptr<dictionary> partitions_;
  std::vector<event> events_;
  std::optional<micros> reference_;
  // A watermark further ahead of R than `retain`, which waits; and the clock at the first event of
  // the open transaction that is.
  std::optional<jump> jump_;
  std::optional<micros> own_jump_;
  std::optional<micros> newest_;
  bool newest_is_certain_ = true;
  std::optional<micros> newest_dropped_;  // but for what compact() has not dropped yet
  history life_;
  std::vector<bool> seen_;  // by item number
};

}  // namespace topk::test
