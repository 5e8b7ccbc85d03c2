// A question about what changes from one window to the next, and its answer: what topk_trending
// asks.
#pragma once

#include <string>
#include <vector>

#include "engine/query.hpp"
#include "trend/ranking.hpp"

namespace topk::engine {

// Arguments as given; null for what is absent or NULL.
struct trend_arguments {
  sqlite3_value* baseline = nullptr;
  sqlite3_value* direction = nullptr;
  sqlite3_value* against = nullptr;
};

struct trend_question {
  question asked;              // about the window
  stream::time_span baseline;  // what is retained of it
  // Of baseline and window together: whole, unless late events may have been dropped there.
  reach reached = reach::whole;
  trend::trend_form form;
};

// Errors as resolve_question(), for the further arguments, and where the baseline is not retained.
result<trend_question> resolve_trending(live::connection& host, question_arguments const& arguments,
                                        trend_arguments const& further);

struct trend_reply {
  trend::trend_answer given;
  std::string source = "sketch";  // as answer::source
};

result<trend_reply> answer_trending(trend_question const& of);

}  // namespace topk::engine
