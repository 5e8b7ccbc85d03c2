// An event of the log that is in no pane, by its sequence number, is one of the tail. The tail is
// in order of these numbers:
//
//   log, by ts     12  3  9  14  7  13        panes hold up to seq 11
//   tail           12  13  14                 12, 14 and 13 are looked up; none may be left
#include "engine/tail_in_log.hpp"

#include <algorithm>

#include "base/time.hpp"

namespace topk::engine {

tail_in_log::tail_in_log(live::open_stream& state)
    : state_(state), is_logged_(state.events().size(), false) {}

void tail_in_log::differ(std::string text) {
  if (!found_) found_ = std::move(text);
}

void tail_in_log::see(stream::event_fields const& logged) {
  if (logged.seq <= state_.stored_head().last_seq) return;
  auto const& tail = state_.events();
  std::size_t const at = tail.position_from(logged.seq);
  std::string const which = " with seq=" + std::to_string(logged.seq);
  if (at == tail.size() || tail[at].seq != logged.seq) {
    return differ(state_.store().shadow("log") + " has an event" + which +
                  " that is in no pane and not in " + state_.store().shadow("tail"));
  }
  auto const waiting = tail[at];
  is_logged_[at] = true;
  bool const is_same = waiting.weight == logged.weight && waiting.item == logged.item &&
                       waiting.partition_or_none() == logged.partition_or_none() &&
                       as_logged(waiting.ts) == logged.ts;
  if (is_same) return;
  differ("the event" + which + " of " + state_.store().shadow("tail") +
         " differs from its row in " + state_.store().shadow("log"));
}

std::optional<std::string> tail_in_log::difference(micros since) const {
  if (found_) return found_;
  for (std::size_t at = 0; at < is_logged_.size(); ++at) {
    auto const event = state_.events()[at];
    if (is_logged_[at] || event.ts <= std::max(since, state_.retained_after())) continue;
    return "the event with seq=" + std::to_string(event.seq) + " of " +
           state_.store().shadow("tail") + " is not in " + state_.store().shadow("log");
  }
  return std::nullopt;
}

}  // namespace topk::engine
