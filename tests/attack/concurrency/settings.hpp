// How long the concurrency tests run, and with what seed.
#pragma once

#include <cstdint>
#include <cstdlib>

#include "kit/sanitizers.hpp"

namespace topk::test::concurrency_settings {

inline std::int64_t number(char const* variable, std::int64_t usual) {
  char const* const given = std::getenv(variable);
  return given != nullptr && *given != '\0' ? std::atoll(given) : usual;
}

// What one test case may take. Longer runs are made of more rounds, each with a file of its own.
inline std::int64_t seconds() { return number("TOPK_CONCURRENCY_SECONDS", is_sanitized ? 6 : 8); }

inline std::uint64_t seed() {
  return static_cast<std::uint64_t>(number("TOPK_CONCURRENCY_SEED", 1));
}

// A worker that comes to the end of no statement for so long is deadlocked: a busy handler of ours
// gives up after milliseconds.
inline std::int64_t patience_ms() {
  return 1000 * number("TOPK_CONCURRENCY_PATIENCE", is_sanitized ? 240 : 120);
}

}  // namespace topk::test::concurrency_settings
