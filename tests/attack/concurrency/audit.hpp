// What must be in a file when all workers have left it.
#pragma once

#include <cstdint>
#include <vector>

#include "kit/database.hpp"

namespace topk::test {

// Transactions 1 .. acknowledged[w - 1] of each writer w, each once and whole, and nothing else:
// items, totals, `events`, `late`, bounds, both integrity checks. Returns how many events these
// are. Throws std::runtime_error that says what differs, and sql_error.
std::int64_t audit(database& db, std::uint64_t seed, std::vector<std::int64_t> const& acknowledged);

}  // namespace topk::test
