#include "script.hpp"

#include <algorithm>

#include "kit/random.hpp"

namespace topk::test {
namespace {

class script {
 public:
  script(std::uint64_t seed, std::int64_t writer, std::int64_t number)
      : random_(mix_seeds(mix_seeds(seed, static_cast<std::uint64_t>(writer)),
                          static_cast<std::uint64_t>(number))),
        writer_(writer), own_(item_of(writer, number)) {}

  numbered_steps write() {
    switch (random_.below(12)) {
      case 0:
      case 1: to_front(); break;
      case 2:
      case 3: to_many(); break;
      case 4: to_brief(); break;
      case 5: to_table('t', tracker); break;
      case 6: to_table('u', toggled); break;
      case 7: to_many_at_once(random_.between(1, 60)); break;
      case 8: to_many_at_once(random_.between(150, 400)); break;  // spills amid the statement
      default: batch(); break;
    }
    return std::move(made_);
  }

 private:
  void run(std::string sql, std::vector<value> parameters = {}) {
    made_.steps.push_back({std::move(sql), std::move(parameters)});
  }
  void leaves(std::size_t stream, value item, std::int64_t weight, std::int64_t events = 1) {
    made_.leaves.push_back({stream, std::move(item), weight});
    made_.events[stream] += events;
  }
  value own() const { return value::integer(own_); }

  void to_front() {
    run("INSERT INTO cms_add(item) VALUES (?1), ('all'), (?1)", {own()});
    leaves(front, own(), 2, 2);
    leaves(front, value::text("all"), 1);
  }

  // The third row takes back a part of the first.
  void to_many() {
    std::int64_t const weight = random_.between(2, 9);
    std::int64_t const age = random_.percent(80) ? random_.between(0, 5) : random_.between(0, 500);
    run("INSERT INTO s(item, ts, weight, partition) VALUES (?1, unixepoch() - ?2, ?3, ?4), "
        "('all', unixepoch() - ?2, 1, NULL), (?1, unixepoch() - ?2, -1, ?4)",
        {own(), value::integer(age), value::integer(weight),
         value::integer(random_.between(0, 2))});
    leaves(many, own(), weight - 1, 2);
    leaves(many, value::text("all"), 1);
  }

  // `count` events each of this transaction's item, of 'all', and of fillers.
  void to_many_at_once(std::int64_t count) {
    std::int64_t const start = random_.between(0, 89);
    run("INSERT INTO s(item, partition) WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT "
        "value + 1 FROM n WHERE value < ?2) SELECT CASE kind WHEN 0 THEN ?1 WHEN 1 THEN 'all' ELSE "
        "'f' || ((value * 7 + ?3) % 90) END, value % 3 FROM n, (SELECT 0 AS kind UNION ALL SELECT "
        "1 "
        "UNION ALL SELECT 2)",
        {own(), value::integer(count), value::integer(start)});
    leaves(many, own(), count, count);
    leaves(many, value::text("all"), count, count);
    for (std::int64_t n = 1; n <= count; ++n) {
      leaves(many, value::text("f" + std::to_string((n * 7 + start) % 90)), 1);
    }
  }

  void to_bare() {
    std::int64_t const weight = random_.between(1, 20);
    value const mine = value::text("w" + std::to_string(writer_));
    value const rare = value::text("r" + std::to_string(random_.skewed(3000)));
    run("INSERT INTO bare(item, weight) VALUES (?1, ?2), (?3, 1)",
        {mine, value::integer(weight), rare});
    run("INSERT INTO tally(item, weight) VALUES (?1, ?2), (?3, 1) "
        "ON CONFLICT(item) DO UPDATE SET weight = weight + excluded.weight",
        {mine, value::integer(weight), rare});
    leaves(bare, mine, weight);
    leaves(bare, rare, 1);
  }

  void to_brief() {
    run("INSERT INTO brief(item, ts) VALUES (?1, NULL), ('all', NULL), ('late', unixepoch() - "
        "1000)",
        {own()});
    leaves(brief, own(), 1);
    leaves(brief, value::text("all"), 1, 2);
  }

  void to_table(char table, std::size_t stream) {
    run(std::string("INSERT INTO ") + table +
            "(item, ts, weight) VALUES (?1, unixepoch(), 2), "
            "('all', unixepoch(), 1)",
        {own()});
    leaves(stream, own(), 2);
    leaves(stream, value::text("all"), 1);
  }

  // A row that is changed and one that is taken back. Requires: a transaction around it.
  void to_table_and_change() {
    to_table('t', tracker);
    run("UPDATE t SET weight = weight + 3 WHERE id = (SELECT max(id) FROM t)");
    leaves(tracker, value::text("all"), 3, 2);
    if (random_.percent(50)) return;
    run("DELETE FROM t WHERE id = (SELECT max(id) FROM t)");
    leaves(tracker, value::text("all"), -4);
  }

  void any() {
    switch (random_.below(8)) {
      case 0: to_front(); break;
      case 1: to_many(); break;
      case 2: to_table('t', tracker); break;
      case 3: to_table_and_change(); break;
      case 4: to_table('u', toggled); break;
      case 5: to_brief(); break;
      case 6: to_many_at_once(random_.between(1, 40)); break;
      default: to_bare(); break;
    }
  }

  // Runs what `any` makes, and takes it back.
  void in_vain(char const* begin, char const* end) {
    auto const leaves_before = made_.leaves;
    auto const events_before = made_.events;
    run(begin);
    any();
    any();
    run(end);
    made_.leaves = leaves_before;
    made_.events = events_before;
  }

  void batch() {
    if (random_.percent(15)) in_vain("BEGIN", "ROLLBACK");
    // A deferred one takes its lock late, where WAL may answer that the snapshot is too old.
    run(random_.percent(70) ? "BEGIN IMMEDIATE" : "BEGIN");
    to_bare();
    for (std::int64_t left = random_.between(1, 4); left > 0; --left) any();
    if (random_.percent(30)) in_vain("SAVEPOINT x", "ROLLBACK TO x");
    if (random_.percent(10)) run("INSERT INTO s(s) VALUES('optimize')");
    if (random_.percent(50)) any();
    run("COMMIT");
  }

  random_source random_;
  std::int64_t writer_;
  std::int64_t own_;
  numbered_steps made_;
};

}  // namespace

bool numbered_steps::has_own_item_in(std::size_t stream) const {
  return std::any_of(leaves.begin(), leaves.end(), [&](ledger_entry const& each) {
    return each.stream == stream && each.item.type() == value_type::integer;
  });
}

numbered_steps script_of(std::uint64_t seed, std::int64_t writer, std::int64_t number) {
  return script(seed, writer, number).write();
}

std::vector<std::string> schema_of_streams(bool with_front) {
  std::string const make = "CREATE VIRTUAL TABLE ";
  std::string const tiny = "windows='2s,10s,1min,10min', k=10, memory=16384, seed=1, retain='1day'";
  std::vector<std::string> sql = {"BEGIN IMMEDIATE"};
  if (with_front) sql.push_back(make + "topk_events USING topk_stream(memory=65536)");
  sql.push_back(make + "s USING topk_stream(" + tiny + ")");
  sql.push_back(make + "bare USING topk_stream(log=off, " + tiny + ")");
  sql.push_back(make + "brief USING topk_stream(windows='1s', retain='2s', memory=16384, k=10)");
  sql.push_back("CREATE TABLE tally(item PRIMARY KEY, weight) WITHOUT ROWID");
  for (std::string const table : {"t", "u"}) {
    std::string const stream = table == "t" ? "tracker" : "toggled";
    sql.push_back("CREATE TABLE " + table + "(id INTEGER PRIMARY KEY, item, ts, weight)");
    sql.push_back(make + stream + " USING topk_stream(content='" + table + "', weight='weight', " +
                  tiny + ")");
    sql.push_back("INSERT INTO " + stream + "(" + stream + ") VALUES('track')");
  }
  sql.push_back("CREATE TABLE mark(is_tracked, forgotten)");
  sql.push_back("INSERT INTO mark VALUES (1, 0)");
  sql.push_back("COMMIT");
  return sql;
}

}  // namespace topk::test
