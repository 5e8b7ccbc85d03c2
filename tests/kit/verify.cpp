#include "kit/verify.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace topk::test {
namespace {

constexpr std::int64_t all_items = 100'000;  // the greatest k

std::string describe(answer_row const& of) {
  return "rank " + std::to_string(of.rank) + " item " + of.item.literal() + " count " +
         std::to_string(of.count) + " in [" + std::to_string(of.lower) + ", " +
         std::to_string(of.upper) + "]" + (of.proven ? " proven" : "");
}

void check_types(std::string const& sql, std::vector<row> const& raw) {
  for (row const& each : raw) {
    bool const complete = each.at(11) == value::integer(1);
    for (std::size_t const at : {0U, 2U, 3U, 4U, 5U, 6U, 7U, 11U}) {
      bool const is_open = !complete && (at == 4 || at == 7);
      if (is_open && !each.at(at).is_null()) disagree(sql, "an upper bound where events are gone");
      if (!is_open && each.at(at).type() != value_type::integer) {
        disagree(sql, "column " + std::to_string(at) + " is not an INTEGER");
      }
    }
    if (each[1].is_null()) disagree(sql, "a NULL item");
    if (!each[8].is_number() || !each[9].is_number()) disagree(sql, "no since, until");
    for (std::size_t at = 6; at < each.size(); ++at) {
      if (each[at] != raw.front()[at]) disagree(sql, "hidden results differ by row");
    }
  }
}

bool is_sound(answer_row const& each, std::size_t at) {
  return each.rank == static_cast<std::int64_t>(at) + 1 && each.count > 0 && each.lower >= 0 &&
         each.lower <= each.count && each.count <= each.upper &&
         (each.proven == 0 || each.proven == 1);
}

std::int64_t upper_of(value const& given) {
  return given.is_null() ? open_upper : given.as_integer();
}

// One of the rows that follow where less than k have a share of a cut pane: last, in any order.
bool may_be_filled_in(answer_row const& each) {
  return each.count == 1 && each.lower == 0 && each.proven == 0;
}

// By (count desc, lower desc, item asc).
bool is_before(answer_row const& a, answer_row const& b) {
  if (a.count != b.count) return a.count > b.count;
  return a.lower > b.lower || (a.lower == b.lower && a.item < b.item);
}

void check_shape(answer const& given) {
  if (std::ssize(given.rows) > given.k) disagree(given.sql, "more than k rows");
  std::int64_t proven = 0;
  std::set<value> items;
  for (std::size_t at = 0; at < given.rows.size(); ++at) {
    answer_row const& each = given.rows[at];
    if (!is_sound(each, at)) disagree(given.sql, "a row that cannot be: " + describe(each));
    bool const in_order = at == 0 || is_before(given.rows[at - 1], each) ||
                          may_be_filled_in(each) ||
                          // Ordered by the lower bound that an open one does not show.
                          (!given.complete && given.rows[at - 1].count == each.count);
    if (!in_order) {
      disagree(given.sql, "out of order: " + describe(given.rows[at - 1]) + ", " + describe(each));
    }
    if (!items.insert(each.item).second) disagree(given.sql, "twice: " + describe(each));
    proven += each.proven;
    if (!given.complete && each.proven == 1) disagree(given.sql, "proven, though events are gone");
  }
  if (given.rows.empty()) return;
  double const share = static_cast<double>(proven) / static_cast<double>(given.rows.size());
  if (given.confidence < share - 1e-9 || given.confidence > share + 1e-9) {
    disagree(given.sql, "confidence is not the share of proven rows");
  }
  if (given.total_lower < 0 || given.total_lower > given.total_upper) {
    disagree(given.sql, "total_lower or total_upper cannot be");
  }
}

void check_row_bounds(answer const& given, tally const& truth) {
  for (answer_row const& each : given.rows) {
    std::int64_t const count = truth.count(each.item);
    if (count < each.lower || count > each.upper) {
      disagree(given.sql, "a bound does not hold: the count is " + std::to_string(count) +
                              ", but " + describe(each));
    }
  }
}

void check_total(answer const& given, tally const& truth, bool is_exact) {
  if (given.rows.empty()) return;
  std::int64_t const total = truth.total();
  bool const holds = given.total_lower <= total && total <= given.total_upper &&
                     (!is_exact || !given.complete || given.total_lower == given.total_upper);
  if (!holds) {
    disagree(given.sql, "the total is " + std::to_string(total) + ", but the bounds are [" +
                            std::to_string(given.total_lower) + ", " +
                            std::to_string(given.total_upper) + "]");
  }
}

// As a user would count the events of the window that was answered.
tally count_by_hand(database& db, std::string const& stream, question const& asked,
                    row const& answered) {
  std::string sql =
      "SELECT item, sum(weight) FROM " + quoted_name(stream) + " WHERE ts > ?1 AND ts <= ?2";
  bool const has_one = asked.partition != without_partition;
  if (!has_one) sql += " AND ?3 IS NULL AND partition IS NULL";
  if (has_one && !asked.partition.is_null()) sql += " AND partition IS ?3";
  value const partition = has_one ? asked.partition : value();
  return tally(db.query(sql + " GROUP BY item", {answered[8], answered[9], partition}));
}

// Whether the stream keeps its events, in a log or in a table of the user.
bool has_events(database& db, std::string const& stream) {
  return exists(db, stream + "_block") || exists(db, stream + "_log") ||
         !db.query("SELECT 1 FROM sqlite_schema WHERE name = ?1 AND sql LIKE '%content%'",
                   {value::text(stream)})
              .empty();
}

// The end of a call: its last argument.
std::string asked_partition(value const& partition) {
  if (partition == without_partition) return "NULL) WHERE partition IS NULL";
  return partition.literal() + ")";
}

}  // namespace

void disagree(std::string const& sql, std::string const& what) {
  throw disagreement(what + "\n  in: " + sql);
}

void check_equal(std::string const& what, std::int64_t got, std::int64_t wanted) {
  if (got != wanted)
    throw disagreement(what + " is " + std::to_string(got) + ", not " + std::to_string(wanted));
}

std::string question::select(std::string const& mode) const {
  return "SELECT rank, item, count, lower, upper, proven, total_lower, total_upper, since, until, "
         "confidence, complete, source FROM topk(" +
         window + ", " + std::to_string(k) + ", " + stream + ", '" + mode + "', " + at + ", " +
         asked_partition(partition);
}

std::string question::select_count(std::string const& mode, value const& item) const {
  return "SELECT count, lower, upper, complete FROM topk_count(" + window + ", " + item.literal() +
         ", " + stream + ", '" + mode + "', " + at + ", " + asked_partition(partition);
}

std::string question::select_series(std::string const& mode, std::string const& step,
                                    value const& item) const {
  return "SELECT count, lower, upper, complete, since, until FROM topk_series(" + window + ", " +
         step + ", " + item.literal() + ", " + stream + ", '" + mode + "', " + at + ", " +
         asked_partition(partition);
}

answer read_answer(std::string const& sql, std::int64_t k, std::vector<row> raw) {
  check_types(sql, raw);
  answer out;
  out.sql = sql;
  out.k = k;
  for (row const& each : raw) {
    out.rows.push_back({each[0].as_integer(), each[1], each[2].as_integer(), each[3].as_integer(),
                        upper_of(each[4]), each[5].as_integer()});
  }
  if (!raw.empty()) {
    row const& first = raw.front();
    out.total_lower = first[6].as_integer();
    out.total_upper = upper_of(first[7]);
    out.since = micros_of(first[8].as_real());
    out.until = micros_of(first[9].as_real());
    out.confidence = first[10].as_real();
    out.complete = first[11] == value::integer(1);
    out.source = first[12].bytes();
  }
  out.raw = std::move(raw);
  check_shape(out);
  return out;
}

answer ask(database& db, question const& asked, std::string const& mode) {
  std::string const sql = asked.select(mode);
  return read_answer(sql, asked.k, db.query(sql));
}

void check_bounds(answer const& given, tally const& truth) {
  check_row_bounds(given, truth);
  check_total(given, truth, false);
}

void check_proven(answer const& given, tally const& truth) {
  std::set<value> top;
  for (counted_item const& each : truth.top(static_cast<std::size_t>(given.k))) {
    top.insert(truth.items()[each.item]);
  }
  for (answer_row const& each : given.rows) {
    if (each.proven == 1 && !top.contains(each.item)) {
      disagree(given.sql, "not in the top " + std::to_string(given.k) + ": " + describe(each));
    }
  }
}

void check_exact(answer const& given, tally const& truth, bool all_columns) {
  std::vector<counted_item> const top = truth.top(static_cast<std::size_t>(given.k));
  std::string expected;
  bool is_equal = top.size() == given.rows.size();
  for (std::size_t at = 0; at < top.size(); ++at) {
    value const& item = truth.items()[top[at].item];
    expected += "  " + item.literal() + " " + std::to_string(top[at].count) + "\n";
    if (!is_equal) continue;
    answer_row const& row_of = given.rows[at];
    is_equal = row_of.item == item && row_of.count == top[at].count;
    if (all_columns && given.complete) {
      is_equal = is_equal && row_of.lower == row_of.count && row_of.upper == row_of.count &&
                 row_of.proven == 1;
    }
  }
  if (!is_equal) {
    disagree(given.sql, "must be exact:\n" + expected + "but gave\n" + to_text(given.raw));
  }
  if (all_columns) check_total(given, truth, true);
}

void check_hybrid(answer const& given, tally const& truth) {
  check_exact(given, truth, false);
  check_row_bounds(given, truth);
}

void check_hybrid_without_log(raw_answer const& fast, raw_answer const& hybrid) {
  bool is_equal = fast.raw.size() == hybrid.raw.size();
  for (std::size_t at = 0; is_equal && at < fast.raw.size(); ++at) {
    is_equal = std::equal(fast.raw[at].begin(), fast.raw[at].end() - 1, hybrid.raw[at].begin());
  }
  if (!is_equal) {
    disagree(hybrid.sql,
             "without a log not as fast:\n" + to_text(fast.raw) + "but\n" + to_text(hybrid.raw));
  }
}

void check_count(std::string const& sql, std::vector<row> const& given, std::int64_t count,
                 bool is_exact) {
  if (given.size() != 1) disagree(sql, "not one row");
  bool const complete = given.front().at(3) == value::integer(1);
  for (std::size_t at = 0; at < 4; ++at) {
    auto const wanted = at == 2 && !complete ? value_type::null : value_type::integer;
    if (given.front().at(at).type() != wanted) disagree(sql, "another type: " + to_text(given));
  }
  std::int64_t const told = given.front()[0].as_integer();
  std::int64_t const lower = given.front()[1].as_integer();
  std::int64_t const upper = upper_of(given.front()[2]);
  bool const holds = 0 <= lower && lower <= told && told <= upper && lower <= count &&
                     count <= upper && (!is_exact || !complete || lower == upper);
  if (!holds)
    disagree(sql, "the count is " + std::to_string(count) + ", but gave " + to_text(given));
}

void check_same(raw_answer const& first, raw_answer const& again, std::string const& where) {
  if (first.raw == again.raw) return;
  disagree(first.sql, "not the same answer " + where + ":\n" + to_text(first.raw) + "then\n" +
                          to_text(again.raw));
}

std::vector<std::string> streams_of(database& db) {
  std::vector<std::string> names;
  for (row const& each :
       db.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE "
                "'%USING topk_stream%' ORDER BY name")) {
    names.push_back(each[0].bytes());
  }
  return names;
}

bool exists(database& db, std::string const& table) {
  return !db.query("SELECT 1 FROM sqlite_schema WHERE name = ?1", {value::text(table)}).empty();
}

window_answers verify_window(database& db, question const& asked) {
  std::string const stream = db.scalar("SELECT " + asked.stream).bytes();
  window_answers out{ask(db, asked, "fast"), std::nullopt, ask(db, asked, "hybrid")};
  if (!has_events(db, stream)) {
    check_hybrid_without_log(out.fast, out.hybrid);
    return out;
  }
  question everything = asked;
  everything.k = all_items;
  answer const& exact = out.exact.emplace(ask(db, everything, "exact"));
  // Without a row the window's edges are unknown, but then every count is 0.
  tally const truth = exact.rows.empty() ? tally(std::vector<row>{})
                                         : count_by_hand(db, stream, asked, exact.raw.front());
  check_exact(exact, truth, true);
  check_bounds(out.fast, truth);
  check_proven(out.fast, truth);
  check_hybrid(out.hybrid, truth);
  return out;
}

void check_integrity(database& db, bool with_pages) {
  if (with_pages) {
    std::string const found = to_text(db.query("PRAGMA integrity_check"));
    if (found != "'ok'\n") throw disagreement("PRAGMA integrity_check: " + found);
  }
  for (row const& each :
       db.query("SELECT name FROM sqlite_schema AS s WHERE name GLOB '*_config' AND NOT EXISTS "
                "(SELECT 1 FROM sqlite_schema WHERE name || '_config' = s.name)")) {
    throw disagreement("a shadow table without its stream: " + each[0].bytes());
  }
  for (std::string const& stream : streams_of(db)) {
    std::string const name = quoted_name(stream);
    db.exec("INSERT INTO " + name + "(" + name + ") VALUES('integrity-check')");
  }
}

}  // namespace topk::test
