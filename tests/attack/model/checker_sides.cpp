// The checks of what is not topk(): topk_count, the stream as a table, topk_stats.
#include <sqlite3.h>

#include <algorithm>
#include <cmath>

#include "checker.hpp"
#include "events.hpp"
#include "kit/first_format.hpp"

namespace topk::test {
namespace {

// Half a microsecond later, so that a comparison of doubles says what one of microseconds would.
std::string just_after(micros time) {
  return seconds_literal(time) + (time % 1'000'000 ? "5" : ".0000005");
}

}  // namespace

void checker::check_counts(drawn_question const& asked, answer const& fast, database& whom,
                           world const& seen) {
  span const of = span_of(asked, fast, seen);
  // A table may have nothing but rows of the future.
  bool const is_empty = !seen.model.reference() && !seen.has_content();
  if (!of.is_known && !is_empty) return;
  std::vector<value> items = {value::text("never seen"), value::integer(-77)};
  for (int i = 0; i < 2 && !fast.rows.empty(); ++i) items.push_back(random_.pick(fast.rows).item);
  dictionary const& known = seen.model.items();
  for (int i = 0; i < 2 && known.size() > 0; ++i) {
    items.push_back(known[static_cast<std::uint32_t>(random_.skewed(known.size()))]);
  }
  bool const in_exact = plan_.has_exact() && random_.percent(20);
  char const* mode = in_exact ? "exact" : "fast";
  bool const is_sure = is_surely_exact(asked, of, seen);
  tally const truth = is_empty   ? seen.model.count(0, 0)
                      : in_exact ? seen.exact(of.since, of.until, asked.partition)
                                 : seen.fast(of.since, of.until, asked.partition);
  for (value const& item : items) {
    std::string const sql = asked.select_count(mode, item);
    outcome const got = on_.ask(whom, sql);
    if (got.code == SQLITE_BUSY && may_be_busy(whom)) return;
    if (!got.ok())
      disagree(sql, "failed with code " + std::to_string(got.code) + ": " + got.message);
    check_count(sql, got.rows, truth.count(item), in_exact || is_sure);
  }
}

void checker::check_log(database& whom, world const& seen) {
  // Dates as text are compared as text, so such a content table is not asked here.
  if (!plan_.has_exact() || plan_.content_text_times || !seen.exists) return;
  oracle const& model = seen.model;
  if (!model.reference()) return;
  micros since = model.floor();
  micros until = session::now() + plan_.limits.max_skew;
  if (random_.percent(60)) {
    since += random_.between(0, plan_.limits.retain);
    until = since + random_.between(0, plan_.limits.retain);
  }
  since = as_real_has_it(since);
  until = as_real_has_it(until);
  value partition =
      plan_.partitions.empty() || random_.percent(60) ? value() : random_.pick(plan_.partitions);
  if (random_.percent(15)) partition = without_partition;
  bool const through_cms = plan_.kind == stream_kind::default_stream && random_.percent(30);
  bool const own_table = plan_.is_logged() && !on_.in_transaction() && random_.percent(30) &&
                         has_first_format(whom, seen.name);
  std::string const from = through_cms ? "cms_add"
                           : own_table ? quoted_name(seen.name + "_log")
                                       : quoted_name(seen.name);
  std::string sql = "SELECT item, sum(coalesce(weight, 1)) FROM " + from + " WHERE ts > " +
                    just_after(since) + " AND ts <= " + just_after(until) + " AND item IS NOT NULL";
  if (partition == without_partition) {
    sql += " AND partition IS NULL";
  } else if (!partition.is_null()) {
    sql += " AND partition = " + partition.literal();
  }
  sql += " GROUP BY item";
  outcome got = on_.ask(whom, sql);
  if (got.code == SQLITE_BUSY && may_be_busy(whom)) return;
  if (!got.ok()) disagree(sql, "failed with code " + std::to_string(got.code) + ": " + got.message);
  // By us: SQLite's order is that of the encoding.
  std::sort(got.rows.begin(), got.rows.end(),
            [](row const& a, row const& b) { return a.at(0) < b.at(0); });
  std::vector<row> const wanted = seen.exact(since, until, partition).sums();
  if (got.rows != wanted) {
    disagree(sql,
             "the logged events are\n" + to_text(got.rows) + "but should be\n" + to_text(wanted));
  }
}

void checker::check_stats(database& whom, world const& seen) {
  if (!seen.exists) return;
  std::string const name = value::text(quoted_name(seen.name)).literal();
  std::string const sql =
      "SELECT events, weight, late, first_ts, last_ts, stream FROM topk_stats(" + name + ")";
  outcome const got = on_.ask(whom, sql);
  if (!got.ok()) disagree(sql, "failed with code " + std::to_string(got.code) + ": " + got.message);
  if (got.rows.size() != 1) disagree(sql, "not one row");
  row const& given = got.rows.front();
  oracle::history const& life = seen.model.life();
  if (seen.events_are_known &&
      (given[0] != value::integer(life.stored) || given[1] != value::integer(life.weight))) {
    disagree(sql, "events and weight should be " + std::to_string(life.stored) + " and " +
                      std::to_string(life.weight) + ", but gave " + to_text(got.rows));
  }
  if (seen.late_is_known && given[2] != value::integer(life.late)) {
    disagree(sql,
             "late should be " + std::to_string(life.late) + ", but gave " + to_text(got.rows));
  }
  if (life.stored == 0 || !seen.events_are_known || !seen.model.newest_is_certain()) return;
  if (micros_of(given[4].as_real()) != *seen.model.newest()) {
    disagree(sql, "last_ts should be " + std::to_string(*seen.model.newest()) + ", but gave " +
                      to_text(got.rows));
  }
  if (given[3] > given[4]) disagree(sql, "first_ts is after last_ts: " + to_text(got.rows));
}

}  // namespace topk::test
