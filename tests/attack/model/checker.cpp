#include "checker.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <set>

#include "events.hpp"

namespace topk::test {
namespace {

constexpr micros earliest = -62'167'219'200'000'000 - 1;
constexpr micros latest = std::numeric_limits<micros>::max();

std::string text(std::int64_t number) { return std::to_string(number); }

}  // namespace

void checker::look(bool everything) {
  micros const now = session::now();
  on_.let_time_pass();
  world const& own = on_.state;
  bool const can_name_it = own.exists || plan_.kind == stream_kind::default_stream;
  if (!can_name_it) return;
  if (everything) {
    for (drawn_question const& each : all_questions(plan_, own, random_, now))
      check(each, on_.db(), own);
  } else {
    for (int i = 0; i < 3; ++i) check(draw_question(plan_, own, random_, now), on_.db(), own);
  }
  if (everything || random_.percent(25)) check_log(on_.db(), own);
  if (everything && !on_.in_transaction()) check_stats(on_.db(), own);
  if (!everything && !random_.percent(25)) return;
  world const& others = on_.seen_by_other();
  if (others.exists || plan_.kind == stream_kind::default_stream) {
    check(draw_question(plan_, others, random_, now), on_.other(), others);
    check_log(on_.other(), others);
  }
}

bool checker::may_be_busy(database& whom) {
  return &whom == &on_.other() && on_.in_transaction() && !plan_.wal;
}

std::optional<answer> checker::fetch(drawn_question const& asked, std::string const& mode,
                                     database& whom) {
  std::string const sql = asked.select(mode);
  outcome got = on_.ask(whom, sql);
  if (got.code == SQLITE_BUSY && may_be_busy(whom)) return std::nullopt;
  if (!got.ok()) disagree(sql, "failed with code " + text(got.code) + ": " + got.message);
  return read_answer(sql, asked.k, std::move(got.rows));
}

void checker::check(drawn_question const& asked, database& whom, world const& seen) {
  std::optional<answer> const fast = fetch(asked, "fast", whom);
  if (!fast) return;
  check_fast(asked, *fast, seen);
  auto const must_equal = [&](std::optional<answer> const& again, char const* where) {
    if (again) check_same(*fast, *again, where);
  };
  if (random_.percent(40)) must_equal(fetch(asked, "fast", whom), "when asked again");
  if (&whom == &on_.db() && !on_.in_transaction() && !on_.has_snapshot() && random_.percent(40)) {
    must_equal(fetch(asked, "fast", on_.other()), "from the other connection");
  }
  if (plan_.has_exact()) {
    auto const exact = fetch(asked, random_.percent(70) ? "exact" : "accurate", whom);
    if (exact) check_exact(asked, *exact, seen);
  }
  auto const hybrid = fetch(asked, "hybrid", whom);
  if (hybrid) check_hybrid(asked, *fast, *hybrid, seen);
  check_counts(asked, *fast, whom, seen);
  if (random_.percent(30)) check_series(asked, whom, seen);
  if (random_.percent(30)) check_state(asked, *fast, whom, seen);
  if (random_.percent(30)) check_trending(asked, *fast, whom, seen);
}

micros checker::latest_rounding() const {
  return std::max<micros>(1'000'000, plan_.windows.front().length / 60);
}

micros checker::asked_start(drawn_question const& asked, micros until, world const& seen) const {
  if (!asked.length) return seen.model.floor();
  if (asked.when != as_of::now || *asked.length >= plan_.windows.front().length) {
    return until - *asked.length;
  }
  // Shorter than any declared: counts back from the clock, two whole seconds at least.
  micros const now = session::now();
  micros const whole = now - now % second;
  micros const up = whole == now ? now : whole + second;
  return std::min(up - *asked.length, whole - 2 * second);
}

micros checker::start_of(drawn_question const& asked, micros until, world const& seen) const {
  if (!seen.model.reference()) return asked.length ? asked_start(asked, until, seen) : earliest;
  return std::max(asked_start(asked, until, seen), seen.model.floor());
}

// Answers that lack events say so, and those that lack none don't.
void checker::check_complete(drawn_question const& asked, answer const& given, micros until,
                             world const& seen) const {
  if (plan_.kind == stream_kind::content || given.rows.empty()) return;
  auto const dropped = seen.model.newest_dropped();
  bool const lacks = dropped && *dropped > asked_start(asked, until, seen);
  if (lacks && given.complete) disagree(given.sql, "called complete, but it lacks events");
  if (!dropped && seen.model.life().is_whole && !given.complete) {
    disagree(given.sql, "called incomplete, but no event was ever dropped");
  }
}

checker::span checker::span_of(drawn_question const& asked, answer const& given,
                               world const& seen) const {
  span out;
  bool const may_have_rows = seen.has_content() && asked.when == as_of::given;
  if (!seen.model.reference() && !may_have_rows) {
    bool const is_soon = seen.has_content() && asked.when == as_of::now;
    if (!given.rows.empty() && !is_soon) disagree(given.sql, "rows of a stream without events");
    return out;
  }
  out.is_known = true;
  bool const has_rows = !given.rows.empty();
  if (asked.when == as_of::given) {
    out.until = asked.time;
  } else if (asked.when == as_of::latest) {
    bool const is_certain = seen.model.newest() && seen.model.newest_is_certain();
    micros const most = seen.has_content() ? session::now() : latest;
    if (is_certain) out.until = std::min(*seen.model.newest(), most);
    else if (has_rows) out.until = given.until;
    else out.is_known = false;
  } else {
    micros const now = session::now();
    out.is_known = has_rows;
    out.until = given.until;
    if (has_rows && (out.until < now || out.until > now + latest_rounding())) {
      disagree(given.sql,
               "until " + text(out.until) + " is not now, " + text(now) + ", rounded up");
    }
  }
  if (!out.is_known) return out;
  out.since = start_of(asked, out.until, seen);
  check_complete(asked, given, out.until, seen);
  if (has_rows && out.until != given.until) {
    disagree(given.sql, "until is " + text(given.until) + ", not " + text(out.until));
  }
  // Before the year 0 REALs are 8 us apart, and the answer has the last one before.
  bool const is_first = out.since == earliest && given.since >= earliest - 8;
  if (has_rows && out.since != given.since && !(is_first && given.since < earliest)) {
    disagree(given.sql, "since is " + text(given.since) + ", not " + text(out.since));
  }
  return out;
}

bool checker::may_be_empty(drawn_question const& asked, world const& seen, bool exactly) const {
  if (!seen.model.reference() || asked.when == as_of::latest) return true;
  // now may have been rounded to anything up to `last`: the answer changes where an event enters
  // or leaves the window, so these times are tried.
  micros const first = session::now();
  micros const last = first + latest_rounding();
  std::set<micros> tried = {first, last};
  auto const try_edges_of = [&](micros ts) {
    micros const leaves = ts + asked.length.value_or(0);
    if (ts > first && ts <= last) tried.insert({ts - 1, ts});
    if (leaves >= first && leaves <= last) tried.insert({leaves - 1, leaves});
  };
  for (event const& each : seen.model.events()) try_edges_of(each.ts);
  for (auto const& [id, each] : seen.content) {
    if (each.ts) try_edges_of(*each.ts);
  }
  for (micros const until : tried) {
    if (until < first || until > last) continue;
    span const of{start_of(asked, until, seen), until, true};
    if (!exactly && !is_surely_exact(asked, of, seen)) return true;
    tally const truth = exactly ? seen.exact(of.since, of.until, asked.partition)
                                : seen.fast(of.since, of.until, asked.partition);
    if (!truth.any_positive()) return true;
  }
  return false;
}

bool checker::is_surely_exact(drawn_question const& asked, span const& of,
                              world const& seen) const {
  oracle::history const& life = seen.model.life();
  bool const fits = plan_.is_roomy && life.distinct_items <= 100 && life.item_bytes <= 16'384;
  if (!fits || life.stored == 0) return false;
  // No event ever lay outside: no edge can cut a pane.
  if (of.since < life.first && of.until >= life.last) return true;
  // A declared window at its own grain, and nothing happened within a grain of its edges.
  if (!asked.is_declared || !life.is_whole || !seen.model.newest_is_certain()) return false;
  micros const length = *asked.length;
  micros const grain = length / 60;
  micros const floor = seen.model.floor();
  if (of.until - length - grain < floor || of.until < *seen.model.reference() - length / 2) {
    return false;
  }
  auto const near = [grain](micros ts, micros edge) {
    return ts > edge - grain && ts <= edge + grain;
  };
  auto const& events = seen.model.events();
  return std::none_of(events.begin(), events.end(), [&](event const& each) {
    return near(each.ts, of.since) || (asked.when == as_of::given && near(each.ts, of.until));
  });
}

void checker::check_fast(drawn_question const& asked, answer const& given, world const& seen) {
  span const of = span_of(asked, given, seen);
  if (!of.is_known) {
    if (!may_be_empty(asked, seen, false)) disagree(given.sql, "no rows, but there are events");
    return;
  }
  tally const truth = seen.fast(of.since, of.until, asked.partition);
  check_bounds(given, truth);
  check_proven(given, truth);
  for (answer_row const& each : given.rows) {
    done_.rows += 1;
    done_.inexact += each.lower < each.upper ? 1 : 0;
    done_.proven += each.proven;
  }
  if (!given.rows.empty() && given.source != "sketch") {
    disagree(given.sql, "source of a fast answer is " + given.source);
  }
  if (is_surely_exact(asked, of, seen)) test::check_exact(given, truth, true);
}

void checker::check_exact(drawn_question const& asked, answer const& given, world const& seen) {
  span const of = span_of(asked, given, seen);
  if (!of.is_known) {
    if (!may_be_empty(asked, seen, true)) disagree(given.sql, "no rows, but there are events");
    return;
  }
  test::check_exact(given, seen.exact(of.since, of.until, asked.partition), true);
  done_.exact_rows += static_cast<std::int64_t>(given.rows.size());
  if (!given.rows.empty() && given.source != "log") {
    disagree(given.sql, "source of an exact answer is " + given.source);
  }
}

void checker::check_hybrid(drawn_question const& asked, answer const& fast, answer const& given,
                           world const& seen) {
  if (!plan_.has_exact()) return check_hybrid_without_log(fast, given);
  span const of = span_of(asked, given, seen);
  if (!of.is_known) {
    if (!may_be_empty(asked, seen, true)) disagree(given.sql, "no rows, but there are events");
    return;
  }
  test::check_hybrid(given, seen.exact(of.since, of.until, asked.partition));
}

}  // namespace topk::test
