// What each writer does: numbered transactions, the same for a seed, a writer and a number, and
// what each leaves in the streams.
//
// Every transaction has an item of its own, writer * 10^9 + number, so that a file tells which are
// in it, and how often; besides it writes to items that all share.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kit/value.hpp"

namespace topk::test {

// cms_add; a small stream with partitions; one without a log, whose sums the plain table `tally`
// keeps in the same transactions; one that forgets after seconds; one in step with table t; one in
// step with table u while `mark` says so.
inline constexpr std::array<char const*, 6> concurrent_streams = {
    "topk_events", "s", "bare", "brief", "tracker", "toggled"};
enum concurrent_stream : std::size_t { front, many, bare, brief, tracker, toggled };

struct ledger_entry {
  std::size_t stream;
  value item;
  std::int64_t weight;
};

struct step {
  std::string sql;
  std::vector<value> parameters;  // with any, the statement is prepared once and kept
};

struct numbered_steps {
  std::vector<step> steps;
  std::vector<ledger_entry> leaves;
  std::array<std::int64_t, concurrent_streams.size()> events{};  // accepted or late

  [[nodiscard]] bool has_own_item_in(std::size_t stream) const;
};

[[nodiscard]] constexpr std::int64_t item_of(std::int64_t writer, std::int64_t number) noexcept {
  return writer * 1'000'000'000 + number;
}

// Requires: writer >= 1, number >= 1.
[[nodiscard]] numbered_steps script_of(std::uint64_t seed, std::int64_t writer,
                                       std::int64_t number);

// Makes tables and streams; the default stream only if `with_front`, else its first writer does.
[[nodiscard]] std::vector<std::string> schema_of_streams(bool with_front);

}  // namespace topk::test
