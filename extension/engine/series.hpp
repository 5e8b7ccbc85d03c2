// A question about one count over time, and its answer: what topk_series asks.
#pragma once

#include <optional>
#include <vector>

#include "engine/query.hpp"
#include "stream/series.hpp"

namespace topk::engine {

struct series_question {
  question asked;
  std::optional<item> wanted;  // nullopt: all items together
  micros step = 0;
};

// `step` and `item` as given; null for what is absent or NULL. Errors as resolve_question(), and
// for the step.
result<series_question> resolve_series(live::connection& host, question_arguments arguments,
                                       sqlite3_value* step, sqlite3_value* item);

struct series_answer {
  struct row {
    stream::time_span span;
    stream::series_row counts;
    reach reached = reach::whole;
  };
  std::vector<row> rows;  // the oldest first
};

result<series_answer> answer_series(series_question const& of);

}  // namespace topk::engine
