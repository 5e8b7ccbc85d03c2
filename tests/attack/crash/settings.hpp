// How much of a crash test is run.
#pragma once

#include <cstdlib>

#include "kit/sanitizers.hpp"

namespace topk::test::crash_settings {

// What the environment says, else the usual, or less where sanitizers make every step slow.
inline long number(char const* variable, long usual, long sanitized) {
  char const* const given = std::getenv(variable);
  if (given != nullptr && *given != '\0') return std::atol(given);
  return is_sanitized ? sanitized : usual;
}

}  // namespace topk::test::crash_settings
