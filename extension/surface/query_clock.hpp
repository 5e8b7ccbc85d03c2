// Latencies of queries and the rate of inserts on this connection, for topk_stats.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace topk::surface {

class query_clock {
 public:
  // One query took this long.
  void record(std::int64_t microseconds) noexcept {
    recent_[static_cast<std::size_t>(count_ % kept)] = microseconds;
    ++count_;
  }
  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  // Microseconds that this share of the last 1,000 queries did not exceed; 0 without queries.
  [[nodiscard]] std::int64_t percentile(double share) const {
    auto const used = static_cast<std::size_t>(std::min<std::int64_t>(count_, kept));
    if (used == 0) return 0;
    std::vector<std::int64_t> sorted(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(used));
    auto const rank = static_cast<std::size_t>(share * static_cast<double>(used - 1) + 0.5);
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(rank), sorted.end());
    return sorted[rank];
  }

  // Events taken, at this second of the connection's clock.
  void inserted(std::int64_t second) noexcept {
    auto& bucket = seconds_[static_cast<std::size_t>(((second % minute) + minute) % minute)];
    if (bucket.second != second) bucket = {second, 0};
    ++bucket.events;
  }
  // Events a second over the last minute before this second.
  [[nodiscard]] double inserts_per_second(std::int64_t second) const noexcept {
    std::int64_t events = 0;
    for (auto const& bucket : seconds_) {
      if (bucket.second > second - minute && bucket.second <= second) events += bucket.events;
    }
    return static_cast<double>(events) / static_cast<double>(minute);
  }

 private:
  static constexpr std::int64_t kept = 1000;
  static constexpr std::int64_t minute = 60;
  struct bucket {
    std::int64_t second = -minute;
    std::int64_t events = 0;
  };

  std::array<std::int64_t, kept> recent_{};
  std::int64_t count_ = 0;
  std::array<bucket, minute> seconds_{};
};

}  // namespace topk::surface
