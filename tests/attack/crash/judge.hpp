// What must hold of a file after a crash.
#pragma once

#include <cstdint>
#include <string>

#include "kit/database.hpp"
#include "workload.hpp"

namespace topk::test {

struct sentence {
  std::int64_t last = -1;  // transactions 0 .. last are in the file, whole; none of another is
  std::string complaint;   // empty: all is as promised
};

// Reads a file that should hold transactions 0 .. m of the workload with least <= m <= most; -1 is
// a file without any. Both integrity checks pass; every count, total and number of events is that
// of those transactions.
[[nodiscard]] sentence judge(database& db, workload& work, std::int64_t least, std::int64_t most);

// Runs a transaction on its clock; throws sql_error.
void run(database& db, numbered_transaction const& what);

}  // namespace topk::test
