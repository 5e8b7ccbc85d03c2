// What must hold of what one read transaction sees, whatever others do meanwhile.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "kit/database.hpp"
#include "kit/random.hpp"
#include "kit/workload.hpp"

namespace topk::test {

// Every function throws disagreement and sql_error. Requires of all: the connection is in a read
// transaction that has begun, or is alone.
class snapshot {
 public:
  using pause = std::function<void()>;
  snapshot(database& db, random_source& random) : db_(db), random_(random) {}

  // One window of one stream: every mode, GROUP BY, topk_count; asked again after a pause.
  void check_window(std::size_t stream, pause const& wait);
  void check_trend(std::size_t stream, pause const& wait);
  // The stream without a log against the table that keeps its sums.
  void check_bare(pause const& wait);
  // Any of these, or check_transactions().
  void check_something(workload& work, pause const& wait);
  // Writes what `toggled` has missed, if it is untracked. Requires: the connection is alone.
  void bring_into_step();
  [[nodiscard]] bool is_tracked();

 private:
  void check_count(question const& asked, tally const& truth);

  database& db_;
  random_source& random_;
};

// What must be in a file when all workers have left it: transactions 1 .. acknowledged[w - 1] of
// each writer w, each once and whole, and nothing else; both integrity checks pass. Returns how
// many events these are.
std::int64_t audit(database& db, workload& work, std::vector<std::int64_t> const& acknowledged);

}  // namespace topk::test
