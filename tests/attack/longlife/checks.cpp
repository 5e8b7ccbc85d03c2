// What must hold at the end of each simulated day.
#include <malloc.h>
#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "kit/clock_vfs.hpp"
#include "kit/sanitizers.hpp"
#include "life.hpp"

namespace topk::test {

value item_value(std::int64_t item) {
  if (item < first_text) return value::integer(item);
  std::string const digits = std::to_string(item - first_text);
  return value::text("song " + std::string(9 - digits.size(), '0') + digits);
}

std::int64_t item_of(value const& item) {
  if (item.type() == value_type::integer) return item.as_integer();
  return first_text + std::atoll(item.bytes().c_str() + 5);
}

namespace {

constexpr std::size_t k = 20;

micros micros_of(value const& seconds) {
  return seconds.type() == value_type::integer ? seconds.as_integer() * 1'000'000
                                               : std::llround(seconds.as_real() * 1e6);
}

// Reads, from memory or disk, of pages of the file.
std::int64_t pages_asked_for(database& through) {
  std::int64_t sum = 0;
  for (int const which : {SQLITE_DBSTATUS_CACHE_HIT, SQLITE_DBSTATUS_CACHE_MISS}) {
    int now = 0;
    int most = 0;
    if (sqlite3_db_status(through.handle(), which, &now, &most, 0) == SQLITE_OK) sum += now;
  }
  return sum;
}

std::int64_t file_bytes_of(std::string const& path) {
  std::error_code none;
  auto const size = std::filesystem::file_size(path, none);
  return none ? 0 : static_cast<std::int64_t>(size);
}

// What malloc has given out to all of the process; 0 where another allocator is in its place.
std::int64_t heap_bytes() {
#if defined(__GLIBC__) && !TOPK_ADDRESS_SANITIZED
  return static_cast<std::int64_t>(mallinfo2().uordblks);
#else
  return 0;
#endif
}

}  // namespace

void life::check(simulated_stream& of) {
  INFO("stream " << of.plan->name);
  command(of, "integrity-check");
  check_counters(of);
}

// topk_stats against the ledger, and against the tables themselves.
void life::check_counters(simulated_stream& of) {
  std::string const name = of.plan->name;
  row const stats =
      db_->query("SELECT events, weight, late, rejected, tail_rows, log_rows FROM topk_stats(?)",
                 {value::text(name)})
          .at(0);
  ledger const& account = of.account;
  REQUIRE(stats[0].as_integer() == account.events());
  REQUIRE(stats[1].as_integer() == account.weight());
  REQUIRE(stats[2].as_integer() == account.late());
  REQUIRE(stats[3].as_integer() == account.rejected());
  REQUIRE(stats[4] == db_->scalar("SELECT count(*) FROM " + name + "_tail"));
  if (!of.plan->has_log) return;
  REQUIRE(stats[5] == db_->scalar("SELECT count(*) FROM " + name + "_log"));
  auto const retained = static_cast<std::int64_t>(account.retained().size());
  REQUIRE(db_->scalar("SELECT count(*) FROM " + name).as_integer() == retained);
}

void life::check_answers(simulated_stream& of, database& through) {
  std::int64_t const partition = of.plan->is_parted ? random_.between(1, 4) : 0;
  std::array<char const*, 3> const windows = {of.plan->windows[0], of.plan->windows[1], "all"};
  check_items(of, through, windows[random_.below(windows.size())]);
  for (char const* window : windows) {
    check_fast(of, through, window, 0);
    if (partition != 0) check_fast(of, through, window, partition);
    if (!of.plan->has_log && !of.plan->is_tracked) continue;
    check_exact(of, through, window, "exact", 0);
    check_exact(of, through, window, "hybrid", partition);
  }
}

void life::check_fast(simulated_stream& of, database& through, char const* window,
                      std::int64_t partition) {
  value const part = partition == 0 ? value() : value::integer(partition);
  auto const rows = through.query(
      "SELECT item, lower, count, upper, proven, total_lower, total_upper, since, until "
      "FROM topk(?, 20, ?, 'fast', NULL, ?)",
      {value::text(window), value::text(of.plan->name), part});
  ++answers_checked_;
  if (rows.empty()) return;
  INFO("window " << window << ", partition " << partition << ":\n" << to_text(rows));
  micros const now = clock_ms() * 1000;
  micros const since = micros_of(rows[0][7]);
  micros const until = micros_of(rows[0][8]);
  REQUIRE((until >= now && until - now < 600'000'000));
  window_tally const truth = of.account.count(since, until, partition);
  auto const top = truth.top(k);
  bool holds = rows[0][5].as_integer() <= truth.total() && truth.total() <= rows[0][6].as_integer();
  for (row const& each : rows) {
    std::int64_t const item = item_of(each[0]);
    std::int64_t const count = truth.count(item);
    holds = holds && each[1].as_integer() <= count && count <= each[3].as_integer();
    bool const is_top =
        std::any_of(top.begin(), top.end(), [&](counted const& one) { return one.item == item; });
    holds = holds && (each[4].as_integer() == 0 || is_top);
    ++rows_checked_;
  }
  REQUIRE(holds);
}

void life::check_exact(simulated_stream& of, database& through, char const* window,
                       char const* mode, std::int64_t partition) {
  value const part = partition == 0 ? value() : value::integer(partition);
  micros const until = (clock_ms() + 999) / 1000 * 1'000'000;
  auto const rows = through.query("SELECT item, count, lower, upper FROM topk(?, 20, ?, ?, ?, ?)",
                                  {value::text(window), value::text(of.plan->name),
                                   value::text(mode), value::integer(until / 1'000'000), part});
  ++answers_checked_;
  bool const is_all = std::string(window) == "all";
  micros const length = of.plan->lengths[window == of.plan->windows[0] ? 0 : 1];
  micros const since = is_all ? of.account.floor() : until - length;
  auto const truth = of.account.count(since, until, partition).top(k);
  std::string expected;
  std::string given;
  for (counted const& each : truth) {
    expected += item_value(each.item).literal() + "=" + std::to_string(each.count) + " ";
  }
  for (row const& each : rows) {
    given += each[0].literal() + "=" + std::to_string(each[1].as_integer()) + " ";
    ++rows_checked_;
  }
  INFO("window " << window << ", mode " << mode << ", partition " << partition);
  REQUIRE(given == expected);
}

// Items of all kinds: favourites, some that came and went, one that never came.
void life::check_items(simulated_stream& of, database& through, char const* window) {
  micros const until = (clock_ms() + 999) / 1000 * 1'000'000;
  bool const is_all = std::string(window) == "all";
  micros const length = of.plan->lengths[window == of.plan->windows[0] ? 0 : 1];
  micros const since = is_all ? of.account.floor() : until - length;
  window_tally const truth = of.account.count(since, until);
  std::vector<std::int64_t> items = {3, first_text + 1, 3 * day_, 999'999'999};
  auto const& known = of.account.retained();
  for (int i = 0; i < 3 && !known.empty(); ++i) items.push_back(random_.pick(known).item);
  for (std::int64_t const item : items) {
    row const got = through
                        .query("SELECT lower, upper FROM topk_count(?, ?, ?, 'fast', ?)",
                               {value::text(window), item_value(item), value::text(of.plan->name),
                                value::integer(until / 1'000'000)})
                        .at(0);
    std::int64_t const count = truth.count(item);
    INFO("window " << window << ", item " << item_value(item).literal() << ": " << count << " of "
                   << to_text({got}));
    REQUIRE((got[0].as_integer() <= count && count <= got[1].as_integer()));
    ++rows_checked_;
  }
}

// After a silence longer than any retention, 'prune' leaves nothing.
void life::check_empty() {
  micros const now = clock_ms() * 1000;
  for (simulated_stream& each : streams_) {
    INFO("stream " << each.plan->name << " after the silence");
    command(each, "prune");
    each.account.prune(now);
    each.account.drop_expired();
    auto const left = db_->query("SELECT panes, tail_rows, log_rows FROM topk_stats(?)",
                                 {value::text(each.plan->name)});
    REQUIRE(each.account.retained().empty());
    REQUIRE(to_text(left) == to_text({{value::integer(0), value::integer(0), value::integer(0)}}));
    std::string const name = each.plan->name;
    REQUIRE(db_->scalar("SELECT (SELECT count(*) FROM " + name + "_part) + (SELECT count(*) FROM " +
                        name + "_keys)")
                .as_integer() == 0);
  }
}

void life::measure() {
  bool const is_warm = day_ > plan_.warm_up_days;
  auto const note = [&](char const* name, std::int64_t number) {
    gauges_.at(name).note(is_warm, number);
  };
  // What the writing connection knows already, and what another one must read first.
  std::int64_t const before = pages_asked_for(*db_);
  for (simulated_stream& each : streams_) check_answers(each, *db_);
  note("pages asked for by queries", pages_asked_for(*db_) - before);
  if (is_day(0, 3)) {
    database other(path_, clock_vfs_name);
    other.load_topk();
    for (simulated_stream& each : streams_) check_answers(each, other);
    note("pages asked for by first queries", pages_asked_for(other));
  }
  row const sums = db_->query(
                          "SELECT sum(memory_bytes), sum(disk_bytes), sum(panes), max(max_error) "
                          "FROM topk_stats")
                       .at(0);
  note("memory_bytes", sums[0].as_integer());
  note("disk_bytes", sums[1].as_integer());
  note("panes", sums[2].as_integer());
  note("max_error", sums[3].as_integer());
  note("partitions", db_->scalar("SELECT count(*) FROM parted_keys").as_integer());
  note("bytes of the file", db_->scalar("SELECT page_count * page_size FROM pragma_page_count, "
                                        "pragma_page_size")
                                .as_integer());
  note("bytes of the write-ahead log", file_bytes_of(path_ + "-wal"));
  note("bytes of the heap", heap_bytes());
  if (is_day(0, 20)) REQUIRE(db_->scalar("PRAGMA quick_check").bytes() == "ok");
}

}  // namespace topk::test
