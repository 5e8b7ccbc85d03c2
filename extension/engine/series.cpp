// Sums by step, from what each mode reads:
//
//   fast     panes, each once; events in no pane yet; rows dated ahead
//   exact    log or table, in one scan
//   hybrid   as fast; then log or table from the first step that is left open to the last one, in
//            one scan that replaces the steps between them
#include "engine/series.hpp"

#include <utility>

#include "engine/ahead.hpp"
#include "engine/event_source.hpp"

namespace topk::engine {
namespace {

using stream::series_steps;
using stream::series_sum;
using stream::time_span;

item_view const* pointer_to(std::optional<item_view> const& wanted) noexcept {
  return wanted ? &*wanted : nullptr;
}

std::optional<item_view> view_of(std::optional<item> const& wanted) noexcept {
  return wanted ? std::optional(wanted->view()) : std::nullopt;
}

status check_steps(question_arguments const& arguments, sqlite3_value* step,
                   question const& asked) {
  std::optional<micros> length = asked.state->options().windows.back();
  if (arguments.window != nullptr) {
    TOPK_ASSIGN(length, sqlite::window_of(arguments.window));
  }
  std::string const given = "step=" + sqlite::shown(step);
  std::string const window =
      "window=" + (arguments.window == nullptr ? "'" + spell_duration(*length) + "'"
                                               : sqlite::shown(arguments.window));
  if (length && arguments.step > *length) {
    return failure(errc::invalid_argument, given + " is longer than " + window);
  }
  std::int64_t const count = series_steps::count(asked.wanted, arguments.step);
  if (count <= stream::most_steps) return {};
  return failure(errc::invalid_argument, given + " makes " + std::to_string(count) + " rows of " +
                                             window + "; a series has at most " +
                                             std::to_string(stream::most_steps));
}

// 'all' has no beginning if no row of the table has reached its time: it is then as long as
// `retain`.
void clip_endless(question& asked) noexcept {
  if (asked.span.since >= earliest_time || asked.span.since >= asked.span.until) return;
  asked.wanted.since = asked.span.since = asked.wanted.until - asked.state->options().retain;
}

status add_panes_and_events(question const& asked, item_view const* wanted, series_sum& into) {
  auto& state = *asked.state;
  TOPK_TRY(state.add_panes(asked.partition, wanted, into));
  return each_loose_event(state, asked.span, asked.partition, [&](loose_event const& event) {
    if (wanted == nullptr || event.item == *wanted) into.add_event(event.ts, event.weight);
  });
}

// Counts events in place of what the steps have, from the first that is not exact to the last.
status settle_open_steps(question const& asked, item_view const* wanted, series_sum& into) {
  auto const is_open = [&](std::size_t i) {
    auto const row = into.row(i);
    return row.lower != row.upper;
  };
  std::size_t first = 0;
  std::size_t end = into.steps().size();
  while (first < end && !is_open(first)) ++first;
  while (end > first && !is_open(end - 1)) --end;
  if (first == end) return {};
  for (std::size_t i = first; i < end; ++i) into.clear_step(i);
  time_span const open{into.steps().counted(first).since, into.steps().counted(end - 1).until};
  auto& state = *asked.state;
  TOPK_TRY(flush_for_reading(state));
  return event_source(state).each_weight(open, asked.partition, wanted,
                                         [&](micros ts, std::int64_t weight) {
                                           ++state.host().log_rows_read;
                                           into.add_event(ts, weight);
                                         });
}

}  // namespace

result<series_question> resolve_series(live::connection& host, question_arguments arguments,
                                       sqlite3_value* step, sqlite3_value* item) {
  if (step == nullptr) {
    return failure(errc::invalid_argument,
                   "topk_series: step is missing or NULL; give a length such as '1min' as the "
                   "second argument");
  }
  TOPK_ASSIGN(arguments.step, sqlite::length_of(step, "step"));
  TOPK_ASSIGN(auto asked, resolve_question(host, arguments));
  series_question of{std::move(asked), std::nullopt, arguments.step};
  bool const has_window = of.asked.state != nullptr && of.asked.wanted.until != stream::no_time;
  if (!has_window) return of;
  clip_endless(of.asked);
  TOPK_TRY(check_steps(arguments, step, of.asked));
  if (item != nullptr) {
    sqlite::item_buffer bytes;
    auto const found = of.asked.state->values().item(item, bytes);
    if (found) of.wanted.emplace(*found);
  }
  return of;
}

result<series_answer> answer_series(series_question const& of) {
  auto const& asked = of.asked;
  stopwatch const watch(asked);
  series_answer out;
  auto const window = asked.wanted;
  if (asked.state == nullptr || window.since >= window.until) return out;
  series_sum sum({window, of.step, asked.retained});
  auto const wanted = view_of(of.wanted);
  if (!asked.is_empty()) {
    auto& state = *asked.state;
    TOPK_ASSIGN(bool const follows, follows_events(state));
    bool const reads = reads_events(asked, follows);
    if (reads && asked.mode == sqlite::answer_mode::exact) {
      TOPK_TRY(flush_for_reading(state));
      TOPK_TRY(event_source(state).each_weight(
          asked.span, asked.partition, pointer_to(wanted),
          [&](micros ts, std::int64_t weight) { sum.add_event(ts, weight); }));
    } else {
      TOPK_TRY(add_panes_and_events(asked, pointer_to(wanted), sum));
      if (reads) TOPK_TRY(settle_open_steps(asked, pointer_to(wanted), sum));
    }
  }
  auto const& steps = sum.steps();
  out.rows.reserve(steps.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto const span = steps.at(i);
    out.rows.push_back({span, sum.row(i), reach_from(asked, span.since)});
  }
  return out;
}

}  // namespace topk::engine
