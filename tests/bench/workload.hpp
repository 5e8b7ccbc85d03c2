// Events to measure with: Zipf's law over 15-byte texts, spread evenly over a time. Deterministic.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "sql.hpp"

namespace topk::bench {

inline constexpr std::int64_t day = 86'400;
inline constexpr std::int64_t first_second = 1'700'000'000 / day * day;  // a midnight

struct workload {
  std::int64_t events = 0;
  double skew = 1.0;  // Zipf's exponent; 0: all items alike
  std::int64_t distinct = 1'000'000;
  std::int64_t seconds = day;         // the time they are spread over ...
  std::int64_t start = first_second;  // ... after this second
  std::int64_t drift = 0;             // so many popular sets in that time, one after another
};

// One item of Zipf's law by inverse transform of its continuous form; `uniform` in (0, 1].
[[nodiscard]] std::int64_t zipf_rank(double uniform, double skew, std::int64_t distinct);

// "item" and eleven digits.
inline constexpr std::size_t item_bytes = 15;
struct item_name {
  char text[item_bytes + 1];
  explicit item_name(std::int64_t rank) noexcept;
  [[nodiscard]] std::string_view view() const noexcept { return {text, item_bytes}; }
};

// The events of a workload, one after another.
class event_source {
 public:
  explicit event_source(workload const& of) : of_(of) {}
  [[nodiscard]] bool is_at_end() const noexcept { return next_ == of_.events; }
  // Requires: not at the end.
  void next();
  [[nodiscard]] std::int64_t rank() const noexcept { return rank_; }
  [[nodiscard]] std::int64_t second() const noexcept { return second_; }

 private:
  workload of_;
  std::mt19937_64 random_{42};
  std::int64_t next_ = 0, rank_ = 0, second_ = 0;
};

// Makes table src(ts INTEGER, item TEXT) in `schema` of the connection.
void make_events(connection const& db, workload const& of, std::string const& schema = "main");

// The events in memory, one after another, for programs that bind them.
class event_list {
 public:
  explicit event_list(workload const& of);
  [[nodiscard]] std::size_t size() const noexcept { return seconds_.size(); }
  [[nodiscard]] char const* item(std::size_t at) const noexcept {
    return items_.data() + at * item_bytes;
  }
  [[nodiscard]] std::int64_t second(std::size_t at) const noexcept { return seconds_[at]; }

 private:
  std::vector<char> items_;
  std::vector<std::int64_t> seconds_;
};

// The events of ../shared/data/NAME.tsv.gz (TOPK_SHARED_DATA names another folder), in order of
// time. False: it is not here.
bool each_recorded(std::string const& name,
                   std::function<void(std::int64_t second, std::string const& item)> const& visit);

}  // namespace topk::bench
