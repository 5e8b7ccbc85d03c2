// Steps that bring events in.
#include <sqlite3.h>

#include "kit/first_format.hpp"
#include "program.hpp"

namespace topk::test {
namespace {

// The codes that a refused row may give. Where the contract names none, any of SQLite's three.
std::vector<int> codes_of(row_outcome refused) {
  switch (refused) {
    case row_outcome::null_item:
    case row_outcome::too_far_ahead: return {SQLITE_CONSTRAINT};
    case row_outcome::item_too_long: return {SQLITE_TOOBIG};
    default: return {SQLITE_CONSTRAINT, SQLITE_ERROR, SQLITE_MISMATCH};
  }
}

}  // namespace

void program::insert(std::string const& sql, std::vector<offer> const& rows, bool ignores,
                     bool into_feed) {
  micros const now = session::now();
  if (!ignores) {
    for (offer const& each : rows) {
      row_outcome const said = on_.state.model.outcome_of(each, now);
      if (!is_refusal(said)) continue;
      on_.refuse(sql, codes_of(said));
      return;
    }
  }
  std::int64_t stored = 0;
  for (offer const& each : rows) {
    if (on_.state.model.accept(each, now) == row_outcome::stored) ++stored;
  }
  // Rows that leave no event may or may not make the default stream; nothing depends on it.
  if (stored > 0) on_.state.exists = true;
  if (into_feed) on_.state.feed_rows += static_cast<std::int64_t>(rows.size());
  on_.run(sql);
}

std::string program::values_of(std::vector<written_row> const& rows, columns const& named) {
  std::string out;
  bool const as_select = random_.percent(20);
  for (written_row const& each : rows) {
    if (as_select) {
      out += (out.empty() ? "SELECT " : " UNION ALL SELECT ") + each.literals(named);
    } else {
      out += (out.empty() ? "VALUES (" : ", (") + each.literals(named) + ")";
    }
  }
  return out;
}

bool program::insert_some() {
  columns named = events_.draw_columns();
  bool const is_bare = random_.percent(15);  // no column list: all four are given
  if (is_bare) named = {};
  std::vector<written_row> rows;
  std::vector<offer> meanings;
  std::int64_t const count = random_.percent(40) ? 1 : random_.between(2, 9);
  for (std::int64_t i = 0; i < count; ++i) {
    rows.push_back(events_.draw(on_.state, session::now(), named));
    meanings.push_back(rows.back().meaning);
  }
  std::string const list = is_bare ? "" : "(" + named.list() + ")";
  insert("INSERT INTO " + target() + list + " " + values_of(rows, named), meanings, false, false);
  return true;
}

bool program::insert_bad() {
  std::int64_t const count = random_.percent(40) ? 1 : random_.between(2, 6);
  std::int64_t const bad = random_.between(0, count - 1);
  std::vector<written_row> rows;
  std::vector<offer> meanings;
  for (std::int64_t i = 0; i < count; ++i) {
    rows.push_back(i == bad ? events_.draw_bad(on_.state, session::now())
                            : events_.draw(on_.state, session::now(), {}));
    meanings.push_back(rows.back().meaning);
  }
  std::string const how = random_.percent(15) ? "INSERT OR ABORT INTO " : "INSERT INTO ";
  bool const by_trigger =
      plan_.has_feed && (on_.state.exists || is_default()) && random_.percent(30);
  std::string const into = by_trigger ? "feed" : target();
  insert((by_trigger ? "INSERT INTO " : how) + into + "(item, ts, weight, partition) " +
             values_of(rows, {}),
         meanings, false, by_trigger);
  return true;
}

bool program::insert_or_ignore() {
  std::vector<written_row> rows;
  std::vector<offer> meanings;
  for (std::int64_t i = random_.between(1, 6); i > 0; --i) {
    rows.push_back(random_.percent(40) ? events_.draw_bad(on_.state, session::now())
                                       : events_.draw(on_.state, session::now(), {}));
    meanings.push_back(rows.back().meaning);
  }
  // The clause of the outer statement also rules inside its triggers.
  bool const by_trigger =
      plan_.has_feed && (on_.state.exists || is_default()) && random_.percent(20);
  insert("INSERT OR IGNORE INTO " + (by_trigger ? "feed" : target()) +
             "(item, ts, weight, partition) " + values_of(rows, {}),
         meanings, true, by_trigger);
  return true;
}

bool program::insert_held() {
  std::string const sql =
      "INSERT INTO " + target() + "(item, ts, weight, partition) VALUES (?, ?, ?, ?)";
  for (std::int64_t i = random_.between(1, 6); i > 0; --i) {
    bool const is_bad = random_.percent(10);
    written_row const each = is_bad ? events_.draw_bad(on_.state, session::now())
                                    : events_.draw(on_.state, session::now(), {});
    row_outcome const said = on_.state.model.accept(each.meaning, session::now());
    if (said == row_outcome::stored) on_.state.exists = true;
    outcome const got = on_.run_held(sql, each.values({}));
    if (got.ok() == is_refusal(said)) {
      throw disagreement("a held INSERT gave code " + std::to_string(got.code) + ": " +
                         got.message);
    }
  }
  return true;
}

bool program::insert_flood() {
  if (!can_grow()) return false;
  flood const all = draw_flood(plan_, random_, session::now());
  std::vector<offer> meanings;
  for (std::int64_t i = 0; i < all.count; ++i) meanings.push_back(all.at(i));
  insert("INSERT INTO " + target() + "(item, ts, weight, partition) " + all.select(false), meanings,
         false, false);
  return true;
}

bool program::insert_from_table() {
  std::vector<written_row> rows;
  std::vector<offer> meanings;
  std::int64_t const count = random_.between(1, 60);
  bool const has_bad = random_.percent(15);
  for (std::int64_t i = 0; i < count; ++i) {
    rows.push_back(has_bad && i == count - 2 ? events_.draw_bad(on_.state, session::now())
                                             : events_.draw(on_.state, session::now(), {}));
    meanings.push_back(rows.back().meaning);
  }
  on_.run("DELETE FROM batch");
  std::string values;
  for (written_row const& each : rows)
    values += (values.empty() ? "(" : ", (") + each.literals({}) + ")";
  on_.run("INSERT INTO batch VALUES " + values);
  insert("INSERT INTO " + target() + " SELECT * FROM batch ORDER BY rowid", meanings, false, false);
  return true;
}

// Reading the log (or the stream) while writing to it must meet exactly the rows from before.
bool program::insert_from_itself() {
  auto const& there = on_.state.model.events();
  if (!plan_.is_logged() || !on_.state.exists || there.size() > 6'000) return false;
  // In a transaction the log table holds what has been flushed, which is no contract.
  bool const from_log =
      !on_.in_transaction() && random_.percent(70) && has_first_format(on_.db(), on_.state.name);
  bool const negates = random_.percent(30);
  bool const keeps_time = random_.percent(70);
  micros const floor = on_.state.model.reference() ? on_.state.model.floor() : 0;
  std::vector<offer> meanings;
  for (event const& each : there) {
    offer& copy = meanings.emplace_back();
    copy.item = on_.state.model.items()[each.item];
    if (keeps_time) copy.ts = each.ts;
    copy.weight = negates ? -each.weight : each.weight;
    if (each.partition >= 0) {
      copy.partition = on_.state.model.partitions()[static_cast<std::uint32_t>(each.partition)];
    }
    if (*copy.weight > (std::int64_t{1} << 36)) return false;  // sums must stay far from wrapping
    if (keeps_time && each.ts > session::now() + plan_.limits.max_skew) return false;
  }
  // An old future event may now raise R, and what is late then depends on the order of reading.
  on_.state.events_are_known = on_.state.late_is_known = false;
  std::string const from = from_log ? quoted_name(on_.state.name + "_log") : stream();
  // Expired rows may still lie in the log: they stay out, since a new time would revive them.
  insert("INSERT INTO " + target() + "(item, ts, weight, partition) SELECT item, " +
             (keeps_time ? "ts" : "NULL") + ", " + (negates ? "-" : "") +
             "weight, partition FROM " + from + " WHERE ts > " + seconds_literal(floor) +
             (floor % 1'000'000 == 0 ? ".0000005" : "5"),
         meanings, false, false);
  return true;
}

bool program::retract() {
  if (on_.state.model.events().empty()) return false;
  std::vector<written_row> rows;
  std::vector<offer> meanings;
  bool const at_other_time = random_.percent(30);
  for (std::int64_t i = random_.between(1, 5); i > 0; --i) {
    written_row drawn = events_.draw_retraction(on_.state);
    if (at_other_time) {
      micros const time = events_.draw_time(on_.state, session::now());
      drawn.ts = time_value(time, random_);
      drawn.meaning.ts = time;
    }
    meanings.push_back(drawn.meaning);
    rows.push_back(std::move(drawn));
  }
  insert("INSERT INTO " + target() + "(item, ts, weight, partition) " + values_of(rows, {}),
         meanings, false, false);
  return true;
}

bool program::feed_some() {
  if (!plan_.has_feed || !(on_.state.exists || is_default())) return false;
  std::vector<written_row> rows;
  std::vector<offer> meanings;
  for (std::int64_t i = random_.between(1, 8); i > 0; --i) {
    rows.push_back(events_.draw(on_.state, session::now(), {}));
    meanings.push_back(rows.back().meaning);
  }
  insert("INSERT INTO feed " + values_of(rows, {}), meanings, false, true);
  outcome const got = on_.ask(on_.db(), "SELECT count(*) FROM feed");
  if (!got.ok() || got.rows.front().front() != value::integer(on_.state.feed_rows)) {
    throw disagreement("feed should have " + std::to_string(on_.state.feed_rows) + " rows");
  }
  return true;
}

bool program::refuse_update() {
  if (!on_.state.exists || on_.state.model.events().empty() || !plan_.is_logged()) return false;
  bool const deletes = random_.percent(50);
  on_.refuse(deletes ? "DELETE FROM " + stream() : "UPDATE " + stream() + " SET weight = 2",
             {SQLITE_READONLY});
  return true;
}

}  // namespace topk::test
