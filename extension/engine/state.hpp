// One window of a stream as a state, for topk_state: what is shipped to where sources are added up.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "engine/query.hpp"

namespace topk::engine {

struct state_contents {
  std::optional<std::size_t> entries{};  // nullopt: what a pane of the coarsest level keeps
  std::optional<std::int64_t> least{};   // see stream::state_form
};

struct state_arguments {
  question_arguments window;  // k and mode are not used
  state_contents contents;
};

// The state; nullopt where all of the window has expired. Errors: those of resolve_question, a
// window that begins before what is retained (the part that is left would be too few), and one
// whose edge cuts a pane.
result<std::optional<std::vector<std::byte>>> state_of_window(live::connection& host,
                                                              state_arguments const& arguments);

// The state of another span, all of it retained, of a question's stream and partition; an error
// where it cuts a pane. Requires: the stream is up to date.
result<std::optional<std::vector<std::byte>>> state_of_span(question const& asked,
                                                            stream::time_span span,
                                                            state_contents const& contents);

}  // namespace topk::engine
