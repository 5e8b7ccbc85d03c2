// Two windows that follow each other, asked as topk asks one:
//
//      baseline               window
//   (---------------------](------------] at
//
//   fast     the sums of both, kept and moved on as any window (live/answer_cache)
//   exact    log or table, counted in one pass for both
//   hybrid   fast, where that is exact and certain; else only those panes are counted from the log
//            that can change the answer (stream/hybrid)
//
// What is before the baseline's beginning must not matter: a stream that has dropped events of that
// time is an error, one that is younger has none there. Late events that were dropped leave the
// bounds open (`reached`).
#include "engine/trending.hpp"

#include <algorithm>

#include "engine/ahead.hpp"
#include "engine/event_source.hpp"
#include "engine/tracking.hpp"
#include "trend/hybrid.hpp"

namespace topk::engine {
namespace {

using stream::time_span;
using trend::trend_direction;

// One of two words; the first where nothing is given. True: the second.
result<bool> is_second_word(sqlite3_value* value, std::string_view argument, std::string_view first,
                            std::string_view second) {
  if (value == nullptr) return false;
  if (sqlite3_value_type(value) == SQLITE_TEXT) {
    auto const word = sqlite::lowercase(trimmed(sqlite::text_of(value)));
    if (word == first) return false;
    if (word == second) return true;
  }
  return failure(errc::invalid_argument, std::string(argument) + "=" + sqlite::shown(value) +
                                             ": expected '" + std::string(first) + "' or '" +
                                             std::string(second) + "'");
}

// How long the two windows are, as the caller wrote it.
struct lengths {
  micros window = 0;
  micros baseline = 0;
  std::string text;
};

result<lengths> lengths_of(question const& asked, sqlite3_value* window, sqlite3_value* baseline) {
  std::optional<micros> length = asked.state->options().windows.back();
  if (window != nullptr) {
    TOPK_ASSIGN(length, sqlite::window_of(window));
  }
  if (!length) {
    return failure(errc::invalid_argument,
                   "window=" + sqlite::shown(window) +
                       ": nothing is before it to compare with; give a length such as '1hour'");
  }
  lengths out{*length, *length, ""};
  if (baseline != nullptr) {
    TOPK_ASSIGN(out.baseline, sqlite::length_of(baseline, "baseline"));
  }
  auto const shown = [](sqlite3_value* value, micros otherwise) {
    return value == nullptr ? "'" + spell_duration(otherwise) + "'" : sqlite::shown(value);
  };
  out.text =
      "window=" + shown(window, out.window) + " and baseline=" + shown(baseline, out.baseline);
  return out;
}

status not_retained(question const& asked, std::string const& what, micros needed) {
  auto const& options = asked.state->options();
  return failure(errc::invalid_argument,
                 what + ", more than stream " + asked.state->store().name() + " retains: retain='" +
                     spell_duration(options.retain) + "'; create it with retain='" +
                     spell_duration(needed) + "'");
}

// The baseline lies before the window that was asked for, and both must be retained.
status settle_baseline(trend_question& of, sqlite3_value* window, sqlite3_value* baseline) {
  auto& asked = of.asked;
  TOPK_ASSIGN(auto const length, lengths_of(asked, window, baseline));
  micros const retain = asked.state->options().retain;
  if (length.baseline > retain - length.window) {
    return not_retained(asked,
                        length.text + " span " + spell_duration(length.window + length.baseline),
                        length.window + length.baseline);
  }
  of.form.time = trend::ratio_of(length.window, length.baseline);
  if (asked.wanted.until == stream::no_time || asked.retained == stream::no_time) return {};
  micros const until = asked.wanted.since;
  micros const since = until - length.baseline;
  of.form.time = trend::ratio_of(asked.run_until - until, length.baseline);
  of.baseline = {std::max(since, asked.retained), until};
  of.reached = reach_from(asked, since);
  bool const is_dropped = since < asked.retained && asked.state->head().oldest <= asked.retained;
  if (!is_dropped || of.reached == reach::whole) return {};
  micros const needed = asked.retained + retain - since;
  return not_retained(asked,
                      length.text + " begin " + spell_duration(round_up(needed, second)) +
                          " before the newest event or 'prune'",
                      round_up(needed, second));
}

// From the beginning of the baseline to the end of the window, as retained.
time_span both_spans(trend_question const& of) noexcept {
  return {std::min(of.baseline.since, of.asked.span.since), of.asked.span.until};
}

trend::trend_count point(std::int64_t sum) noexcept {
  std::int64_t const count = std::clamp<std::int64_t>(sum, 0, greatest_sum);
  return {count, count, count};
}

result<trend::trend_answer> count_events(trend_question const& of) {
  auto const& asked = of.asked;
  event_source::divided_sums totals;
  std::optional<trend::trend_selection> best;
  auto const begin = [&] {
    if (!best) best.emplace(of.form, ratios_of(of.form, point(totals.after), point(totals.before)));
  };
  TOPK_TRY(event_source(*asked.state)
               .each_divided({both_spans(of), asked.span.since}, asked.partition,
                             of.form.by_share ? &totals : nullptr,
                             [&](item_view const& item, event_source::divided_sums const& sums) {
                               begin();
                               best->offer({item, point(sums.after), point(sums.before)});
                             }));
  begin();
  return trend::trend_answer{best->take(0), best->ratios(), true};
}

result<trend::trend_answer> ask_sketches(trend_question const& of, bool waits) {
  auto const& asked = of.asked;
  if (waits) {
    return trend_with_ahead(*asked.state, of.form, asked.span, of.baseline, asked.partition);
  }
  return asked.state->trend(of.form, asked.span, of.baseline, asked.partition);
}

// By the sketches, and by counting of the log what they leave open; or not settled.
result<trend_reply> settle_hybrid(trend_question const& of) {
  auto const& asked = of.asked;
  auto& state = *asked.state;
  TOPK_ASSIGN(auto given, ask_sketches(of, false));
  if (given.is_settled) return trend_reply{std::move(given), "sketch"};
  event_source events(state);
  auto const read = events.reader(asked.partition);
  TOPK_ASSIGN(auto settled, trend::settle_trend(of.form, state.source(), asked.span, of.baseline,
                                                asked.partition, read, state.answer_budget()));
  state.host().log_rows_read += settled.rows_read;
  return trend_reply{std::move(settled.given), settled.rows_read > 0 ? "sketch+log" : "sketch"};
}

}  // namespace

result<trend_question> resolve_trending(live::connection& host, question_arguments const& arguments,
                                        trend_arguments const& further) {
  result<trend_question> found{trend_question{}};
  trend_question& of = *found;
  if (further.baseline != nullptr) TOPK_TRY(sqlite::length_of(further.baseline, "baseline"));
  TOPK_ASSIGN(bool const falls, is_second_word(further.direction, "direction", "rise", "fall"));
  TOPK_ASSIGN(bool const by_time, is_second_word(further.against, "against", "share", "time"));
  TOPK_ASSIGN(of.asked, resolve_question(host, arguments));
  of.form.k = of.asked.k;
  of.form.direction = falls ? trend_direction::fall : trend_direction::rise;
  of.form.by_share = !by_time;
  if (of.asked.state == nullptr) return found;
  TOPK_TRY(settle_baseline(of, arguments.window, further.baseline));
  return found;
}

result<trend_reply> answer_trending(trend_question const& of) {
  auto const& asked = of.asked;
  stopwatch const watch(asked);
  trend_reply out;
  if (asked.is_empty()) return out;
  auto& state = *asked.state;
  TOPK_ASSIGN(bool const follows, follows_events(state));
  TOPK_ASSIGN(bool const waits, has_ahead(state, both_spans(of)));
  if (!reads_events(asked, follows)) {
    if (!follows) {
      TOPK_ASSIGN(out.source, sketch_as_of(state));
    }
    TOPK_ASSIGN(out.given, ask_sketches(of, waits));
    return out;
  }
  TOPK_TRY(flush_for_reading(state));
  if (asked.mode == sqlite::answer_mode::hybrid && !waits) {
    TOPK_ASSIGN(out, settle_hybrid(of));
    if (out.given.is_settled) return out;
  }
  out.source = "log";
  TOPK_ASSIGN(out.given, count_events(of));
  return out;
}

}  // namespace topk::engine
