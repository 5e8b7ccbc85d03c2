// What must hold of a file after a crash.
#pragma once

#include <cstdint>
#include <string>

#include "../support/database.hpp"
#include "workload.hpp"

namespace topk::test {

struct sentence {
  std::int64_t last = 0;  // transactions 1 .. last are in the file, whole; none of another is
  std::string complaint;  // empty: all is as promised
};

// Reads a file that should hold transactions 1 .. m of the workload with least <= m <= most. Both
// integrity checks pass; every count, total and number of events is that of those transactions.
[[nodiscard]] sentence judge(database& db, workload& work, std::int64_t least, std::int64_t most);

}  // namespace topk::test
