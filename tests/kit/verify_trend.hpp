// Do the promises of topk_trending hold? Its answers against exact counts of both windows.
//
// Scores are computed here in another way than the extension does it. As kit/verify: each check
// throws `disagreement`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kit/verify.hpp"

namespace topk::test {

// What topk_trending asks beyond a question.
struct trend_terms {
  std::string baseline = "NULL";  // an SQL literal
  bool falls = false;
  bool by_time = false;
};
[[nodiscard]] std::string select_trending(question const& asked, std::string const& mode,
                                          trend_terms const& terms);

// Scores have their sign turned for what falls: the greater, the nearer to the top.
struct trend_row {
  value item;
  std::int64_t count = 0;
  std::int64_t lower = 0;
  std::int64_t upper = 0;  // open_upper where it is NULL
  double expected = 0, expected_lower = 0, expected_upper = 0;
  double score = 0, score_lower = 0, score_upper = 0;
  std::int64_t proven = 0;
};

struct trend_answer : raw_answer {
  std::vector<trend_row> rows;
  // The same in every row; meaningless without one.
  micros since = 0;
  micros until = 0;
  micros baseline_since = 0;
  std::string source;
  bool is_window_complete = true;  // no event of the window was dropped
  bool is_complete = true;         // nor one of the baseline: there are bounds, and proofs
};

// Reads the rows of select_trending. Throws disagreement for a shape that no answer may have.
[[nodiscard]] trend_answer read_trending(std::string const& sql, std::int64_t k, bool falls,
                                         std::vector<row> raw);

// r, where the totals do not decide it: lengths of window and baseline.
struct trend_lengths {
  std::int64_t window = 1;
  std::int64_t baseline = 1;
};

// What the exact answer to a question is.
class trend_truth {
 public:
  trend_truth(tally const& window, tally const& baseline, trend_terms const& terms,
              trend_lengths const& lengths);

  struct entry {
    value item;
    std::int64_t count = 0;     // in the window
    std::int64_t baseline = 0;  // before it
    long double score = 0;      // its sign is exact
  };
  // Of an item that has an event in one of the windows, or none: all zeros.
  [[nodiscard]] entry of(value const& item) const;
  [[nodiscard]] long double expected(entry const& of) const;
  // Those with a score above 0, in the order of exact answers. Where scores are too near to each
  // other to tell, whichever comes first.
  [[nodiscard]] std::vector<entry> const& rows() const noexcept { return rows_; }
  // How many items are surely before it.
  [[nodiscard]] std::size_t rank_at_least(entry const& of) const;

 private:
  std::vector<entry> all_;  // by item
  std::vector<entry> rows_;
  std::int64_t p_ = 1;  // r = p / q
  std::int64_t q_ = 1;
};

// Counts, expectations and scores lie within their bounds.
void check_trend_bounds(trend_answer const& given, trend_truth const& truth);
// What is proven is in the true top k.
void check_trend_proven(trend_answer const& given, trend_truth const& truth);
// Exactly the true top k, proven and in bounds that meet.
void check_trend_exact(trend_answer const& given, trend_truth const& truth);

// Asks in every mode, and counts both windows by GROUP BY: bounds, proofs, and hybrid = exact =
// GROUP BY. `fast` where a baseline is not retained: nothing. Requires: as verify_window, of a
// stream whose events are kept; terms without by_time.
std::optional<trend_answer> verify_trend(database& db, question const& asked,
                                         trend_terms const& terms);

}  // namespace topk::test
