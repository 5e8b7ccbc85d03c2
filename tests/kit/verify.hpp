// Do the promises hold? Answers against the exact truth, modes against each other, files against
// their integrity checks.
//
// Every suite that asks a stream compares here, so a new promise is checked once. Each check throws
// `disagreement`, whose text has the SQL and what is wrong with its answer; sql_error if a
// statement fails. No Catch2 here, since worker processes use it too.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "kit/database.hpp"
#include "kit/oracle.hpp"

namespace topk::test {

// The extension does not do what it promises.
class disagreement : public std::runtime_error {
  using std::runtime_error::runtime_error;
};
[[noreturn]] void disagree(std::string const& sql, std::string const& what);
// Throws if they differ.
void check_equal(std::string const& what, std::int64_t got, std::int64_t wanted);

// The arguments of topk() and topk_count(), as SQL literals.
struct question {
  std::string window = "'all'";
  std::int64_t k = 10;
  std::string stream = "NULL";
  std::string at = "'latest'";
  value partition;  // or without_partition

  // `mode` is one of the contract's names.
  [[nodiscard]] std::string select(std::string const& mode) const;
  [[nodiscard]] std::string select_count(std::string const& mode, value const& item) const;
  // NULL item: all together.
  [[nodiscard]] std::string select_series(std::string const& mode, std::string const& step,
                                          value const& item) const;
};

struct answer_row {
  std::int64_t rank = 0;
  value item;
  std::int64_t count = 0;
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  std::int64_t proven = 0;
};

// What was asked for, and the rows as they came; source is the last column.
struct raw_answer {
  std::string sql;
  std::int64_t k = 0;
  std::vector<row> raw;
};

struct answer : raw_answer {
  std::vector<answer_row> rows;  // upper: open_upper where it is NULL
  // The hidden results, the same in every row; meaningless without one.
  std::int64_t total_lower = 0;
  std::int64_t total_upper = 0;
  micros since = 0;
  micros until = 0;
  double confidence = 0;
  bool complete = true;  // no event of the window was dropped
  std::string source;
};

inline constexpr std::int64_t open_upper = INT64_MAX;

// Reads the rows of question::select. Throws disagreement for a shape that no answer may have: of
// another type, out of order, an item twice, bounds that cross.
[[nodiscard]] answer read_answer(std::string const& sql, std::int64_t k, std::vector<row> raw);
[[nodiscard]] answer ask(database& db, question const& asked, std::string const& mode);

// ---- an answer and the truth about its window

// Each count and the total lie within their bounds.
void check_bounds(answer const& given, tally const& truth);
// What is proven is in the true top k.
void check_proven(answer const& given, tally const& truth);
// Exactly the true top k; with `all_columns` bounds, `proven` and totals are exact, too.
void check_exact(answer const& given, tally const& truth, bool all_columns);
// The true top k, in bounds that hold it.
void check_hybrid(answer const& given, tally const& truth);
// Without a log hybrid is fast, in all but its name.
void check_hybrid_without_log(raw_answer const& fast, raw_answer const& hybrid);
// The one row of topk_count: bounds that hold the true count, and meet if `is_exact`.
void check_count(std::string const& sql, std::vector<row> const& given, std::int64_t count,
                 bool is_exact);
// Two answers to one question are the same in every column.
void check_same(raw_answer const& first, raw_answer const& again, std::string const& where);

// ---- a database

// The streams of main, by name.
[[nodiscard]] std::vector<std::string> streams_of(database& db);
[[nodiscard]] bool exists(database& db, std::string const& table);

// A window's answer in every mode. `exact` is nothing where the stream keeps no events to count.
struct window_answers {
  answer fast;
  std::optional<answer> exact;
  answer hybrid;
};
// Asks in every mode, and counts the events of the window by GROUP BY: bounds, totals, `proven`,
// and hybrid = exact = GROUP BY. Requires: asked.stream is a plain name, asked.at 'latest' or a
// time.
window_answers verify_window(database& db, question const& asked);

// SQLite's integrity check and each stream's find nothing, and no shadow table is without its
// stream. Writes; requires: no read transaction.
void check_integrity(database& db, bool with_pages = true);

}  // namespace topk::test
