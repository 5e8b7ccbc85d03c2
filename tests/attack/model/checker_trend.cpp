// topk_trending() against the model: two windows that follow each other, counted and scored
// independently.
#include <sqlite3.h>

#include <algorithm>

#include "checker.hpp"
#include "events.hpp"

namespace topk::test {

// `of` is the window as topk answered it: known without rows, too, where `at` was given.
struct checker::trend_question : trend_terms {
  drawn_question const& asked;
  micros length = 0;  // of the window
  micros before = 0;  // of the baseline
  span of = {};
  micros since = 0;  // of the window, as it was asked for
};

void checker::work::add(work const& other) {
  rows += other.rows;
  inexact += other.inexact;
  proven += other.proven;
  exact_rows += other.exact_rows;
  steps += other.steps;
  trend_rows += other.trend_rows;
  trend_proven += other.trend_proven;
  trend_inexact += other.trend_inexact;
  trend_exact_rows += other.trend_exact_rows;
  trend_refused += other.trend_refused;
  states += other.states;
  states_refused += other.states_refused;
  state_inexact += other.state_inexact;
}

void checker::check_trending(drawn_question const& asked, answer const& fast, database& whom,
                             world const& seen) {
  trend_question const of = draw_trend(asked, fast, seen);
  auto const given = fetch_trend(of, "fast", whom, seen);
  if (!given) return;
  check_trend_fast(of, *given, seen);
  if (random_.percent(40)) {
    auto const again = fetch_trend(of, "fast", whom, seen);
    if (again) check_same(*given, *again, "when asked again");
  }
  bool const is_calm = &whom == &on_.db() && !on_.in_transaction() && !on_.has_snapshot();
  if (is_calm && random_.percent(40)) {
    auto const other = fetch_trend(of, "fast", on_.other(), seen);
    if (other) check_same(*given, *other, "from the other connection");
  }
  auto const hybrid = fetch_trend(of, "hybrid", whom, seen);
  if (!hybrid) return;
  if (!plan_.has_exact()) return check_hybrid_without_log(*given, *hybrid);
  check_trend_log(of, *hybrid, "hybrid", seen);
  if (auto const exact = fetch_trend(of, "exact", whom, seen)) {
    check_trend_log(of, *exact, "exact", seen);
  }
}

checker::trend_question checker::draw_trend(drawn_question const& asked, answer const& fast,
                                            world const& seen) {
  trend_question out{{}, asked};
  micros const retain = plan_.limits.retain;
  out.length = asked.length.value_or(retain);
  out.before = out.length;
  micros const room = retain - out.length;
  if (room >= second && random_.percent(75)) {
    micros const most = random_.percent(50) ? room : std::min(room, 2 * out.length);
    out.before = random_.between(second / 1000, most);
    if (random_.percent(70)) out.before = std::max(second, out.before - out.before % second);
    if (random_.percent(20)) out.before = room;
    out.baseline = seconds_literal(out.before);
  } else if (random_.percent(30)) {
    out.before = second * random_.between(1, retain / second);
    out.baseline = "'" + std::to_string(out.before / second) + " s'";
  }
  out.falls = random_.percent(40);
  out.by_time = random_.percent(40);
  out.of = span_of(asked, fast, seen);
  if (out.of.is_known) out.since = asked_start(asked, out.of.until, seen);
  return out;
}

// A stream is asked for no more than it retains; and where it has dropped events, for no time from
// which it has. Late ones are no error.
checker::retained checker::is_retained(trend_question const& of, world const& seen) const {
  if (!seen.exists) return retained::yes;
  if (!of.asked.length || of.before > plan_.limits.retain - of.length) return retained::no;
  if (!seen.model.reference()) return retained::yes;
  if (!of.of.is_known) return retained::perhaps;
  if (of.since - of.before >= seen.model.floor()) return retained::yes;
  auto const& life = seen.model.life();
  if (seen.has_content() || !life.is_whole) return retained::perhaps;
  if (!seen.model.newest_dropped()) return retained::yes;
  bool const has_expired = life.stored > 0 && life.first <= seen.model.floor();
  return has_expired ? retained::no : retained::perhaps;
}

// Nothing if it is refused, as it must or may be.
std::optional<trend_answer> checker::fetch_trend(trend_question const& of, std::string const& mode,
                                                 database& whom, world const& seen) {
  std::string const sql = select_trending(of.asked, mode, of);
  outcome got = on_.ask(whom, sql);
  if (got.code == SQLITE_BUSY && may_be_busy(whom)) return std::nullopt;
  retained const wanted = is_retained(of, seen);
  if (!got.ok()) {
    bool const tells =
        says(got, "retains: retain=") || says(got, "window='all': nothing is before");
    if (got.code != SQLITE_ERROR || !tells || wanted == retained::yes) {
      disagree(sql, "failed with code " + std::to_string(got.code) + ": " + got.message);
    }
    done_.trend_refused += 1;
    return std::nullopt;
  }
  if (wanted == retained::no) disagree(sql, "answered, though not all of it is retained");
  return read_trending(sql, of.asked.k, of.falls, std::move(got.rows));
}

std::optional<trend_truth> checker::truth_of(trend_question const& of, trend_answer const& given,
                                             bool exactly, world const& seen) const {
  span window = of.of;
  if (!given.rows.empty()) {
    answer as_topk;  // the window, as an answer of topk would tell it
    as_topk.sql = given.sql;
    as_topk.rows.resize(1);
    as_topk.since = given.since;
    as_topk.until = given.until;
    as_topk.complete = given.is_window_complete;
    window = span_of(of.asked, as_topk, seen);
  }
  if (!window.is_known) return std::nullopt;
  micros const until = asked_start(of.asked, window.until, seen);
  micros const asked = until - of.before;
  micros const since = seen.model.reference() ? std::max(asked, seen.model.floor()) : asked;
  if (!given.rows.empty() && !is_near(given.baseline_since, since)) {
    disagree(given.sql, "baseline_since is " + std::to_string(given.baseline_since) + ", not " +
                            std::to_string(since));
  }
  auto const dropped = seen.model.newest_dropped();
  bool const is_followed = plan_.kind != stream_kind::content;
  if (is_followed && !given.rows.empty()) {
    bool const lacks = dropped && *dropped > asked;
    if (lacks && given.is_complete) disagree(given.sql, "has bounds, but it lacks events");
    if (!dropped && seen.model.life().is_whole && !given.is_complete) {
      disagree(given.sql, "has no bounds, but no event was ever dropped");
    }
  }
  auto const counted = [&](micros from, micros to) {
    if (from >= to) return seen.model.count(0, 0);
    return exactly ? seen.exact(from, to, of.asked.partition)
                   : seen.fast(from, to, of.asked.partition);
  };
  // The part of a window as of now that is still to come is no time without events.
  micros const now = session::now();
  micros const run_until = of.asked.when == as_of::now
                               ? std::min(window.until, now + (second - now % second) % second)
                               : window.until;
  return trend_truth(counted(window.since, window.until), counted(since, until), of,
                     {run_until - until, of.before});
}

void checker::check_trend_fast(trend_question const& of, trend_answer const& given,
                               world const& seen) {
  auto const truth = truth_of(of, given, false, seen);
  if (!truth) return;
  check_trend_bounds(given, *truth);
  check_trend_proven(given, *truth);
  for (trend_row const& each : given.rows) {
    done_.trend_rows += 1;
    done_.trend_inexact += each.score_lower < each.score && each.lower < each.upper ? 1 : 0;
    done_.trend_proven += each.proven;
  }
  if (!given.rows.empty() && given.source != "sketch") {
    disagree(given.sql, "source of a fast answer is " + given.source);
  }
}

void checker::check_trend_log(trend_question const& of, trend_answer const& given,
                              std::string const& mode, world const& seen) {
  auto const truth = truth_of(of, given, true, seen);
  if (!truth) return;
  check_trend_exact(given, *truth);
  done_.trend_exact_rows += std::ssize(given.rows);
  if (mode == "exact" && !given.rows.empty() && given.source != "log") {
    disagree(given.sql, "source of an exact answer is " + given.source);
  }
}

}  // namespace topk::test
