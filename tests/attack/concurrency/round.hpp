// One round: a file of its own, workers that write, read and maintain it at once, and the audit.
#pragma once

#include <cstdint>
#include <string>

namespace topk::test {

struct configuration {
  char const* name;
  char const* pragmas;
  bool are_processes;
  int flags = 0;         // SQLITE_OPEN_ of every connection
  char const* uri = "";  // of a database in memory, for threads; empty: a file
};

struct crew {
  std::int64_t writers = 4;
  std::int64_t readers = 4;
};

struct figures {
  std::int64_t rounds = 0;
  std::int64_t acknowledged = 0;
  std::int64_t events = 0;
  std::int64_t reads = 0;
  std::int64_t busy = 0;
  std::int64_t kept = 0;

  // One line on standard output.
  void print(char const* of) const;
};

// Adds to the figures. Throws std::runtime_error that says which promise is broken.
void run_round(configuration const& how, crew const& who, std::uint64_t seed,
               std::int64_t milliseconds, figures& all);

}  // namespace topk::test
