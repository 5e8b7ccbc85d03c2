// The limits, in one table. A value beyond a limit is refused with an error that names the limit,
// never truncated.
//
// Sums and what is derived from them cannot overflow: every stored number is below 2^62 in
// magnitude, so the difference of any two fits an int64.
#pragma once

#include <cstddef>
#include <cstdint>

namespace topk {

// ---- numbers

// Where sums saturate (base/saturate.hpp). A stream's sum of |weight|, its counters and its
// sequence numbers stay below it: an event that would get there is refused.
inline constexpr std::int64_t greatest_sum = std::int64_t{1} << 62;
// The greatest magnitude that a stored number has.
inline constexpr std::int64_t greatest_stored = greatest_sum - 1;
// |weight| of one event: 2^22 of the heaviest reach the limit of a stream.
inline constexpr std::int64_t greatest_weight = std::int64_t{1} << 40;

// ---- sizes of answers and summaries

inline constexpr std::int64_t greatest_k = 100'000;  // rows that one question returns at most
// Entries of one summary: of an aggregate's `counters`, and of a stored pane.
inline constexpr std::uint32_t greatest_counters = std::uint32_t{1} << 20;
// Counters of a Count-Min sketch, all rows together: 64 MiB.
inline constexpr std::uint64_t greatest_cells = std::uint64_t{1} << 23;

// ---- options of a stream

inline constexpr std::size_t most_windows = 16;
inline constexpr std::int64_t greatest_window_days = 3653;  // any ten years, leap days included
inline constexpr std::int64_t greatest_skew_days = 7;
inline constexpr std::int64_t least_memory = 16 * 1024;                 // bytes
inline constexpr std::int64_t greatest_memory = std::int64_t{1} << 40;  // bytes
inline constexpr std::int64_t memory_per_k = 16 * 1024;                 // of the default
inline constexpr std::int64_t greatest_item_bytes = std::int64_t{1} << 20;
inline constexpr std::int64_t greatest_partitions = (std::int64_t{1} << 31) - 1;

}  // namespace topk
