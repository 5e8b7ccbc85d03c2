// One question to topk(), in SQL and in the model's terms, and the answer as it came.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kit/database.hpp"
#include "kit/exact_model.hpp"
#include "kit/random.hpp"
#include "profile.hpp"
#include "session.hpp"

namespace topk::test {

enum class as_of { now, latest, given };

struct question {
  std::string window;            // a literal
  std::optional<micros> length;  // nullopt: 'all'
  bool is_declared = false;
  std::int64_t k = 10;
  std::string stream;  // a literal
  as_of when = as_of::now;
  micros at = 0;           // when given
  std::string at_literal;  // 'latest', a time, or NULL
  value partition;

  // 'mode' is one of the contract's names.
  [[nodiscard]] std::string select(std::string const& mode) const;
  [[nodiscard]] std::string select_count(std::string const& mode, value const& item) const;
};

// How a stream may be named in an argument, one way of several.
[[nodiscard]] std::string stream_literal(profile const& plan, world const& in,
                                         random_source& random);

// Windows: each declared one, 'all' and random ones; times: now, latest, past and future.
[[nodiscard]] question draw_question(profile const& plan, world const& in, random_source& random,
                                     micros now);
// Every window x time x partition, each with one k.
[[nodiscard]] std::vector<question> all_questions(profile const& plan, world const& in,
                                                  random_source& random, micros now);

struct answer_row {
  std::int64_t rank = 0;
  value item;
  std::int64_t count = 0;
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  std::int64_t proven = 0;
};

struct answer {
  std::string sql;
  std::vector<row> raw;
  std::vector<answer_row> rows;
  // The hidden results, the same in every row; meaningless without one.
  std::int64_t total_lower = 0;
  std::int64_t total_upper = 0;
  micros since = 0;
  micros until = 0;
  double confidence = 0;
  std::string source;
};

// Throws disagreement for a shape that no answer may have.
[[nodiscard]] answer read_answer(std::string const& sql, std::vector<row> raw);

}  // namespace topk::test
