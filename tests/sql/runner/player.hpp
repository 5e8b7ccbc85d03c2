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
  // What each statement returned, by the line after it, as the lines to stand there; several where
  // variants differ.
  std::map<std::size_t, std::vector<std::vector<std::string>>> returned;
};

// `part`: only the cases whose names contain it.
[[nodiscard]] played play(script const& given, std::string const& part);

// The script with the lines below each statement replaced by what it returned, and how many were.
[[nodiscard]] std::vector<std::string> rewritten(script const& given, played const& done,
                                                 std::size_t& changed);

}  // namespace topk::test
