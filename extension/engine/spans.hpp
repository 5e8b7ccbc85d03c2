// The closed spans of a stream, for those who ship them: what topk_spans asks.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/query.hpp"
#include "engine/state.hpp"

namespace topk::engine {

struct span_row {
  stream::time_span span;
  std::int64_t events = 0;  // in it, after `forget` an estimate; at least 1
};

struct span_list {
  std::vector<span_row> rows;  // the oldest first
  std::int64_t version = 0;
  question of;  // what state_of_span() takes
};

// Spans of `width` that have closed, end later than `after`, and have an event. Null for what is
// absent or NULL: `after` is then where panes begin to be as narrow as the spans. Errors: those of
// resolve_question, a width that is no multiple of the finest panes', an `after` from which on
// there are spans that cannot be told apart any more, or more than stream::most_steps of them.
result<span_list> closed_spans(live::connection& host, question_arguments const& arguments,
                               sqlite3_value* width, sqlite3_value* after);

}  // namespace topk::engine
