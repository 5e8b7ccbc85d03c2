// Events to measure with: Zipf's law over 15-byte texts, spread evenly over a time.
#pragma once

#include <cstdint>
#include <string>

#include "sql.hpp"

namespace topk::bench {

inline constexpr std::int64_t day = 86'400;
inline constexpr std::int64_t first_second = 1'700'000'000 / day * day;  // a midnight

struct workload {
  std::int64_t events = 0;
  double skew = 1.0;                   // Zipf's exponent; 0: all items alike
  std::int64_t distinct = 1'000'000;
  std::int64_t seconds = day;          // the time they are spread over, from first_second on
  std::int64_t drift = 0;              // the popular set moves on this many times in that span
};

// Makes table src(ts INTEGER, item TEXT) in `schema` of the connection. Deterministic.
void make_events(connection const& db, workload const& of, std::string const& schema = "main");

// One item of Zipf's law by inverse transform of its continuous form; `uniform` in (0, 1].
[[nodiscard]] std::int64_t zipf_rank(double uniform, double skew, std::int64_t distinct);
[[nodiscard]] std::string item_name(std::int64_t rank);

}  // namespace topk::bench
