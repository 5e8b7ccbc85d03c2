// The streams of the long life, and how its numbers are spelled as SQL values.
#pragma once

#include <array>
#include <string>

#include "kit/database.hpp"
#include "kit/oracle.hpp"

namespace topk::test {

inline constexpr std::int64_t first_ms = 1'800'000'000'000;
inline constexpr std::int64_t day_ms = 86'400'000;
inline constexpr std::int64_t sessions = 6;  // a day
inline constexpr micros hour_us = 3'600'000'000;

struct stream_plan {
  char const* name;
  char const* options;
  micros retain;
  std::array<char const*, 2> windows;
  std::array<micros, 2> lengths;
  bool has_log = false;
  bool is_parted = false;
  bool is_tracked = false;
};

struct simulated_stream {
  stream_plan const* plan;
  oracle truth;
  prepared insert;
  std::int64_t rejected = 0;
};

// A row of the tracked table.
struct sale {
  micros ts = 0;
  std::int64_t count = 0;
  value item;
};

// Small memories, so that there is more than they hold: evictions, cut panes, flushes within a
// statement. The tracked one is the last.
inline constexpr std::array<stream_plan, 4> plans = {{
    {.name = "brief",
     .options = "windows='10min,1hour', retain='6hour', memory=16384, k=20",
     .retain = 6 * hour_us,
     .windows = {"10min", "1hour"},
     .lengths = {hour_us / 6, hour_us},
     .has_log = true},
    {.name = "unlogged",
     .options = "windows='1hour,1day', retain='3day', log=off, memory=16384, k=20",
     .retain = 72 * hour_us,
     .windows = {"1hour", "1day"},
     .lengths = {hour_us, 24 * hour_us}},
    {.name = "parted",
     .options = "windows='1hour,1day', memory=32768, k=20, max_partitions=150",
     .retain = 24 * hour_us,
     .windows = {"1hour", "1day"},
     .lengths = {hour_us, 24 * hour_us},
     .has_log = true,
     .is_parted = true},
    {.name = "sold",
     .options = "windows='3hour,1day', retain='2day', memory=16384, k=20, content='sales', "
                "item='product', ts='at', weight='n'",
     .retain = 48 * hour_us,
     .windows = {"3hour", "1day"},
     .lengths = {3 * hour_us, 24 * hour_us},
     .is_tracked = true},
}};

// Items of the numbers below are INTEGERs, from here on TEXTs.
inline constexpr std::int64_t first_text = std::int64_t{1} << 40;
[[nodiscard]] value item_value(std::int64_t number);

}  // namespace topk::test
