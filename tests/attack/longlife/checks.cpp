// What must hold at the end of each simulated day.
#include <malloc.h>
#include <sqlite3.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "kit/clock_vfs.hpp"
#include "kit/sanitizers.hpp"
#include "life.hpp"

namespace topk::test {

value item_value(std::int64_t number) {
  if (number < first_text) return value::integer(number);
  std::string const digits = std::to_string(number - first_text);
  return value::text("song " + std::string(9 - digits.size(), '0') + digits);
}

namespace {

constexpr std::int64_t k = 20;

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

// topk_stats against the oracle, and against the tables themselves.
void life::check_counters(simulated_stream& of) {
  std::string const name = of.plan->name;
  row const stats =
      db_->query("SELECT events, weight, late, rejected, tail_rows, log_rows FROM topk_stats(?)",
                 {value::text(name)})
          .at(0);
  oracle::history const& life = of.truth.life();
  REQUIRE(stats[0].as_integer() == life.stored);
  REQUIRE(stats[1].as_integer() == life.weight);
  REQUIRE(stats[2].as_integer() == life.late);
  REQUIRE(stats[3].as_integer() == of.rejected);
  REQUIRE(stats[4] == db_->scalar("SELECT count(*) FROM " + name + "_tail"));
  if (!of.plan->has_log) return;
  REQUIRE(stats[5] == db_->scalar("SELECT (SELECT coalesce(sum(events), 0) FROM " + name +
                                  "_block) + (SELECT count(*) FROM " + name + "_tail)"));
  REQUIRE(db_->scalar("SELECT count(*) FROM " + name).as_integer() ==
          std::ssize(of.truth.events()));
}

// As of the next whole second.
question life::question_of(simulated_stream const& of, char const* window,
                           std::int64_t partition) const {
  question out;
  out.window = value::text(window).literal();
  out.k = k;
  out.stream = value::text(of.plan->name).literal();
  out.at = std::to_string((clock_ms() + 999) / 1000);
  if (partition != 0) out.partition = value::integer(partition);
  return out;
}

tally life::truth_of(simulated_stream const& of, char const* window, std::int64_t partition) const {
  question const asked = question_of(of, window, partition);
  micros const until = std::stoll(asked.at) * 1'000'000;
  micros const length = of.plan->lengths[window == of.plan->windows[0] ? 0 : 1];
  bool const is_all = std::string(window) == "all";
  return of.truth.count(is_all ? 0 : until - length, until, asked.partition);
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
  question asked = question_of(of, window, partition);
  asked.at = "NULL";
  answer const given = ask(through, asked, "fast");
  ++answers_checked_;
  rows_checked_ += std::ssize(given.rows);
  if (given.rows.empty()) return;
  micros const now = clock_ms() * 1000;
  REQUIRE((given.until >= now && given.until - now < 600'000'000));
  tally const truth = of.truth.count(given.since, given.until, asked.partition);
  check_bounds(given, truth);
  check_proven(given, truth);
}

void life::check_exact(simulated_stream& of, database& through, char const* window,
                       char const* mode, std::int64_t partition) {
  answer const given = ask(through, question_of(of, window, partition), mode);
  ++answers_checked_;
  rows_checked_ += std::ssize(given.rows);
  tally const truth = truth_of(of, window, partition);
  if (std::string(mode) == "exact") test::check_exact(given, truth, true);
  else check_hybrid(given, truth);
}

// Items of all kinds: favourites, some that came and went, one that never came.
void life::check_items(simulated_stream& of, database& through, char const* window) {
  tally const truth = truth_of(of, window, 0);
  std::vector<value> items = {item_value(3), item_value(first_text + 1), item_value(3 * day_),
                              item_value(999'999'999)};
  auto const& known = of.truth.events();
  for (int i = 0; i < 3 && !known.empty(); ++i) {
    items.push_back(of.truth.items()[random_.pick(known).item]);
  }
  for (value const& item : items) {
    std::string const sql = question_of(of, window, 0).select_count("fast", item);
    check_count(sql, through.query(sql), truth.count(item), false);
    ++rows_checked_;
  }
}

// After a silence longer than any retention, 'prune' leaves nothing.
void life::check_empty() {
  micros const now = clock_ms() * 1000;
  for (simulated_stream& each : streams_) {
    INFO("stream " << each.plan->name << " after the silence");
    command(each, "prune");
    each.truth.prune(now);
    each.truth.compact();
    auto const left = db_->query("SELECT panes, tail_rows, log_rows FROM topk_stats(?)",
                                 {value::text(each.plan->name)});
    REQUIRE(each.truth.events().empty());
    REQUIRE(to_text(left) == to_text({{value::integer(0), value::integer(0), value::integer(0)}}));
    std::string const name = each.plan->name;
    REQUIRE(db_->scalar("SELECT count(*) FROM " + name + "_part").as_integer() == 0);
    if (each.plan->is_parted) {
      REQUIRE(db_->scalar("SELECT count(*) FROM " + name + "_keys").as_integer() == 0);
    }
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
