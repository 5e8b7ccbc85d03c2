// From the arguments of topk and topk_count to an answer.
//
//   resolve   stream, window, k, mode, at, partition; the span is clipped to what is retained
//   fast      the sum of the window's panes, and the events of the tail
//   exact     the log, or the user's table
//   hybrid    fast, if every row is proven and exact; else only those panes are counted from the
//             log that can change the answer (stream/hybrid)
#include "engine/query.hpp"

#include <algorithm>

#include "engine/ahead.hpp"
#include "engine/content_source.hpp"
#include "engine/event_source.hpp"
#include "engine/tracking.hpp"
#include "sqlite/rowid_keeper.hpp"
#include "stream/hybrid.hpp"

namespace topk::engine {
namespace {

using stream::no_time;
using stream::ranked_item;
using stream::time_span;

bool is_word(sqlite3_value* at, std::string_view word) {
  return at != nullptr && sqlite3_value_type(at) == SQLITE_TEXT &&
         sqlite::lowercase(trimmed(sqlite::text_of(at))) == word;
}

// The window of this length as of now. Its end is rounded up to the finest pane, so that the newest
// pane lies inside, whole; or to a whole step, so that steps end where panes do. A declared window
// counts back from there, and so mostly begins where a pane begins. A shorter one may be shorter
// than that pane: it counts back from the clock, and reaches two whole seconds back at least, as an
// event without ts is dated by the whole second.
time_span span_until_now(live::open_stream& state, micros now, micros length, micros step) {
  micros const newest = round_down(now, second) - 2 * second;
  if (step != 0) {
    micros const until = round_up(now, step);
    return {std::min(until - length, round_down(newest, step)), until};
  }
  micros const until = round_up(now, state.levels().front().width);
  if (length >= state.options().windows.front()) return {until - length, until};
  return {std::min(round_up(now, second) - length, newest), until};
}

bool is_as_of_now(sqlite3_value* at) { return at == nullptr || is_word(at, "now"); }

// The window that was asked for: it ends now, at the newest event, or at a time.
result<time_span> asked_span(live::connection& host, live::open_stream& state,
                             question_arguments const& arguments, micros length,
                             stream_times const& known) {
  if (is_word(arguments.at, "latest")) {
    if (known.newest == no_time) return time_span{no_time, no_time};
    return time_span{known.newest - length, known.newest};
  }
  micros const now = host.now();
  if (is_as_of_now(arguments.at)) return span_until_now(state, now, length, arguments.step);
  auto time = state.values().time(arguments.at, now, "at");
  if (!time && time.error().code == errc::constraint) {
    auto failed = std::move(time).error();
    failed.code = errc::invalid_argument;
    failed.message += ", or 'latest'";
    return failed;
  }
  if (!time) return std::move(time).error();
  return time_span{*time - length, *time};
}

// What the end and the beginning of a window are counted from. Exact answers about a table that is
// not tracked go by the table: what the stream knows of it may be outdated.
result<stream_times> times_for(question const& asked, question_arguments const& arguments,
                               bool has_length) {
  auto& state = *asked.state;
  micros const now = state.host().now();
  bool const is_by_table = state.options().content && asked.mode == sqlite::answer_mode::exact &&
                           (!has_length || is_word(arguments.at, "latest"));
  if (is_by_table) {
    TOPK_ASSIGN(bool const tracked, is_tracked(state));
    if (!tracked) {
      TOPK_ASSIGN(auto const found, content_source(state).survey(now));
      return stream_times{found.newest, found.newest};
    }
  }
  return times_of(state, now);
}

status settle_span(live::connection& host, question& asked, question_arguments const& arguments) {
  auto& state = *asked.state;
  std::optional<micros> length = state.options().windows.back();
  if (arguments.window != nullptr) {
    TOPK_ASSIGN(length, sqlite::window_of(arguments.window));
  }
  micros const retain = state.options().retain;
  if (length && *length > retain) {
    return failure(errc::invalid_argument,
                   "window=" + sqlite::shown(arguments.window) + " is longer than what stream " +
                       state.store().name() + " retains: retain='" + spell_duration(retain) + "'");
  }
  TOPK_ASSIGN(auto const known, times_for(asked, arguments, length.has_value()));
  TOPK_ASSIGN(auto const wanted,
              asked_span(host, state, arguments, length.value_or(retain), known));
  asked.wanted = wanted;
  asked.run_until = wanted.until;
  if (is_as_of_now(arguments.at)) {
    asked.run_until = std::min(wanted.until, round_up(host.now(), second));
  }
  // A table may have rows of the future, or rows that the stream does not know of.
  bool const is_empty = known.reference == no_time && !state.options().content;
  if (is_empty || wanted.until == no_time) {
    asked.span = {};
    return {};
  }
  micros const retained = known.reference == no_time ? earliest_time - 1 : known.reference - retain;
  if (!length) asked.wanted.since = retained;
  asked.retained = retained;
  asked.span = {std::max(asked.wanted.since, retained), wanted.until};
  asked.reached = reach_from(asked, asked.wanted.since);
  return {};
}

// The answer that sketches give, where no edge of the window cuts a pane and all of it is exact and
// certain; else no rows.
result<std::vector<ranked_item>> settled_by_sketches(question const& asked) {
  auto& state = *asked.state;
  if (!stream::cover_window(state.levels(), state.stored_head(), asked.span).edges.empty()) {
    return std::vector<ranked_item>{};
  }
  TOPK_ASSIGN(auto const known, state.top(asked.span, asked.partition, asked.k));
  auto const& rows = known.rows;
  bool const is_settled = rows->size() == asked.k &&
                          std::all_of(rows->begin(), rows->end(), [](ranked_item const& row) {
                            return row.is_proven && row.lower == row.upper;
                          });
  return is_settled ? *rows : std::vector<ranked_item>{};
}

result<std::vector<ranked_item>> settle_hybrid(question const& asked, bool waits, answer& out) {
  auto& state = *asked.state;
  if (waits) {
    out.source = "log";
    return event_source(state).top(asked.span, asked.partition, asked.k);
  }
  auto known = settled_by_sketches(asked);
  if (!known || !known->empty()) return known;
  event_source events(state);
  auto const read = events.reader(asked.partition);
  TOPK_ASSIGN(auto settled, stream::settle_top(state.source(), asked.span, asked.partition, asked.k,
                                               read, state.answer_budget()));
  state.host().log_rows_read += settled.rows_read;
  if (!settled.is_settled) {
    out.source = "log";
    return events.top(asked.span, asked.partition, asked.k);
  }
  out.source = settled.rows_read > 0 ? "sketch+log" : "sketch";
  return std::move(settled.rows);
}

// The default stream is asked for and does not exist: no rows if there is no stream at all, an
// error if there are some, since one of them is meant.
status check_forgotten(live::connection& host) {
  TOPK_ASSIGN(auto const existing, host.existing_streams());
  if (existing.empty()) return {};
  return failure(errc::invalid_argument, "no such stream: 'topk_events', the default" + existing +
                                             "; name one in the argument stream");
}

// Streams of the first release keep no summaries of the events without a partition.
status check_unpartitioned(question& asked) {
  bool const is_asked = asked.partition && asked.partition->view() == no_partition;
  auto& state = *asked.state;
  if (!is_asked || state.stored_head().has_unpartitioned ||
      asked.mode == sqlite::answer_mode::exact) {
    return {};
  }
  TOPK_ASSIGN(bool const has_partitions, state.panes().has_partitions());
  if (!has_partitions) return {};
  if (asked.mode == sqlite::answer_mode::hybrid && event_source::has_events(state)) {
    asked.mode = sqlite::answer_mode::exact;
    return {};
  }
  return failure(errc::invalid_argument,
                 "partition IS NULL: stream " + state.store().name() +
                     " was filled by an earlier release, which did not count these events "
                     "separately; run 'rebuild', or ask with mode='exact'");
}

}  // namespace

reach reach_from(question const& asked, micros since) noexcept {
  if (asked.state == nullptr) return reach::whole;
  auto const& head = asked.state->head();
  bool const has_dropped = head.oldest <= asked.retained || head.late > 0;
  if (since >= asked.retained || !has_dropped) return reach::whole;
  return head.has_retractions ? reach::open : reach::at_least;
}

result<question> resolve_question(live::connection& host, question_arguments const& arguments) {
  result<question> found{question{}};
  question& asked = *found;
  if (arguments.k != nullptr) {
    TOPK_ASSIGN(asked.k, sqlite::k_of(arguments.k));
  }
  if (arguments.mode != nullptr) {
    TOPK_ASSIGN(asked.mode, sqlite::mode_of(arguments.mode));
  }
  if (arguments.window != nullptr) {
    TOPK_TRY(sqlite::window_of(arguments.window));
  }
  TOPK_ASSIGN(asked.state, arguments.stream == nullptr
                               ? host.resolve_default()
                               : host.resolve(std::string(sqlite::text_of(arguments.stream))));
  if (asked.state == nullptr) {
    TOPK_TRY(check_forgotten(host));
    return found;
  }
  TOPK_TRY(asked.state->refresh());
  if (arguments.partition != nullptr) {
    if (sqlite3_value_type(arguments.partition) == SQLITE_NULL) {
      asked.partition = item(no_partition);
    }
    sqlite::item_buffer bytes;
    if (auto const partition = asked.state->values().item(arguments.partition, bytes)) {
      asked.partition = item(*partition);
    }
  }
  TOPK_TRY(settle_span(host, asked, arguments));
  TOPK_TRY(check_unpartitioned(asked));
  if (asked.mode == sqlite::answer_mode::exact && !event_source::has_events(*asked.state)) {
    return failure(
        errc::invalid_argument,
        "mode='exact': stream " + asked.state->store().name() +
            " has no log to count from; create it with log=on, or with content= naming a "
            "table of your own");
  }
  return found;
}

status flush_for_reading(live::open_stream& state) {
  if (state.log().is_in_blocks()) return {};  // events of the tail are read from memory
  sqlite::rowid_keeper const keep(state.host().db());
  return state.flush(live::moment::statement);
}

bool reads_events(question const& asked, bool follows) {
  bool const may_read = asked.mode == sqlite::answer_mode::exact ||
                        (asked.mode == sqlite::answer_mode::hybrid && follows);
  return may_read && event_source::has_events(*asked.state);
}

result<bool> follows_events(live::open_stream& state) {
  if (!state.options().content) return true;
  return is_tracked(state);
}

result<answer> answer_top(question const& asked, bool wants_total) {
  answer out;
  stopwatch const watch(asked);
  if (asked.is_empty()) {
    out.rows = std::make_shared<std::vector<ranked_item> const>();
    return out;
  }
  auto& state = *asked.state;
  TOPK_ASSIGN(bool const follows, follows_events(state));
  TOPK_ASSIGN(bool const waits, has_ahead(state, asked.span));
  if (reads_events(asked, follows)) {
    TOPK_TRY(flush_for_reading(state));
    event_source events(state);
    if (asked.mode == sqlite::answer_mode::exact) out.source = "log";
    TOPK_ASSIGN(auto rows, asked.mode == sqlite::answer_mode::exact
                               ? events.top(asked.span, asked.partition, asked.k)
                               : settle_hybrid(asked, waits, out));
    out.rows = std::make_shared<std::vector<ranked_item> const>(std::move(rows));
    if (wants_total && asked.mode == sqlite::answer_mode::exact) {
      TOPK_ASSIGN(auto total, events.total(asked.span, asked.partition));
      out.total = {total, total};
      return out;
    }
    if (!wants_total) return out;
    TOPK_ASSIGN(out.total, waits ? total_with_ahead(state, asked.span, asked.partition)
                                 : state.total(asked.span, asked.partition));
    return out;
  }
  if (!follows) {
    TOPK_ASSIGN(out.source, sketch_as_of(state));
  }
  TOPK_ASSIGN(auto given, waits ? top_with_ahead(state, asked.span, asked.partition, asked.k)
                                : state.top(asked.span, asked.partition, asked.k));
  out.rows = std::move(given.rows);
  out.total = given.total;
  return out;
}

result<ranked_item> answer_count(question const& asked, item_view const& item) {
  stopwatch const watch(asked);
  if (asked.is_empty()) return ranked_item{};
  auto& state = *asked.state;
  TOPK_ASSIGN(bool const follows, follows_events(state));
  TOPK_ASSIGN(bool const waits, has_ahead(state, asked.span));
  TOPK_ASSIGN(auto row, waits ? estimate_with_ahead(state, asked.span, asked.partition, item)
                              : state.estimate(asked.span, asked.partition, item));
  bool const is_open = asked.mode == sqlite::answer_mode::exact || row.lower != row.upper;
  if (reads_events(asked, follows) && is_open) {
    TOPK_TRY(flush_for_reading(state));
    TOPK_ASSIGN(auto count, event_source(state).count(asked.span, asked.partition, item));
    row.count = row.lower = row.upper = count;
  }
  return row;
}

}  // namespace topk::engine
