// What a user can see of a stream, and what its shadow tables hold, as texts to compare.
#pragma once

#include <cstdint>
#include <string>

#include "kit/database.hpp"

namespace topk::test {

// Answers over all that is retained and over an hour, in every mode (or the error), and the
// counters. Equal before and after means that nothing was lost or added.
[[nodiscard]] std::string snapshot(database& db, std::string const& stream);

// Every row of every shadow table of main.<stream>, as literals.
[[nodiscard]] std::string shadow_rows(database& db, std::string const& stream);

// A text of the numbers first..last as a table of one column named `value`, for INSERT .. SELECT.
[[nodiscard]] std::string series(std::int64_t first, std::int64_t last);

}  // namespace topk::test
