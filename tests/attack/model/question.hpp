// One random question to topk(), in SQL and in the oracle's terms.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kit/random.hpp"
#include "kit/verify.hpp"
#include "profile.hpp"
#include "session.hpp"

namespace topk::test {

enum class as_of { now, latest, given };

// `at` of the base is 'latest', a time, or NULL.
struct drawn_question : question {
  std::optional<micros> length;  // nullopt: 'all'
  bool is_declared = false;
  as_of when = as_of::now;
  micros time = 0;  // when given
};

// How a stream may be named in an argument, one way of several.
[[nodiscard]] std::string stream_literal(profile const& plan, world const& in,
                                         random_source& random);

// Windows: each declared one, 'all' and random ones; times: now, latest, past and future.
[[nodiscard]] drawn_question draw_question(profile const& plan, world const& in,
                                           random_source& random, micros now);
// Every window x time x partition, each with one k.
[[nodiscard]] std::vector<drawn_question> all_questions(profile const& plan, world const& in,
                                                        random_source& random, micros now);

}  // namespace topk::test
