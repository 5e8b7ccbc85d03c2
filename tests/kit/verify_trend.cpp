#include "kit/verify_trend.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <set>
#include <utility>

namespace topk::test {
namespace {

// Scores closer to each other than this count as equal here.
constexpr long double near = 1e-12L;

std::string text(std::int64_t number) { return std::to_string(number); }
std::string text(double number) { return value::real(number).literal(); }
std::string text(long double number) { return text(static_cast<double>(number)); }

std::string describe(trend_row const& of) {
  return "item " + of.item.literal() + " count " + text(of.count) + " in [" + text(of.lower) +
         ", " + text(of.upper) + "] expected " + text(of.expected) + " in [" +
         text(of.expected_lower) + ", " + text(of.expected_upper) + "] score " + text(of.score) +
         " in [" + text(of.score_lower) + ", " + text(of.score_upper) + "]" +
         (of.proven ? " proven" : "");
}

std::string describe(trend_truth::entry const& of) {
  return of.item.literal() + " " + text(of.count) + " after " + text(of.baseline) + ", score " +
         text(of.score);
}

// a b - c d, exact in its sign and but once rounded. Each factor, below 2^62, in two halves of 31
// bits; the products column by column.
long double difference(std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
  constexpr std::int64_t half = (std::int64_t{1} << 31) - 1;
  auto const high_of = [](std::int64_t x) { return x >> 31; };
  auto const low_of = [](std::int64_t x) { return x & half; };
  std::int64_t low = low_of(a) * low_of(b) - low_of(c) * low_of(d);
  std::int64_t middle = high_of(a) * low_of(b) + low_of(a) * high_of(b) - high_of(c) * low_of(d) -
                        low_of(c) * high_of(d);
  std::int64_t high = high_of(a) * high_of(b) - high_of(c) * high_of(d);
  middle += low >> 31;
  high += middle >> 31;
  std::int64_t const rest = ((middle & half) << 31) | (low & half);  // below 2^62
  if (high == -1) return static_cast<long double>(rest - (std::int64_t{1} << 62));
  return std::ldexp(static_cast<long double>(high), 62) + static_cast<long double>(rest);
}

long double score_of(std::int64_t count, std::int64_t baseline, std::int64_t p, std::int64_t q) {
  long double const gained = difference(count, q, baseline, p);
  if (gained == 0) return 0;
  auto const c = static_cast<long double>(count);
  auto const b = static_cast<long double>(baseline);
  auto const r = static_cast<long double>(p) / static_cast<long double>(q);
  return gained / static_cast<long double>(q) / std::sqrt(c + r * r * b);
}

// Scores above 0 alone. Of equal counts the item decides; else the scores, if they are far enough
// from each other.
bool is_surely_before(trend_truth::entry const& a, trend_truth::entry const& b) {
  if (a.count == b.count && a.baseline == b.baseline) return a.item < b.item;
  return a.score > b.score * (1 + near);
}

// The order of answers, of rows and of the truth.
template <class Row>
bool is_before(Row const& a, Row const& b) {
  if (a.score != b.score) return a.score > b.score;
  return a.count != b.count ? a.count > b.count : a.item < b.item;
}

double bound_of(value const& given, double otherwise) {
  return given.is_null() ? otherwise : given.as_real();
}

void check_trend_types(std::string const& sql, std::vector<row> const& raw) {
  for (row const& each : raw) {
    for (std::size_t const at : {0U, 2U, 5U, 6U}) {
      if (each.at(at).type() != value_type::integer) disagree(sql, "not an INTEGER");
    }
    for (std::size_t const at : {3U, 4U, 8U, 15U}) {
      if (each[at].type() != value_type::real) disagree(sql, "not a REAL");
    }
    bool const is_complete = !each[10].is_null();
    for (std::size_t const at : {9U, 10U, 11U}) {
      auto const wanted = is_complete ? value_type::real : value_type::null;
      if (each[at].type() != wanted) disagree(sql, "a bound where events are gone, or none");
    }
    if (each[7].is_null() && is_complete) disagree(sql, "proven, though events are gone");
    if (each[1].is_null()) disagree(sql, "a NULL item");
    for (std::size_t at = 12; at < each.size(); ++at) {
      if (each[at] != raw.front()[at]) disagree(sql, "hidden results differ by row");
    }
  }
}

trend_row read_row(row const& raw, bool falls) {
  double const endless = HUGE_VAL;
  trend_row out;
  out.item = raw[1];
  out.count = raw[2].as_integer();
  out.lower = raw[6].as_integer();
  out.upper = raw[7].is_null() ? open_upper : raw[7].as_integer();
  out.expected = raw[3].as_real();
  out.expected_lower = raw[8].as_real();
  out.expected_upper = bound_of(raw[9], endless);
  out.score = raw[4].as_real();
  out.score_lower = bound_of(raw[10], -endless);
  out.score_upper = bound_of(raw[11], endless);
  out.proven = raw[5].as_integer();
  if (!falls) return out;
  out.score = -out.score;
  out.score_lower = -std::exchange(out.score_upper, -out.score_lower);
  return out;
}

bool is_sound(trend_row const& of) {
  return of.score > 0 && of.count >= 0 && 0 <= of.lower && of.lower <= of.count &&
         of.count <= of.upper && 0 <= of.expected_lower && of.expected_lower <= of.expected &&
         of.expected <= of.expected_upper && of.score_lower <= of.score &&
         of.score <= of.score_upper && (of.proven == 0 || of.proven == 1) &&
         (of.proven == 0 || of.score_lower > 0);
}

void check_shape(trend_answer const& given) {
  if (std::ssize(given.rows) > given.k) disagree(given.sql, "more than k rows");
  std::set<value> items;
  std::int64_t proven = 0;
  for (std::size_t at = 0; at < given.rows.size(); ++at) {
    trend_row const& each = given.rows[at];
    bool const is_ranked = given.raw[at][0].as_integer() == static_cast<std::int64_t>(at) + 1;
    if (!is_ranked || !is_sound(each)) disagree(given.sql, "cannot be: " + describe(each));
    if (at > 0 && !is_before(given.rows[at - 1], each)) {
      disagree(given.sql,
               "out of order: " + describe(given.rows[at - 1]) + ", then " + describe(each));
    }
    if (!items.insert(each.item).second) disagree(given.sql, "twice: " + describe(each));
    if (!given.is_complete && each.proven == 1) {
      disagree(given.sql, "proven, though events are gone: " + describe(each));
    }
    proven += each.proven;
  }
  if (given.rows.empty()) return;
  double const share = static_cast<double>(proven) / static_cast<double>(given.rows.size());
  if (std::abs(given.raw.front()[15].as_real() - share) > 1e-9) {
    disagree(given.sql, "confidence is not the share of proven rows");
  }
}

// Bounds may touch what they hold: a few units in the last place of what this CPU computes with.
bool is_within(long double what, double lower, double upper, long double slack) {
  long double const room = slack * std::abs(what);
  return static_cast<long double>(lower) <= what + room &&
         what - room <= static_cast<long double>(upper);
}

bool is_near(double told, long double truth) { return is_within(truth, told, told, near); }

void check_exact_row(trend_answer const& given, trend_row const& told, trend_truth const& truth) {
  auto const wanted = truth.of(told.item);
  bool const is_right = wanted.score > 0 && told.count == wanted.count &&
                        is_near(told.score, wanted.score) &&
                        is_near(told.expected, truth.expected(wanted));
  if (!is_right) {
    disagree(given.sql, "is " + describe(wanted) + ", but gave " + describe(told));
  }
  if (!given.is_complete) return;
  bool const is_point = told.proven == 1 && told.lower == told.count && told.upper == told.count &&
                        told.expected_lower == told.expected &&
                        told.expected_upper == told.expected;
  if (!is_point) disagree(given.sql, "room between exact bounds: " + describe(told));
}

// As a user would count.
tally count_by_hand(database& db, question const& asked, value const& since, value const& until) {
  std::string const stream = db.scalar("SELECT " + asked.stream).bytes();
  bool const has_none = asked.partition == without_partition;
  std::string sql =
      "SELECT item, sum(weight) FROM " + quoted_name(stream) + " WHERE ts > ?1 AND ts <= ?2";
  if (has_none) sql += " AND partition IS NULL";
  else if (!asked.partition.is_null()) sql += " AND partition IS " + asked.partition.literal();
  return tally(db.query(sql + " GROUP BY item", {since, until}));
}

std::optional<trend_answer> ask_trend(database& db, question const& asked, std::string const& mode,
                                      trend_terms const& terms) {
  std::string const sql = select_trending(asked, mode, terms);
  outcome got = db.attempt(sql);
  bool const is_refused = got.message.find(" retains: retain=") != std::string::npos;
  if (is_refused) return std::nullopt;
  if (!got.ok()) throw sql_error(got.code, sql + ": " + got.message);
  return read_trending(sql, asked.k, terms.falls, std::move(got.rows));
}

}  // namespace

std::string select_trending(question const& asked, std::string const& mode,
                            trend_terms const& terms) {
  bool const has_none = asked.partition == without_partition;
  return "SELECT rank, item, count, expected, score, proven, lower, upper, expected_lower, "
         "expected_upper, score_lower, score_upper, since, until, baseline_since, confidence, "
         "source FROM topk_trending(" +
         asked.window + ", " + text(asked.k) + ", " + asked.stream + ", '" + mode + "', " +
         asked.at + ", " + (has_none ? "NULL" : asked.partition.literal()) + ", " + terms.baseline +
         ", " + (terms.falls ? "'fall'" : "NULL") + ", " + (terms.by_time ? "'time'" : "NULL") +
         ")" + (has_none ? " WHERE partition IS NULL" : "");
}

trend_answer read_trending(std::string const& sql, std::int64_t k, bool falls,
                           std::vector<row> raw) {
  check_trend_types(sql, raw);
  trend_answer out;
  out.sql = sql;
  out.k = k;
  for (row const& each : raw) out.rows.push_back(read_row(each, falls));
  if (!raw.empty()) {
    row const& first = raw.front();
    out.since = micros_of(first[12].as_real());
    out.until = micros_of(first[13].as_real());
    out.baseline_since = micros_of(first[14].as_real());
    out.source = first[16].bytes();
    out.is_window_complete = !first[7].is_null();
    out.is_complete = !first[10].is_null();
  }
  out.raw = std::move(raw);
  check_shape(out);
  return out;
}

trend_truth::trend_truth(tally const& window, tally const& baseline, trend_terms const& terms,
                         trend_lengths const& lengths)
    : p_(lengths.window), q_(lengths.baseline) {
  if (!terms.by_time && baseline.total() > 0) {
    p_ = window.total();
    q_ = baseline.total();
  }
  std::set<value> items;
  for (row const& each : window.sums()) items.insert(each[0]);
  for (row const& each : baseline.sums()) items.insert(each[0]);
  for (value const& item : items) {
    entry one{item, window.count(item), baseline.count(item)};
    one.score = score_of(one.count, one.baseline, p_, q_);
    if (terms.falls) one.score = -one.score;
    if (one.score > 0) rows_.push_back(one);
    all_.push_back(std::move(one));
  }
  std::sort(rows_.begin(), rows_.end(), is_before<entry>);
}

trend_truth::entry trend_truth::of(value const& item) const {
  auto const at =
      std::lower_bound(all_.begin(), all_.end(), item,
                       [](entry const& one, value const& wanted) { return one.item < wanted; });
  return at != all_.end() && at->item == item ? *at : entry{item};
}

long double trend_truth::expected(entry const& of) const {
  return static_cast<long double>(of.baseline) * static_cast<long double>(p_) /
         static_cast<long double>(q_);
}

std::size_t trend_truth::rank_at_least(entry const& of) const {
  std::size_t before = 0;
  for (entry const& each : rows_) {
    if (each.score * (1 + near) < of.score) break;
    before += is_surely_before(each, of) ? 1 : 0;
  }
  return before;
}

void check_trend_bounds(trend_answer const& given, trend_truth const& truth) {
  for (trend_row const& each : given.rows) {
    auto const wanted = truth.of(each.item);
    bool const holds =
        each.lower <= wanted.count && wanted.count <= each.upper &&
        is_within(truth.expected(wanted), each.expected_lower, each.expected_upper, near) &&
        is_within(wanted.score, each.score_lower, each.score_upper, 8 * LDBL_EPSILON);
    if (!holds) {
      disagree(given.sql,
               "a bound does not hold: is " + describe(wanted) + ", but " + describe(each));
    }
  }
}

void check_trend_proven(trend_answer const& given, trend_truth const& truth) {
  for (trend_row const& each : given.rows) {
    if (each.proven == 0) continue;
    auto const wanted = truth.of(each.item);
    bool const is_row =
        wanted.score > 0 && static_cast<std::int64_t>(truth.rank_at_least(wanted)) < given.k;
    if (!is_row) {
      disagree(given.sql, "not in the top " + text(given.k) + ": " + describe(wanted) + ", but " +
                              describe(each));
    }
  }
}

void check_trend_exact(trend_answer const& given, trend_truth const& truth) {
  std::set<value> told;
  for (trend_row const& each : given.rows) {
    check_exact_row(given, each, truth);
    told.insert(each.item);
  }
  check_trend_bounds(given, truth);
  bool const is_full = std::ssize(given.rows) == given.k;
  auto const last = is_full ? truth.of(given.rows.back().item) : trend_truth::entry{};
  for (auto const& each : truth.rows()) {
    if (!told.contains(each.item) && (!is_full || is_surely_before(each, last))) {
      disagree(given.sql, "lacks " + describe(each) + "; gave\n" + to_text(given.raw));
    }
  }
}

std::optional<trend_answer> verify_trend(database& db, question const& asked,
                                         trend_terms const& terms) {
  auto fast = ask_trend(db, asked, "fast", terms);
  auto const exact = ask_trend(db, asked, "exact", terms);
  auto const hybrid = ask_trend(db, asked, "hybrid", terms);
  if (fast.has_value() != exact.has_value() || exact.has_value() != hybrid.has_value()) {
    disagree(select_trending(asked, "fast", terms), "refused in one mode, answered in another");
  }
  if (!fast) return std::nullopt;
  auto const& shown = exact->raw.empty() ? fast->raw : exact->raw;
  if (shown.empty()) {  // the windows are not known
    if (!hybrid->rows.empty()) disagree(hybrid->sql, "rows that exact has not");
    return fast;
  }
  tally const window = count_by_hand(db, asked, shown.front()[12], shown.front()[13]);
  tally const baseline = count_by_hand(db, asked, shown.front()[14], shown.front()[12]);
  if (baseline.total() == 0 && baseline.any_positive()) return fast;  // then time decides
  trend_truth const truth(window, baseline, terms, {});
  check_trend_bounds(*fast, truth);
  check_trend_proven(*fast, truth);
  check_trend_exact(*exact, truth);
  check_trend_exact(*hybrid, truth);
  return fast;
}

}  // namespace topk::test
