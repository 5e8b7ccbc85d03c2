// The process that is killed, and what it was about when that came.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "workload.hpp"

namespace topk::test {

enum class phase : int { opening, between, statement, fold, commit };
inline constexpr int phase_count = 5;

struct remains {
  phase was_in = phase::opening;
  std::int64_t acknowledged = 0;  // the last transaction whose end the writer has told
  bool has_left = false;          // by itself, which it never should
};

// Starts a process that opens the file and runs transactions first, first + 1, ..., tells each end
// through a pipe, and is killed after so many microseconds. Requires: no connection is open here.
// Throws std::runtime_error where the system refuses.
[[nodiscard]] remains write_and_be_killed(std::string const& path, std::string const& pragmas,
                                          workload const& work, std::int64_t first,
                                          std::int64_t microseconds);

// The same with a process that only opens the file again and asks: it dies amid the recovery.
[[nodiscard]] remains read_and_be_killed(std::string const& path, std::string const& pragmas,
                                         std::int64_t microseconds);

}  // namespace topk::test
