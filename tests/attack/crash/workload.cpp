#include "workload.hpp"

#include "kit/random.hpp"

namespace topk::test {
namespace {

constexpr std::int64_t first_second = 1'800'000'000;
constexpr std::int64_t seconds_apart = 30;  // two thousand transactions stay within a day

class script {
 public:
  script(std::uint64_t seed, std::int64_t number)
      : random_(mix_seeds(seed, static_cast<std::uint64_t>(number))), number_(number) {
    made_.now = first_second + seconds_apart * number;
  }

  numbered_transaction write() {
    switch (random_.below(10)) {
      case 0: front(); break;
      case 1: own_stream(); break;
      case 2: tracked(); break;
      case 3: select(random_.between(1, 30)); break;
      case 4: select(random_.between(40, 120)); break;  // spills in the midst of the statement
      case 5: brief(); break;
      case 6:
        command();
        front();
        break;
      default: batch(); break;
    }
    return std::move(made_);
  }

 private:
  void run(std::string sql) { made_.statements.push_back(std::move(sql)); }
  share& of(stream_at stream) noexcept { return made_.leaves[stream]; }
  std::string number() const { return std::to_string(number_); }
  // Up to ten minutes old: into panes that are formed already, too.
  std::string time() { return std::to_string(made_.now - random_.between(0, 600)); }

  void front() {
    run("INSERT INTO cms_add(item) VALUES (" + number() + "), ('all'), (" + number() + ")");
    of(by_front).own += 2;
    of(by_front).shared += 1;
    of(by_front).events += 3;
  }

  void own_stream() {
    std::int64_t const weight = random_.between(1, 9);
    run("INSERT INTO s(item, ts, weight, partition) VALUES (" + number() + ", " + time() + ", " +
        std::to_string(weight) + ", " + std::to_string(random_.below(3)) + "), ('all', " + time() +
        ", 1, NULL)");
    of(by_stream).own += weight;
    of(by_stream).shared += 1;
    of(by_stream).events += 2;
  }

  // A row that is changed and one that is taken back in the same breath: of triggers' events, too,
  // each counts once.
  void tracked() {
    std::string const then = time();
    run("INSERT INTO t(item, ts, weight) VALUES (" + number() + ", " + then + ", 2), ('all', " +
        then + ", 1)");
    of(by_tracking).own += 2;
    of(by_tracking).shared += 1;
    of(by_tracking).events += 2;
  }
  void tracked_and_changed() {
    tracked();
    run("UPDATE t SET weight = weight + 3 WHERE rowid = (SELECT max(rowid) FROM t)");
    of(by_tracking).shared += 3;
    of(by_tracking).events += 2;
    if (random_.percent(50)) return;
    run("DELETE FROM t WHERE rowid = (SELECT max(rowid) FROM t)");
    of(by_tracking).shared -= 4;
    of(by_tracking).events += 1;
  }

  // `count` events each of this transaction's item, of 'all', and of fillers.
  void select(std::int64_t count) {
    std::string const each =
        "(WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT value + 1 "
        "FROM n WHERE value < " +
        std::to_string(count) + ") SELECT value FROM n)";
    run("INSERT INTO many(item, ts, partition) SELECT CASE kind WHEN 0 THEN " + number() +
        " WHEN 1 THEN 'all' ELSE 'f' || (value * 7 % 90) END, " + std::to_string(made_.now) +
        " - value % 300, value % 4 FROM " + each +
        ", (SELECT 0 AS kind UNION ALL SELECT 1 UNION ALL SELECT 2)");
    of(by_select).own += count;
    of(by_select).shared += count;
    of(by_select).filler += count;
    of(by_select).events += 3 * count;
  }

  void brief() {
    run("INSERT INTO brief(item, ts) VALUES (" + number() + ", NULL), ('all', NULL), ('late', " +
        std::to_string(made_.now - 1000) + ")");
    of(and_gone).own += 1;
    of(and_gone).shared += 1;
    of(and_gone).events += 2;
    of(and_gone).late += 1;
  }

  // Rewrites much, and leaves every answer as it was.
  void command() {
    static std::vector<std::string> const all = {
        "INSERT INTO many(many) VALUES('rebuild')", "INSERT INTO many(many) VALUES('optimize')",
        "INSERT INTO s(s) VALUES('optimize')", "INSERT INTO tracker(tracker) VALUES('prune')",
        "VACUUM"};
    run(all[random_.below(is_batch_ ? all.size() - 1 : all.size())]);
  }

  void any() {
    switch (random_.below(6)) {
      case 0: front(); break;
      case 1: own_stream(); break;
      case 2: tracked(); break;
      case 3: tracked_and_changed(); break;
      case 4: brief(); break;
      default: select(random_.between(1, 60)); break;
    }
  }

  // Runs what `any` makes, and takes it back.
  void in_vain(char const* begin, char const* end) {
    shares const before = made_.leaves;
    run(begin);
    any();
    any();
    run(end);
    made_.leaves = before;
  }

  void batch() {
    is_batch_ = true;
    if (random_.percent(20)) in_vain("BEGIN", "ROLLBACK");
    run("BEGIN");
    for (std::int64_t left = random_.between(2, 6); left > 0; --left) any();
    if (random_.percent(30)) in_vain("SAVEPOINT x", "ROLLBACK TO x");
    if (random_.percent(15)) command();
    if (random_.percent(50)) any();
    run("COMMIT");
  }

  random_source random_;
  std::int64_t number_;
  numbered_transaction made_;
  bool is_batch_ = false;
};

std::vector<std::string> schema(bool with_front) {
  std::string const make = "CREATE VIRTUAL TABLE ";
  std::string const tiny = "windows='1min,10min', k=10, memory=16384, seed=1";
  std::string const small = tiny + ", retain='1day')";
  std::vector<std::string> sql = {"BEGIN"};
  if (with_front) sql.push_back(make + "topk_events USING topk_stream(" + small);
  sql.push_back(make + "s USING topk_stream(log=off, " + small);
  sql.push_back(make + "many USING topk_stream(" + small);
  sql.push_back(make + "brief USING topk_stream(" + tiny + ")");
  sql.push_back("CREATE TABLE t(id INTEGER PRIMARY KEY, item, ts, weight)");
  sql.push_back(make + "tracker USING topk_stream(content='t', weight='weight', " + small);
  sql.push_back("INSERT INTO tracker(tracker) VALUES('track')");
  sql.push_back("COMMIT");
  return sql;
}

}  // namespace

numbered_transaction workload::transaction(std::int64_t number) const {
  if (number > 0) return script(seed_, number).write();
  return {first_second, schema(seed_ % 2 == 1), {}};
}

shares const& workload::leaves(std::int64_t number) {
  auto const at = static_cast<std::size_t>(number - 1);
  while (known_.size() <= at) {
    known_.push_back(transaction(static_cast<std::int64_t>(known_.size()) + 1).leaves);
  }
  return known_[at];
}

}  // namespace topk::test
