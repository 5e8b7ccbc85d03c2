#include "snapshot.hpp"

#include <chrono>

#include "kit/verify_trend.hpp"

namespace topk::test {
namespace {

// The same clock as SQLite's, and later than every event of the snapshot.
std::string now_literal() {
  std::chrono::duration<double> const since_1970 =
      std::chrono::system_clock::now().time_since_epoch();
  return value::real(since_1970.count()).literal();
}

tally tally_of(answer const& exact) {
  std::vector<row> sums;
  for (answer_row const& each : exact.rows) {
    sums.push_back({each.item, value::integer(each.count)});
  }
  return tally(sums);
}

}  // namespace

bool snapshot::is_tracked() { return db_.scalar("SELECT is_tracked FROM mark").as_integer() == 1; }

// An item that is there or was never seen, in the top or not.
void snapshot::check_count(question const& asked, tally const& truth) {
  value item = value::text("never seen");
  std::size_t const known = truth.items().size();
  if (known > 0 && random_.percent(90)) {
    item = truth.items()[static_cast<std::uint32_t>(random_.below(known))];
  }
  std::string const sql = asked.select_count("fast", item);
  test::check_count(sql, db_.query(sql), truth.count(item), false);
}

void snapshot::check_window(std::size_t stream, pause const& wait) {
  static std::vector<std::string> const windows = {"'all'", "'2s'",   "'1s'",
                                                   "'10s'", "'1min'", "3.7"};
  question asked;
  asked.stream = value::text(workload_streams[stream]).literal();
  asked.window = windows[random_.below(stream == brief ? 3 : windows.size())];
  asked.k = random_.pick(std::vector<std::int64_t>{1, 3, 10, 100});
  if (!random_.percent(30)) asked.at = now_literal();
  if (stream == many && random_.percent(40)) {
    asked.partition = value::integer(random_.between(0, 3));
  }
  window_answers const given = verify_window(db_, asked);
  check_count(asked, tally_of(*given.exact));
  wait();
  check_same(given.fast, ask(db_, asked, "fast"), "when asked again");
  check_same(given.hybrid, ask(db_, asked, "hybrid"), "when asked again");
}

// What rises or falls; between the modes, and before and after what others have written.
void snapshot::check_trend(std::size_t stream, pause const& wait) {
  static std::vector<std::string> const windows = {"'1s'", "'2s'", "'10s'", "'1min'"};
  question asked;
  asked.stream = value::text(workload_streams[stream]).literal();
  asked.window = random_.pick(windows);
  asked.k = random_.pick(std::vector<std::int64_t>{1, 3, 10, 100});
  if (!random_.percent(30)) asked.at = now_literal();
  if (stream == many && random_.percent(40)) {
    asked.partition = value::integer(random_.between(0, 3));
  }
  trend_terms const terms{random_.percent(50) ? "NULL" : "'5s'", random_.percent(50)};
  auto const given = verify_trend(db_, asked, terms);
  wait();
  auto const again = verify_trend(db_, asked, terms);
  if (given && again) check_same(*given, *again, "when asked again");
}

void snapshot::check_bare(pause const& wait) {
  question asked;
  asked.stream = value::text(workload_streams[bare]).literal();
  asked.k = random_.pick(std::vector<std::int64_t>{3, 20, 1000});
  asked.at = now_literal();
  tally const truth(db_.query("SELECT item, weight FROM tally"));
  for (int turn = 0; turn < 2; ++turn) {
    answer const fast = ask(db_, asked, "fast");
    if (fast.rows.empty() != (truth.total() == 0)) disagree(fast.sql, "rows, or none");
    check_bounds(fast, truth);
    check_proven(fast, truth);
    check_count(asked, truth);
    wait();
  }
}

void snapshot::check_something(workload& work, pause const& wait) {
  std::uint64_t const which = random_.below(20);
  if (which == 0) {
    check_transactions(db_, work);
  } else if (which < 4) {
    check_bare(wait);
  } else {
    std::size_t const stream =
        random_.pick(std::vector<std::size_t>{front, many, many, brief, tracker, toggled});
    if (stream == front && !exists(db_, workload_streams[front])) return;
    if (stream == toggled && !is_tracked()) return;
    random_.percent(25) ? check_trend(stream, wait) : check_window(stream, wait);
  }
}

void snapshot::bring_into_step() {
  if (is_tracked()) return;
  db_.exec(
      "BEGIN; INSERT INTO toggled(toggled) VALUES('track'); INSERT INTO toggled(toggled) "
      "VALUES('rebuild');"
      "UPDATE mark SET is_tracked = 1; COMMIT");
}

std::int64_t audit(database& db, workload& work, std::vector<std::int64_t> const& acknowledged) {
  random_source random(work.seed());
  snapshot seen(db, random);
  seen.bring_into_step();
  check_integrity(db);
  auto const last = check_transactions(db, work);
  for (std::size_t at = 0; at < last.size(); ++at) {
    // The last ones may have left nothing that stays.
    if (last[at] > acknowledged[at]) {
      check_equal("the last transaction of a writer", last[at], acknowledged[at]);
    }
  }
  std::int64_t const events = check_state(db, work, acknowledged);
  for (int turn = 0; turn < 20; ++turn) seen.check_something(work, [] {});
  return events;
}

}  // namespace topk::test
