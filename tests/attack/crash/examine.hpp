// The workload of the crash tests, and what must hold of its file after a crash.
#pragma once

#include <cstdint>
#include <string>

#include "kit/workload.hpp"

namespace topk::test {

struct verdict {
  std::int64_t last = -1;  // transactions 0 .. last are in the file, whole; none of another is
  std::string complaint;   // empty: all is as promised
};

// One writer whose transactions come 30 seconds apart, into streams so small that nearly every
// commit flushes.
[[nodiscard]] workload crash_workload(std::uint64_t seed);
// When a transaction comes, for the clock.
[[nodiscard]] std::int64_t time_ms_of(std::int64_t number) noexcept;

// Examines a file that should hold transactions 0 .. m of the workload with least <= m <= most; -1
// is a file without any. All of kit/workload.hpp holds, and both integrity checks pass.
[[nodiscard]] verdict examine(database& db, workload& work, std::int64_t least, std::int64_t most);

// Runs a transaction on its clock; throws sql_error.
void run(database& db, workload const& work, std::int64_t number);

}  // namespace topk::test
