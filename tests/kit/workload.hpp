// Numbered transactions of several writers, the same for a seed on every machine: what each runs,
// and what it leaves in the streams.
//
// Every transaction has an item of its own, writer * 10^9 + number, so that a file shows which
// transactions are in it and whether each is whole; it also writes to items that all share. No
// Catch2 here, since processes that die and worker processes use it too.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kit/random.hpp"
#include "kit/verify.hpp"

namespace topk::test {

// cms_add; a small stream with partitions; one without a log, whose sums the plain table `tally`
// keeps in the same transactions; one with a short retention; one that tracks table t; one that
// tracks table u while `mark` says so.
inline constexpr std::array<char const*, 6> workload_streams = {
    "topk_events", "s", "bare", "brief", "tracker", "toggled"};
enum workload_stream : std::size_t { front, many, bare, brief, tracker, toggled };
template <class T>
using of_each_stream = std::array<T, workload_streams.size()>;

struct workload_options {
  std::string windows = "2s,10s,1min,10min";  // of the small streams, which retain a day
  std::string brief = "windows='1s', retain='2s'";
  // How many transactions `brief` retains where each comes at a time of its own; 0: by the real
  // clock, so that nobody can say.
  std::int64_t brief_keeps = 0;
  bool has_toggled = true;
  bool has_commands = false;       // 'rebuild', 'optimize', VACUUM... between the events
  std::int64_t least_burst = 150;  // events of an item in a large INSERT .. SELECT
  std::int64_t most_burst = 400;
  std::int64_t burst_seconds = 1;  // over which its events are spread
};

struct step {
  std::string sql;
  std::vector<value> parameters;
};

struct numbered_transaction {
  struct leaf {
    std::size_t stream;
    value item;
    std::int64_t weight;
  };
  std::vector<step> steps;
  std::vector<leaf> leaves;  // what is left in the streams
  of_each_stream<std::int64_t> events{};
  of_each_stream<std::int64_t> late{};
};

// What several transactions leave together.
struct workload_state {
  of_each_stream<std::map<value, std::int64_t>> items;
  of_each_stream<std::int64_t> events{};
  of_each_stream<std::int64_t> late{};

  [[nodiscard]] tally counts(std::size_t stream) const;
};

class workload {
 public:
  workload(std::uint64_t seed, workload_options options, std::int64_t writers = 1)
      : seed_(seed), options_(std::move(options)), known_(static_cast<std::size_t>(writers)) {}

  // Transaction 0 makes tables and streams, in one transaction; an odd seed leaves the default
  // stream to the first use of cms_add. Requires: writer >= 1.
  [[nodiscard]] numbered_transaction transaction(std::int64_t writer, std::int64_t number) const;

  [[nodiscard]] static constexpr std::int64_t own_item(std::int64_t writer,
                                                       std::int64_t number) noexcept {
    return writer * 1'000'000'000 + number;
  }
  // The weight of its own item that a transaction leaves in each stream. Requires: number >= 1.
  [[nodiscard]] of_each_stream<std::int64_t> const& own(std::int64_t writer, std::int64_t number);
  // Transactions 1 .. last[w - 1] of each writer w.
  [[nodiscard]] workload_state after(std::vector<std::int64_t> const& last);

  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  [[nodiscard]] std::int64_t writers() const noexcept { return std::ssize(known_); }
  [[nodiscard]] workload_options const& options() const noexcept { return options_; }

 private:
  struct remembered {
    numbered_transaction made;  // without its steps
    of_each_stream<std::int64_t> own{};
  };
  remembered const& remember(std::int64_t writer, std::int64_t number);

  std::uint64_t seed_;
  workload_options options_;
  std::vector<std::vector<remembered>> known_;  // of each writer
};

// ---- checks; each throws disagreement or sql_error

// Of each writer the transactions 1 .. n are in the file, whole, in every stream that keeps them,
// and no other; returns n of each. Requires: one read transaction, or nobody else writes.
std::vector<std::int64_t> check_transactions(database& db, workload& work);

// The file holds transactions 1 .. last[w - 1] of each writer w, each once, and nothing else:
// items, totals, `events`, `late`, bounds, every mode. Returns how many events these are.
std::int64_t check_state(database& db, workload& work, std::vector<std::int64_t> const& last);

}  // namespace topk::test
