// The exact model of one stream: what every answer of the extension is compared with.
//
// It keeps all retained events and counts them anew for each question. Times are microseconds since
// 1970. The meanings are those of extension/README.md: lateness, retention and the reference time
// R. A model is a value: a savepoint is a copy. Items and partitions are numbers in a dictionary
// that copies share and that only grows.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "value.hpp"

namespace topk::test {

using micros = std::int64_t;

inline constexpr std::int64_t largest_weight = std::int64_t{1} << 40;

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

struct model_limits {
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

enum class verdict {
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
[[nodiscard]] constexpr bool is_refusal(verdict of) noexcept { return of >= verdict::null_item; }

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

// The signed sums of a set of events by item.
class tally {
 public:
  explicit tally(std::shared_ptr<dictionary const> items);
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
  std::vector<std::uint32_t> events_;
  std::int64_t total_ = 0;
};

class exact_model {
 public:
  explicit exact_model(model_limits limits);

  // What the stream does with a row at this time; changes nothing unless the row is stored or late.
  verdict accept(offer const& given, micros now);
  // What accept would say of a row, but for lateness.
  [[nodiscard]] verdict judge(offer const& given, micros now) const;
  void raise_reference(micros to);
  void prune(micros now) {
    if (reference_)
      raise_reference(now);  // before the first event there is nothing to count back from
  }
  void forget(value const& item);
  void clear();
  // What rebuild does: `with` are all events there are; R stays, lateness is not counted.
  void refill(std::vector<event> const& with);
  // Drops what has expired; answers are the same before and after.
  void compact();

  // Counts events with since < ts <= until that are retained; `partition` null means all together.
  [[nodiscard]] tally count(micros since, micros until, value const& partition = {}) const;

  [[nodiscard]] model_limits const& limits() const noexcept { return limits_; }
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
  void store(event const& each);

  model_limits limits_;
  std::shared_ptr<dictionary> items_;
  std::shared_ptr<dictionary> partitions_;
  std::vector<event> events_;
  std::optional<micros> reference_;
  std::optional<micros> newest_;
  bool newest_is_certain_ = true;
  history life_;
  std::vector<bool> seen_;  // by item number
};

}  // namespace topk::test
