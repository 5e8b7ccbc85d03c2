// The process that is killed, and what it was doing then.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "kit/workload.hpp"

namespace topk::test {

enum class phase : int { opening, between, statement, flush, commit };
inline constexpr int phase_count = 5;

struct killed_process {
  phase was_in = phase::opening;
  std::int64_t acknowledged = 0;  // the last transaction whose end the writer reported
  bool has_left = false;          // by itself, which it never should
};

// Starts a process that opens the file and runs transactions first, first + 1, ..., reports each
// end through a pipe, and is killed after so many microseconds. Requires: no connection is open
// here. Throws std::runtime_error where the system refuses.
[[nodiscard]] killed_process write_and_be_killed(std::string const& path,
                                                 std::string const& pragmas, workload const& work,
                                                 std::int64_t first, std::int64_t microseconds);

// The same with a process that only opens the file again and asks: it dies within the recovery.
[[nodiscard]] killed_process read_and_be_killed(std::string const& path, std::string const& pragmas,
                                                std::int64_t microseconds);

}  // namespace topk::test
