// Numbers that the environment may override: how long a suite runs, and with which seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "kit/sanitizers.hpp"

namespace topk::test {

// The variable's number, or `usual` where it is unset or empty.
inline std::int64_t setting(char const* variable, std::int64_t usual) {
  char const* const given = std::getenv(variable);
  return given != nullptr && *given != '\0' ? std::strtoll(given, nullptr, 10) : usual;
}

// The same with another usual number for sanitized builds, where every step is some ten times
// slower.
inline std::int64_t setting(char const* variable, std::int64_t usual, std::int64_t sanitized) {
  return setting(variable, is_sanitized ? sanitized : usual);
}

// The random streams 1, 2, ... that a property is tried on end before this number: `all` of them,
// or of n one where TOPK_PROPERTY_SHARE is n.
inline unsigned end_of_streams(unsigned all) {
  auto const share = static_cast<unsigned>(setting("TOPK_PROPERTY_SHARE", 1));
  return 1 + std::max(1U, all / std::max(1U, share));
}

}  // namespace topk::test
