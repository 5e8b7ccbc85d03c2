// One connection's use of one stream, for topk_stats: latencies of queries, the rate of events,
// rows refused.
//
// Kept by the connection, as it outlives the stream's state: SQLite lets go of every virtual table
// when another connection changes the schema. Allocates nothing.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace topk::live {

class query_clock {
 public:
  // The stream that is measured from now on. Another one of the same name starts from zero.
  void belongs_to(std::int64_t stream) noexcept {
    if (stream_ != 0 && stream_ != stream) *this = {};
    stream_ = stream;
  }

  // Rows refused by statements that failed, which nothing stored can count.
  std::int64_t rejected = 0;

  // One query took this long.
  void record(std::int64_t microseconds) noexcept {
    recent_[static_cast<std::size_t>(count_ % kept_queries)] = microseconds;
    ++count_;
  }
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  // The least of the last 1,000 latencies, in microseconds, that `percent` of them do not exceed; 0
  // without queries. Requires: 1 <= percent <= 100.
  [[nodiscard]] std::int64_t percentile(std::int64_t percent) const noexcept {
    auto const used = std::min(count_, kept_queries);
    if (used == 0) return 0;
    auto sorted = recent_;
    auto const rank = (used * percent + 99) / 100 - 1;
    std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.begin() + used);
    return sorted[static_cast<std::size_t>(rank)];
  }

  // The stream has taken so many events by now, whoever inserted them.
  void saw(micros now, std::int64_t events) noexcept {
    // What a rollback or 'delete-all' took back was not taken, and a clock may be set back.
    while (looks_ > 0 && (look(looks_ - 1).at > now || look(looks_ - 1).events > events)) --looks_;
    while (looks_ > 1 && look(1).at <= now - minute) forget_oldest();
    // The last look always stays; of those before it, two within a second are one too many.
    if (looks_ > 1 && now - look(looks_ - 2).at < second) --looks_;
    if (looks_ == kept_looks) forget_oldest();
    look(looks_++) = {now, events};
  }
  // Events a second since the last look that is a minute old or older, or since the first one: the
  // mean over a minute where the stream was looked at often enough, and over what is known
  // otherwise. Less than a second counts as one. nullopt where nothing is known yet. Call saw()
  // with the same before.
  [[nodiscard]] std::optional<double> events_per_second(micros now,
                                                        std::int64_t events) const noexcept {
    if (looks_ == 0) return std::nullopt;
    auto const& base = look(0);
    if (now - base.at < second && events == base.events) return std::nullopt;
    auto const elapsed = std::max(now - base.at, second);
    return static_cast<double>(events - base.events) * static_cast<double>(second) /
           static_cast<double>(elapsed);
  }

 private:
  struct one_look {
    micros at = 0;
    std::int64_t events = 0;
  };
  static constexpr std::int64_t kept_queries = 1000;
  static constexpr std::size_t kept_looks =
      128;  // two a second for a minute, and those at its ends

  [[nodiscard]] one_look& look(std::size_t i) noexcept { return at_[(first_ + i) % kept_looks]; }
  [[nodiscard]] one_look const& look(std::size_t i) const noexcept {
    return at_[(first_ + i) % kept_looks];
  }
  void forget_oldest() noexcept {
    first_ = (first_ + 1) % kept_looks;
    --looks_;
  }

  std::int64_t stream_ = 0;
  std::array<std::int64_t, kept_queries> recent_{};
  std::int64_t count_ = 0;
  std::array<one_look, kept_looks> at_{};
  std::size_t first_ = 0;
  std::size_t looks_ = 0;
};

}  // namespace topk::live
