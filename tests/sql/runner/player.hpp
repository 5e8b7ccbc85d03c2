// Plays a script: each case in all its variants, and what differs from what the script states.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "sql/runner/script.hpp"

namespace topk::test {

struct played {
  std::size_t cases = 0;
  std::size_t turns = 0;  // of the cases, with all their variants
  std::size_t statements = 0;
  std::vector<std::string> failures;
  // What statements returned other than what was expected, by their first line; several where
  // variants differ.
  std::map<std::size_t, std::vector<expectation>> returned;
};

// `part`: only the cases whose names contain it.
[[nodiscard]] played play(script const& given, std::string const& part);

// The script with each expectation as it should be, behind its statement where both fit in a line;
// `changed` counts those that said something else.
[[nodiscard]] std::vector<std::string> rewritten(script const& given, played const& done,
                                                 std::size_t& changed);

}  // namespace topk::test
