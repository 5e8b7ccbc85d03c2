// Which spans there are, and how many events each has, is read from the heads of panes: each pane
// that has a part of the time, once, as for a series. A pane with events of two spans can no longer
// be told apart; no span up to there is listed.
//
//   panes     [==== 10 min ====][= 1 min =][ 1 min ]...[5 s][5 s]     tail
//   spans            cannot be told apart |  1 min  |  1 min | ...         | not closed
//                                         ^ the first
#include "engine/spans.hpp"

#include <algorithm>

#include "engine/ahead.hpp"
#include "stream/series_panes.hpp"

namespace topk::engine {
namespace {

using stream::no_time;
using stream::series_steps;
using stream::time_span;

class span_counter {
 public:
  explicit span_counter(series_steps const& steps) : steps_(steps), events_(steps.size()) {}

  void add_pane(sketch::pane_totals const& pane) {
    auto const whole = steps_.counted();
    if (pane.events <= 0 || pane.last <= whole.since || pane.first > whole.until) return;
    auto const last = steps_.index_of(std::min(pane.last, whole.until));
    bool const is_apart =
        pane.first > whole.since && pane.last <= whole.until && steps_.index_of(pane.first) == last;
    if (is_apart) {
      events_[last] += pane.events;
    } else {
      first_ = std::max(first_, last + 1);
    }
  }
  void add_event(micros ts) { ++events_[steps_.index_of(ts)]; }

  // The first span that can be told apart from those before.
  [[nodiscard]] std::size_t first() const noexcept { return first_; }
  [[nodiscard]] std::vector<span_row> rows() const {
    std::vector<span_row> out;
    for (std::size_t i = first_; i < events_.size(); ++i) {
      if (events_[i] > 0) out.push_back({steps_.at(i), events_[i]});
    }
    return out;
  }

 private:
  series_steps steps_;
  std::vector<std::int64_t> events_;
  std::size_t first_ = 0;
};

result<micros> width_of(live::open_stream& state, sqlite3_value* given) {
  if (given == nullptr) {
    return failure(errc::invalid_argument,
                   "topk_spans: width is missing or NULL; give a length such as '10s' as the first "
                   "argument");
  }
  TOPK_ASSIGN(micros const width, sqlite::length_of(given, "width"));
  micros const finest = state.levels().front().width;
  if (width % finest == 0 && width <= state.options().retain) return width;
  return failure(errc::invalid_argument, "width=" + sqlite::shown(given) +
                                             ": expected a multiple of " + spell_duration(finest) +
                                             ", which is what the finest panes of stream " +
                                             state.store().name() + " are, up to retain='" +
                                             spell_duration(state.options().retain) + "'");
}

status too_far(micros first, micros width, sqlite3_value* after) {
  return failure(errc::invalid_argument,
                 "topk_spans: after=" + sqlite::shown(after) + " is too far back for width='" +
                     spell_duration(width) +
                     "': the first span that can still be told apart ends at " +
                     sqlite::shown_time(first + width));
}

// What is asked for: from `after`, or as far back as anything is retained, to the last whole span.
result<time_span> wanted_spans(question const& asked, micros width, sqlite3_value* after) {
  auto& state = *asked.state;
  micros const now = state.host().now();
  TOPK_ASSIGN(auto const known, times_of(state, now));
  if (known.newest == no_time) return time_span{};
  micros const closed = round_down(std::max(known.reference, now), width);
  micros const until = std::min(closed, round_up(known.newest, width));
  micros const retained = round_up(asked.retained, width);
  if (after == nullptr) {
    bool const are_too_many = (until - retained) / width > stream::most_steps;
    return time_span{are_too_many ? until - stream::most_steps * width : retained, until};
  }
  TOPK_ASSIGN(micros const given, state.values().time(after, now, "after"));
  micros const since = round_down(given, width);
  if (since >= until) return time_span{until, until};
  if (since < retained) return too_far(retained, width, after);
  auto const count = series_steps::count({since, until}, width);
  if (count > stream::most_steps) {
    return failure(errc::invalid_argument, "topk_spans: after=" + sqlite::shown(after) + " makes " +
                                               std::to_string(count) + " spans; at most " +
                                               std::to_string(stream::most_steps) + " are listed");
  }
  return time_span{since, until};
}

}  // namespace

result<span_list> closed_spans(live::connection& host, question_arguments const& arguments,
                               sqlite3_value* width_given, sqlite3_value* after) {
  result<span_list> list{span_list{}};
  TOPK_ASSIGN(list->of, resolve_question(host, arguments));
  auto const& asked = list->of;
  if (asked.state == nullptr) return list;
  auto& state = *asked.state;
  TOPK_ASSIGN(micros const width, width_of(state, width_given));
  if (asked.retained == no_time) return list;
  stopwatch const watch(asked);
  list->version = state.last_seq() + static_cast<std::int64_t>(state.stored_head().generation);
  TOPK_ASSIGN(auto const wanted, wanted_spans(asked, width, after));
  if (wanted.since >= wanted.until) return list;
  series_steps const steps(wanted, width, asked.retained);
  span_counter count(steps);
  TOPK_TRY(stream::each_pane_of(
      state.source(), steps, asked.partition, nullptr,
      [&](stream::pane_facts const& pane, sketch::stored_summary const&) -> status {
        count.add_pane(pane.totals);
        return {};
      }));
  TOPK_TRY(each_loose_event(state, wanted, asked.partition,
                            [&](loose_event const& event) { count.add_event(event.ts); }));
  if (after != nullptr && count.first() > 0) {
    return too_far(wanted.since + static_cast<micros>(count.first()) * width, width, after);
  }
  list->rows = count.rows();
  return list;
}

}  // namespace topk::engine
