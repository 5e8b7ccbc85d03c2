#include "kit/workload.hpp"

#include <algorithm>
#include <utility>

namespace topk::test {
namespace {

// Writes one transaction: draws what it does, and notes what each statement leaves.
class script {
 public:
  script(workload_options const& options, std::uint64_t seed, std::int64_t writer,
         std::int64_t number)
      : options_(options), number_(number),
        random_(mix_seeds(mix_seeds(seed, static_cast<std::uint64_t>(writer)),
                          static_cast<std::uint64_t>(number))),
        own_(value::integer(workload::own_item(writer, number))) {}

  numbered_transaction write() {
    if (keeps_brief_near()) to_brief();
    else draw();
    return std::move(made_);
  }

 private:
  // Each writing to `brief` comes within its retention of the one before: its watermark never jumps
  // beyond that, where it would wait for a second commit.
  [[nodiscard]] bool keeps_brief_near() const noexcept {
    return options_.brief_keeps > 0 &&
           number_ % std::max<std::int64_t>(options_.brief_keeps / 2, 1) == 0;
  }

  void draw() {
    switch (random_.below(12)) {
      case 0: to_front(); break;
      case 1:
        if (options_.has_commands) command(true);
        to_front();
        break;
      case 2: to_many(); break;
      case 3: to_bare_by_trigger(); break;
      case 4: to_brief(); break;
      case 5: to_table('t', tracker); break;
      case 6: to_second_table(); break;
      case 7: to_many_at_once(random_.between(1, 60)); break;
      case 8: to_many_at_once(random_.between(options_.least_burst, options_.most_burst)); break;
      default: batch(); break;
    }
  }

  void run(std::string sql, std::vector<value> parameters = {}) {
    made_.steps.push_back({std::move(sql), std::move(parameters)});
  }
  void leaves(std::size_t stream, value item, std::int64_t weight, std::int64_t events = 1) {
    made_.leaves.push_back({stream, std::move(item), weight});
    made_.events[stream] += events;
  }
  static value shared() { return value::text("all"); }

  void to_front() {
    run("INSERT INTO cms_add(item) VALUES (?1), ('all'), (?1)", {own_});
    leaves(front, own_, 2, 2);
    leaves(front, shared(), 1);
  }

  // Up to ten minutes old, so into panes that are formed already, too. The third row takes back a
  // part of the first.
  void to_many() {
    std::int64_t const weight = random_.between(2, 9);
    std::int64_t const age = random_.between(0, random_.percent(50) ? 5 : 600);
    run("INSERT INTO s(item, ts, weight, partition) VALUES (?1, unixepoch() - ?2, ?3, ?4), "
        "('all', unixepoch() - ?2, 1, NULL), (?1, unixepoch() - ?2, -1, ?4)",
        {own_, value::integer(age), value::integer(weight), value::integer(random_.between(0, 2))});
    leaves(many, own_, weight - 1, 2);
    leaves(many, shared(), 1);
  }

  // `count` events each of this transaction's item, of 'all', and of fillers: from some hundred on
  // the stream flushes within the statement.
  void to_many_at_once(std::int64_t count) {
    std::int64_t const start = random_.between(0, 89);
    run("INSERT INTO s(item, ts, partition) WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT "
        "value + 1 FROM n WHERE value < ?2) SELECT CASE kind WHEN 0 THEN ?1 WHEN 1 THEN 'all' ELSE "
        "'f' || ((value * 7 + ?3) % 90) END, unixepoch() - value % ?4, value % 3 FROM n, "
        "(SELECT 0 AS kind UNION ALL SELECT 1 UNION ALL SELECT 2)",
        {own_, value::integer(count), value::integer(start),
         value::integer(options_.burst_seconds)});
    leaves(many, own_, count, count);
    leaves(many, shared(), count, count);
    std::array<std::int64_t, 90> fillers{};
    for (std::int64_t n = 1; n <= count; ++n) {
      ++fillers[static_cast<std::size_t>((n * 7 + start) % 90)];
    }
    for (std::size_t at = 0; at < fillers.size(); ++at) {
      if (fillers[at] == 0) continue;
      leaves(many, value::text("f" + std::to_string(at)), fillers[at], fillers[at]);
    }
  }

  // Requires: a transaction around it, as the stream and its tally are two statements.
  void to_bare() {
    value const weight = value::integer(random_.between(1, 20));
    value const rare = draw_rare();
    run("INSERT INTO bare(item, weight) VALUES (?1, ?2), (?3, 1)", {own_, weight, rare});
    run("INSERT INTO tally(item, weight) VALUES (?1, ?2), (?3, 1) "
        "ON CONFLICT(item) DO UPDATE SET weight = weight + excluded.weight",
        {own_, weight, rare});
    leaves(bare, own_, weight.as_integer());
    leaves(bare, rare, 1);
  }
  // One statement for both.
  void to_bare_by_trigger() {
    value const weight = value::integer(random_.between(1, 20));
    value const rare = draw_rare();
    run("INSERT INTO counted(item, weight) VALUES (?1, ?2), (?3, 1)", {own_, weight, rare});
    leaves(bare, own_, weight.as_integer());
    leaves(bare, rare, 1);
  }
  value draw_rare() { return value::text("r" + std::to_string(random_.skewed(3000))); }

  void to_brief() {
    run("INSERT INTO brief(item, ts) VALUES (?1, NULL), ('all', NULL), "
        "('late', unixepoch() - 1000)",
        {own_});
    leaves(brief, own_, 1);
    leaves(brief, shared(), 1);
    ++made_.late[brief];
  }

  void to_table(char table, std::size_t stream) {
    run(std::string("INSERT INTO ") + table +
            "(item, ts, weight) VALUES (?1, unixepoch(), 2), ('all', unixepoch(), 1)",
        {own_});
    leaves(stream, own_, 2);
    leaves(stream, shared(), 1);
  }
  void to_second_table() { options_.has_toggled ? to_table('u', toggled) : to_table('t', tracker); }
  // One row is changed, and perhaps taken back: each event of the triggers counts once.
  void to_table_and_change() {
    to_table('t', tracker);
    run("UPDATE t SET weight = weight + 3 WHERE id = (SELECT max(id) FROM t)");
    leaves(tracker, shared(), 3, 2);
    if (random_.percent(50)) return;
    run("DELETE FROM t WHERE id = (SELECT max(id) FROM t)");
    leaves(tracker, shared(), -4);
  }

  // Rewrites much, and leaves every answer as it was.
  void command(bool is_alone) {
    static std::vector<std::string> const all = {
        "INSERT INTO s(s) VALUES('rebuild')", "INSERT INTO s(s) VALUES('optimize')",
        "INSERT INTO bare(bare) VALUES('optimize')", "INSERT INTO tracker(tracker) VALUES('prune')",
        "VACUUM"};
    run(all[static_cast<std::size_t>(random_.below(is_alone ? 5 : 4))]);
  }

  void any() {
    switch (random_.below(8)) {
      case 0: to_front(); break;
      case 1: to_many(); break;
      case 2: to_table('t', tracker); break;
      case 3: to_table_and_change(); break;
      case 4: to_second_table(); break;
      case 5: to_brief(); break;
      case 6: to_many_at_once(random_.between(1, 40)); break;
      default: to_bare(); break;
    }
  }

  // Runs something, and takes it back.
  void undone(char const* begin, char const* end) {
    numbered_transaction const before = made_;
    run(begin);
    any();
    any();
    run(end);
    made_.leaves = before.leaves;
    made_.events = before.events;
    made_.late = before.late;
  }

  void batch() {
    if (random_.percent(15)) undone("BEGIN", "ROLLBACK");
    // A deferred one takes its lock late, where WAL may answer that the snapshot is too old.
    run(random_.percent(70) ? "BEGIN IMMEDIATE" : "BEGIN");
    to_bare();
    for (std::int64_t left = random_.between(1, 4); left > 0; --left) any();
    if (random_.percent(30)) undone("SAVEPOINT x", "ROLLBACK TO x");
    if (random_.percent(10)) {
      if (options_.has_commands) command(false);
      else run("INSERT INTO s(s) VALUES('optimize')");
    }
    if (random_.percent(50)) any();
    run("COMMIT");
  }

  workload_options const& options_;
  std::int64_t number_;
  random_source random_;
  value own_;
  numbered_transaction made_;
};

numbered_transaction schema(workload_options const& options, bool with_front) {
  std::string const make = "CREATE VIRTUAL TABLE ";
  std::string const tiny = "k=10, memory=16384, seed=1";
  std::string const small = "windows='" + options.windows + "', retain='1day', " + tiny + ")";
  std::vector<std::string> sql = {"BEGIN IMMEDIATE"};
  if (with_front) sql.push_back(make + "topk_events USING topk_stream(" + small);
  sql.push_back(make + "s USING topk_stream(" + small);
  sql.push_back(make + "bare USING topk_stream(log=off, " + small);
  sql.push_back(make + "brief USING topk_stream(" + options.brief + ", " + tiny + ")");
  sql.push_back("CREATE TABLE tally(item PRIMARY KEY, weight) WITHOUT ROWID");
  sql.push_back("CREATE VIEW counted AS SELECT item, weight FROM tally");
  sql.push_back(
      "CREATE TRIGGER counted_in INSTEAD OF INSERT ON counted BEGIN "
      "INSERT INTO bare(item, weight) VALUES (new.item, new.weight); "
      "INSERT INTO tally VALUES (new.item, new.weight) "
      "ON CONFLICT(item) DO UPDATE SET weight = weight + excluded.weight; END");
  for (std::string const table : {"t", "u"}) {
    if (table == "u" && !options.has_toggled) break;
    std::string const stream = table == "t" ? "tracker" : "toggled";
    sql.push_back("CREATE TABLE " + table + "(id INTEGER PRIMARY KEY, item, ts, weight)");
    sql.push_back(make + stream + " USING topk_stream(content='" + table + "', weight='weight', " +
                  small);
    sql.push_back("INSERT INTO " + stream + "(" + stream + ") VALUES('track')");
  }
  sql.push_back("CREATE TABLE mark(is_tracked, forgotten)");
  sql.push_back("INSERT INTO mark VALUES (1, 0)");
  sql.push_back("COMMIT");
  numbered_transaction made;
  for (std::string const& each : sql) made.steps.push_back({each, {}});
  return made;
}

}  // namespace

tally workload_state::counts(std::size_t stream) const {
  std::vector<row> sums;
  for (auto const& [item, count] : items[stream]) sums.push_back({item, value::integer(count)});
  return tally(sums);
}

numbered_transaction workload::transaction(std::int64_t writer, std::int64_t number) const {
  if (number == 0) return schema(options_, seed_ % 2 == 0);
  return script(options_, seed_, writer, number).write();
}

workload::remembered const& workload::remember(std::int64_t writer, std::int64_t number) {
  auto& known = known_[static_cast<std::size_t>(writer - 1)];
  while (std::ssize(known) < number) {
    remembered& next = known.emplace_back();
    next.made = transaction(writer, std::ssize(known));
    next.made.steps.clear();
    for (auto const& each : next.made.leaves) {
      if (each.item.type() == value_type::integer) next.own[each.stream] += each.weight;
    }
  }
  return known[static_cast<std::size_t>(number - 1)];
}

of_each_stream<std::int64_t> const& workload::own(std::int64_t writer, std::int64_t number) {
  return remember(writer, number).own;
}

workload_state workload::after(std::vector<std::int64_t> const& last) {
  workload_state sum;
  for (std::int64_t writer = 1; writer <= std::ssize(last); ++writer) {
    std::int64_t const end = last[static_cast<std::size_t>(writer - 1)];
    // Retention follows the newest event of the stream, not the clock.
    std::int64_t newest = end;
    while (newest > 0 && own(writer, newest)[brief] == 0) --newest;
    for (std::int64_t number = 1; number <= end; ++number) {
      numbered_transaction const& made = remember(writer, number).made;
      bool const is_gone = options_.brief_keeps > 0 && number <= newest - options_.brief_keeps;
      for (auto const& each : made.leaves) {
        if (each.stream != brief || !is_gone) sum.items[each.stream][each.item] += each.weight;
      }
      for (std::size_t at = 0; at < workload_streams.size(); ++at) {
        sum.events[at] += made.events[at];
        sum.late[at] += made.late[at];
      }
    }
  }
  return sum;
}

}  // namespace topk::test
