// What must hold of what one read transaction sees, whatever others do meanwhile.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "kit/database.hpp"
#include "kit/random.hpp"
#include "script.hpp"

namespace topk::test {

// What each transaction leaves of its own item, computed once.
class known_scripts {
 public:
  known_scripts(std::uint64_t seed, std::int64_t writers)
      : seed_(seed), by_writer_(static_cast<std::size_t>(writers)) {}

  using own_weights = std::array<std::int64_t, concurrent_streams.size()>;
  own_weights const& of(std::int64_t writer, std::int64_t number);
  [[nodiscard]] std::int64_t writers() const noexcept {
    return static_cast<std::int64_t>(by_writer_.size());
  }

 private:
  std::uint64_t seed_;
  std::vector<std::vector<own_weights>> by_writer_;
};

// Every function throws std::runtime_error that says what is wrong, and sql_error. Requires of all:
// the connection is in a read transaction that has begun, or is alone.
class snapshot {
 public:
  using pause = std::function<void()>;
  snapshot(database& db, random_source& random) : db_(db), random_(random) {}

  // One window of one stream, asked for in every mode and counted by GROUP BY; asked for once more
  // after a pause.
  void check_window(std::size_t stream, pause const& wait);
  // The stream without a log against the table that keeps its sums.
  void check_bare(pause const& wait);
  // Of each writer the transactions 1 .. n are there, whole, in all streams that keep them, and no
  // other; returns n of each.
  std::vector<std::int64_t> check_transactions(known_scripts& scripts);
  // Any of these.
  void check_something(known_scripts& scripts, pause const& wait);
  // Writes what toggled has missed, if it is not in step. Requires: the connection is alone.
  void bring_into_step();
  // Ours of every stream, and SQLite's. Requires: all are in step, and no read transaction, since
  // ours takes the lock of a writer.
  void check_integrity();

  [[nodiscard]] bool exists(std::string const& table);
  // Whether toggled is in step with its table.
  [[nodiscard]] bool is_tracked();

 private:
  struct question;
  using counts = std::map<value, std::int64_t>;
  std::vector<row> ask(question const& what, char const* mode, std::int64_t k);
  counts count_by_hand(question const& what, row const& answered);
  void check_bounds(question const& what, std::vector<row> const& fast, counts const& truth);
  void check_count(question const& what, counts const& truth);

  database& db_;
  random_source& random_;
};

}  // namespace topk::test
