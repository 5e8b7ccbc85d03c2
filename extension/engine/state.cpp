// A window that topk() would cut to what is retained is refused here: a state has no room to say
// so, and a sum of states would silently miss the rest.
#include "engine/state.hpp"

#include <algorithm>

#include "engine/ahead.hpp"
#include "stream/window_cover.hpp"

namespace topk::engine {
namespace {

using stream::no_time;
using stream::time_span;

std::string shown(time_span span) {
  return "the window (" + sqlite::shown_time(span.since) + ", " + sqlite::shown_time(span.until) +
         "]";
}

status cuts_a_pane(live::open_stream& state, time_span span) {
  micros width = 0;
  auto const panes = stream::cover_window(state.levels(), state.stored_head(), span);
  for (auto const& edge : panes.edges) width = std::max(width, state.levels()[edge.level].width);
  return failure(errc::invalid_argument,
                 "topk_state: " + shown(span) + " cuts a pane of " + spell_duration(width) +
                     ": take an end and a length that are multiples of " + spell_duration(width));
}

}  // namespace

result<std::optional<std::vector<std::byte>>> state_of_span(question const& asked, time_span span,
                                                            state_contents const& contents) {
  auto& state = *asked.state;
  stream::state_form const form{.entries = contents.entries.value_or(state.levels().back().keep),
                                .least = contents.least};
  TOPK_ASSIGN(bool const waits, has_ahead(state, span));
  TOPK_ASSIGN(auto made, waits ? state_with_ahead(state, span, asked.partition, form)
                               : state.state(span, asked.partition, form));
  if (!made) return cuts_a_pane(state, span);
  return made;
}

result<std::optional<std::vector<std::byte>>> state_of_window(live::connection& host,
                                                              state_arguments const& arguments) {
  using body = std::optional<std::vector<std::byte>>;
  TOPK_ASSIGN(auto const asked, resolve_question(host, arguments.window));
  stopwatch const watch(asked);
  bool const has_expired = asked.retained != no_time && asked.wanted.until <= asked.retained;
  if (has_expired) return body{};
  if (asked.is_empty()) return body{sketch::encode_closed({}, {}, {}, 0)};
  if (asked.wanted.since < asked.retained) {
    return failure(errc::invalid_argument, "topk_state: " + shown(asked.wanted) +
                                               " begins before what is retained, since " +
                                               sqlite::shown_time(asked.retained));
  }
  return state_of_span(asked, asked.span, arguments.contents);
}

}  // namespace topk::engine
