// Compares answers of the extension with the model: bounds, totals, order, proven, exact, hybrid.
#pragma once

#include <optional>

#include "kit/verify_trend.hpp"
#include "question.hpp"
#include "session.hpp"

namespace topk::test {

// Two times that answers give as REALs: in the year 2300 those are 2 us apart.
[[nodiscard]] inline bool is_near(micros a, micros b) { return std::abs(a - b) <= 4; }

[[nodiscard]] inline bool says(outcome const& failed, char const* what) {
  return failed.message.find(what) != std::string::npos;
}

class checker {
 public:
  checker(session& on, random_source& random) : on_(on), plan_(on.plan()), random_(random) {}

  // A few random questions after a step, or every kind of question. Throws disagreement.
  void look(bool everything);
  // Everything about one question, asked of one connection that sees this world.
  void check(drawn_question const& asked, database& whom, world const& seen);

  // How many rows of fast answers were compared, and how many of them had room between the bounds:
  // a test of the test.
  struct work {
    std::int64_t rows = 0;
    std::int64_t inexact = 0;
    std::int64_t proven = 0;
    std::int64_t exact_rows = 0;
    std::int64_t steps = 0;  // of series
    // Of topk_trending: rows of fast answers, how many of them are proven, and how many have room
    // between their bounds; rows of exact and hybrid answers; questions refused.
    std::int64_t trend_rows = 0;
    std::int64_t trend_proven = 0;
    std::int64_t trend_inexact = 0;
    std::int64_t trend_exact_rows = 0;
    std::int64_t trend_refused = 0;
    // Of topk_state: states, refusals, entries with room between their bounds.
    std::int64_t states = 0;
    std::int64_t states_refused = 0;
    std::int64_t state_inexact = 0;
    void add(work const& other);
  };
  [[nodiscard]] work const& done() const noexcept { return done_; }

 private:
  // The window that an answer stands for. Unknown only without rows as of now: how far now was
  // rounded up can be read from a row alone.
  struct span {
    micros since = 0;
    micros until = 0;
    bool is_known = false;
  };

  [[nodiscard]] bool may_be_busy(database& whom);
  std::optional<answer> fetch(drawn_question const& asked, std::string const& mode, database& whom);
  span span_of(drawn_question const& asked, answer const& given, world const& seen) const;
  // The start that was asked for; the start of what is retained for 'all'.
  [[nodiscard]] micros asked_start(drawn_question const& asked, micros until,
                                   world const& seen) const;
  // The same, or where what is retained starts.
  [[nodiscard]] micros start_of(drawn_question const& asked, micros until, world const& seen) const;
  void check_complete(drawn_question const& asked, answer const& given, micros until,
                      world const& seen) const;
  [[nodiscard]] micros latest_rounding() const;
  [[nodiscard]] bool may_be_empty(drawn_question const& asked, world const& seen,
                                  bool exactly) const;
  [[nodiscard]] bool is_surely_exact(drawn_question const& asked, span const& of,
                                     world const& seen) const;

  void check_fast(drawn_question const& asked, answer const& given, world const& seen);
  void check_exact(drawn_question const& asked, answer const& given, world const& seen);
  void check_hybrid(drawn_question const& asked, answer const& fast, answer const& given,
                    world const& seen);
  void check_counts(drawn_question const& asked, answer const& fast, database& whom,
                    world const& seen);
  // A series of the question's window: each step like a question of its own.
  void check_series(drawn_question const& asked, database& whom, world const& seen);
  void check_series_rows(std::string const& sql, std::vector<row> const& rows, value const& item,
                         drawn_question const& asked, micros step, bool exactly,
                         world const& seen) const;
  // The question's window as a state; checker_state.cpp.
  void check_state(drawn_question const& asked, answer const& fast, database& whom,
                   world const& seen);
  void check_state_rows(std::string const& call, value const& state, tally const& truth,
                        std::int64_t least, database& whom);
  // What rises or falls up to the end of the question's window; checker_trend.cpp.
  struct trend_question;
  enum class retained { yes, no, perhaps };
  void check_trending(drawn_question const& asked, answer const& fast, database& whom,
                      world const& seen);
  [[nodiscard]] trend_question draw_trend(drawn_question const& asked, answer const& fast,
                                          world const& seen);
  [[nodiscard]] retained is_retained(trend_question const& of, world const& seen) const;
  std::optional<trend_answer> fetch_trend(trend_question const& of, std::string const& mode,
                                          database& whom, world const& seen);
  // The truth about an answer, if its windows are known.
  [[nodiscard]] std::optional<trend_truth> truth_of(trend_question const& of,
                                                    trend_answer const& given, bool exactly,
                                                    world const& seen) const;
  void check_trend_fast(trend_question const& of, trend_answer const& given, world const& seen);
  void check_trend_log(trend_question const& of, trend_answer const& given, std::string const& mode,
                       world const& seen);
  void check_log(database& whom, world const& seen);
  void check_stats(database& whom, world const& seen);

  session& on_;
  profile const& plan_;
  random_source& random_;
  work done_;
};

}  // namespace topk::test
