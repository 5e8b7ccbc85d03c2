// Numbered transactions, the same for a seed on every machine: what each runs, and what it leaves.
//
// Every event of transaction n that is kept is of the item n, of the item 'all', or of a filler
// text, so that a file tells which transactions are in it, and whether a part of one is.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace topk::test {

// The ways in: cms_add, a stream without a log, INSERT .. SELECT, a tracked table; and one stream
// that forgets after ten minutes, the age of twenty transactions.
inline constexpr std::array<char const*, 5> streams = {"topk_events", "s", "many", "tracker",
                                                       "brief"};
enum stream_at : std::size_t { by_front, by_stream, by_select, by_tracking, and_gone };
inline constexpr std::int64_t kept_by_brief = 20;

// What a transaction leaves in one stream, as sums of weights; `events` and `late` count what came.
struct share {
  std::int64_t own = 0;
  std::int64_t shared = 0;
  std::int64_t filler = 0;
  std::int64_t events = 0;
  std::int64_t late = 0;
};
using shares = std::array<share, streams.size()>;

struct numbered_transaction {
  std::int64_t now = 0;  // unix seconds, for the clock
  std::vector<std::string> statements;
  shares leaves;
};

class workload {
 public:
  explicit workload(std::uint64_t seed) : seed_(seed) {}

  // Transaction 0 makes the streams, small enough that nearly every commit folds; the default
  // stream is left to the first use of cms_add where the seed is even. Requires: number >= 0.
  [[nodiscard]] numbered_transaction transaction(std::int64_t number) const;
  // Requires: number >= 1.
  [[nodiscard]] shares const& leaves(std::int64_t number);
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }

 private:
  std::uint64_t seed_;
  std::vector<shares> known_;
};

}  // namespace topk::test
