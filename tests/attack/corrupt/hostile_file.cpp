#include "hostile_file.hpp"

#include <sqlite3.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "kit/first_format.hpp"
#include "kit/verify.hpp"

namespace topk::test {
namespace {

struct figures {
  std::size_t inputs = 0;
  ~figures() {
    if (inputs > 0) std::printf("inputs tried: %zu\n", inputs);
  }
} tried;

// Far above what any question takes of this file, on any machine and under any sanitizer.
constexpr double most_seconds = 20;
constexpr long most_megabytes = 1024;

// Each statement must end: one that loops for ever, out of SQLite's reach, ends the program here.
constexpr unsigned most_seconds_an_input = 120;

class ends_within {
 public:
  ends_within(unsigned seconds, std::string const& what) {
    std::snprintf(text_, sizeof text_, "no end in %u s: %s\n", seconds, what.c_str());
    std::signal(SIGALRM, [](int) {
      (void)!write(STDERR_FILENO, text_, std::strlen(text_));
      std::abort();
    });
    alarm(seconds);
  }
  ~ends_within() { alarm(0); }
  ends_within(ends_within const&) = delete;
  ends_within& operator=(ends_within const&) = delete;

 private:
  inline static char text_[512];
};

std::string const call = "('all', 10, 's', ";

std::vector<std::string> const& questions() {
  static std::vector<std::string> const all = {
      "SELECT *, total_lower, total_upper FROM topk" + call + "'fast', 'latest')",
      "SELECT * FROM topk" + call + "'exact', 'latest')",
      "SELECT * FROM topk" + call + "'hybrid', 'latest')",
      "SELECT * FROM topk('1min', 3, 's')",
      "SELECT * FROM topk" + call + "'fast', 'latest', 1)",
      "SELECT * FROM topk" + call + "'hybrid', 'latest', 1)",
      "SELECT * FROM topk_count('all', 3, 's', 'fast', 'latest')",
      "SELECT * FROM topk_series('all', '7min', 3, 's', 'fast', 'latest')",
      "SELECT *, signed_lower FROM topk_each((SELECT topk_state('all', 's', 'latest')), 1048576)",
      "SELECT topk_state('20min', 's', 'latest', 1, 5, 2)",
      "SELECT * FROM topk_spans('1min', 's')",
      "SELECT events FROM topk_spans('5min', 's', NULL, 1)",
      "SELECT * FROM topk_series('all', '7min', NULL, 's', 'hybrid', 'latest')",
      "SELECT * FROM topk_series('all', '7min', 3, 's', 'exact', 'latest', 1)",
      "SELECT *, score_lower, score_upper, expected_upper FROM topk_trending('20min', 10, 's', "
      "'fast', 'latest', NULL, '40min')",
      "SELECT *, source FROM topk_trending('25min', 10, 's', 'hybrid', 'latest', NULL, NULL, "
      "'fall')",
      "SELECT * FROM topk_trending('20min', 10, 's', 'exact', 'latest', 1, '40min', 'rise', "
      "'time')",
      "SELECT * FROM topk_trending('20min', 10, 's', 'fast', 1800000600, NULL, '20min')",
      "SELECT * FROM topk_count('all', 3, 's', 'exact', 'latest', 1)",
      "SELECT * FROM topk('1hour', 10, 's', 'fast', 1800000600)",  // reaches rows ahead
      "SELECT * FROM topk('1hour', 10, 's', 'hybrid', 1800000600, 1)",
      "SELECT item, ts, weight, partition FROM s"};
  return all;
}

std::vector<std::string> const& commands() {
  static std::vector<std::string> const all = {
      "INSERT INTO s(s) VALUES('integrity-check')", "INSERT INTO s(s) VALUES('optimize')",
      "INSERT INTO s(s) VALUES('prune')",           "INSERT INTO s(s) VALUES('delete-all')",
      "INSERT INTO s(s, item) VALUES('forget', 3)", "INSERT INTO s(s) VALUES('track')",
      "INSERT INTO s(s) VALUES('rebuild')",         "ALTER TABLE s RENAME TO renamed"};
  return all;
}

std::string const some = "INSERT INTO s(item, partition) VALUES ('new', 1), (3, 2)";
// Enough to be folded at the commit, some of it late.
std::string const many =
    "INSERT INTO s(item, ts, partition) SELECT value % 11, unixepoch() - value * 7, value % 3 "
    "FROM " +
    series(1, 60);

}  // namespace

void count_input() { ++tried.inputs; }

void hostile_file::create_small(database& db, std::string const& options) {
  for (std::string const name : {"s", "other"}) {
    db.exec("CREATE VIRTUAL TABLE " + name +
            " USING topk_stream(seed=" + (name == "s" ? "1" : "2") +
            ", windows='1min,1hour', k=4, memory=16384, " + options + ")");
  }
}

void hostile_file::fill_small(database& db) {
  for (std::string const name : {"s", "other"}) {
    std::string const into = "INSERT INTO " + name + "(item, ts, weight, partition) SELECT ";
    // Few items in many seconds; then many in one, so that the live pane has its filter.
    db.exec(into + "value % 5, unixepoch() - value * 13, 1 + value % 3, value % 2 FROM " +
            series(1, 20));
    db.exec("INSERT INTO " + name + "(" + name + ") VALUES('optimize')");
    db.exec(into +
            "'item' || (value % 40), unixepoch() - 0.5, CASE value % 9 WHEN 0 THEN -1 ELSE 1 END, "
            "NULL FROM " +
            series(1, 60));
    db.exec(into + "value, unixepoch() - value * 0.5, 2, 1 FROM " + series(1, 4));
  }
  REQUIRE(number(db, "SELECT count(DISTINCT level) FROM s_pane WHERE level < 64") == 2);
  REQUIRE(number(db, "SELECT count(*) FROM s_tail") == 4);
}

// A tail one event short of a fold; then single events fold it, which rolls up a bounded number of
// panes: the rest is due to the command that comes next.
void hostile_file::fill_full(database& db, std::string const& options) {
  constexpr int tail_rows = 4096;
  for (std::string const name : {"s", "other"}) {
    db.exec("CREATE VIRTUAL TABLE " + name +
            " USING topk_stream(seed=" + (name == "s" ? "1" : "2") + ", k=10, " + options + ")");
    std::string const into = "INSERT INTO " + name + "(item, ts, weight, partition) SELECT ";
    std::string const values =
        "value % 50, unixepoch() - 5000 + value, 1 + value % 3, "
        "CASE value % 4 WHEN 0 THEN NULL ELSE value % 4 END FROM ";
    db.exec(into + "value, unixepoch() - 9000 - value * 20, 1, value % 3 FROM " + series(1, 200));
    db.exec("INSERT INTO " + name + "(" + name + ") VALUES('optimize')");
    db.exec(into + values + series(1, tail_rows - 1));
    db.exec(into + values + series(tail_rows, tail_rows));
    db.exec(into + "'late', unixepoch() - 4900 - value * 60, 1, 1 FROM " + series(1, 20));
    db.exec(into + values + series(tail_rows + 1, tail_rows + 300));
  }
  REQUIRE(number(db, "SELECT count(DISTINCT level) FROM s_pane WHERE level < 64") == 4);
  REQUIRE(number(db, "SELECT count(*) FROM s_tail") > 300);
}

void hostile_file::fill_followed(database& db, std::string const& options) {
  for (std::string const name : {"s", "other"}) {
    std::string const table = "rows_of_" + name;
    std::string const into = "INSERT INTO " + table + " SELECT ";
    db.exec("CREATE TABLE " + table + "(item, ts, weight, part)");
    db.exec("CREATE VIRTUAL TABLE " + name + " USING topk_stream(seed=" +
            (name == "s" ? "1" : "2") + ", windows='1min,1hour', k=4, memory=16384, content='" +
            table + "', weight='weight', partition='part', " + options + ")");
    db.exec("INSERT INTO " + name + "(" + name + ") VALUES('track')");
    db.exec(into + "value % 5, unixepoch() - value * 13, 1 + value % 3, value % 2 FROM " +
            series(1, 20));
    db.exec("INSERT INTO " + name + "(" + name + ") VALUES('optimize')");
    db.exec(into + "value, unixepoch() - value * 0.5, 2, 1 FROM " + series(1, 4));
    db.exec(into + "value % 3, unixepoch() + value * 10, 1, value % 2 FROM " + series(1, 12));
  }
  REQUIRE(number(db, "SELECT count(*) FROM s_tail") == 4);
  REQUIRE(number(db, "SELECT count(*) FROM s_ahead") == 12);
}

hostile_file::hostile_file(std::string const& options, shape of)
    : path_(folder_.file("a.db")),
      some_(of == shape::followed ? "INSERT INTO rows_of_s VALUES ('new', unixepoch(), 1, 1), (3, "
                                    "unixepoch() + 50, 1, 2)"
                                  : some) {
  {
    database db = begin_story(path_);
    db.exec("PRAGMA page_size = 1024; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
    switch (of) {
      case shape::small:
        create_small(db, options);
        fill_small(db);
        break;
      case shape::first: {
        create_small(db, options);
        database plain(path_);
        for (char const* const name : {"s", "other"}) {
          for (auto const& sql : into_first_format(name)) plain.exec(sql);
        }
        fill_small(db);
        break;
      }
      case shape::full: fill_full(db, options); break;
      case shape::followed: fill_followed(db, options); break;
    }
  }
  image_ = file_bytes(path_);
  database db = connect(path_);
  REQUIRE(number(db, "SELECT count(*) FROM s_part") > 2);
  question everything;
  everything.stream = "'s'";
  verify_window(db, everything);
  sound_ = read(db);
  write_and_undo(db);
  compare(read(db));
  write_and_drop(db);
  is_sound_ = false;
}

void hostile_file::restore() const {
  std::ofstream out(path_, std::ios::binary | std::ios::trunc);
  out.write(image_.data(), static_cast<std::streamsize>(image_.size()));
}

value hostile_file::sound(std::string const& sql) {
  restore();
  database plain(path_);
  return plain.scalar(sql);
}

// A question takes bounded time and memory; its failure is a clear one.
outcome hostile_file::ask(database& db, std::string const& sql) {
  auto const begun = std::chrono::steady_clock::now();
  outcome const got = db.attempt(sql);
  std::chrono::duration<double> const spent = std::chrono::steady_clock::now() - begun;
  INFO(sql);
  if (spent.count() > most_seconds) FAIL_CHECK("it took " << spent.count() << " s");
  if (!got.ok()) examine(db, sql, got);
  return got;
}

void hostile_file::examine(database& db, std::string const& sql, outcome const& got) {
  int const extended = sqlite3_extended_errcode(db.handle());
  if (is_sound_) {
    sound_failures_.emplace(sql, got);
    return;
  }
  auto const known = sound_failures_.find(sql);
  if (known != sound_failures_.end() && known->second.message == got.message) return;
  INFO("code " << extended << ": " << got.message);
  auto const says = [&](char const* part) { return got.message.find(part) != std::string::npos; };
  bool const is_clear = extended == SQLITE_CORRUPT_VTAB && !got.message.empty() &&
                        got.message != "database disk image is malformed";
  // A greater version, or a sum of weights at its limit, may be the truth.
  bool const is_newer = got.code == SQLITE_ERROR && (says("version") || says("format"));
  // A trigger of the file speaks for itself, and SQLite for views and triggers that it can't read.
  bool const is_theirs = got.message == "stop" || got.message.starts_with("error in ");
  // A forged time of the newest event makes a window of thousands of years, with steps to match.
  // Or it leaves less before it than a baseline needs.
  bool const is_long = got.code == SQLITE_ERROR &&
                       (says("; a series has at most 100000") || says("more than stream "));
  // And a state of it is refused, where an answer is cut to what is retained.
  bool const is_no_state =
      got.code == SQLITE_ERROR && (says("topk_state: the window ") || says("width="));
  // A row of s_ahead that is gone, or was brought in, is a difference from the table.
  bool const is_drift = got.code == SQLITE_MISMATCH && says("drift: ");
  bool const is_full = got.code == SQLITE_CONSTRAINT && says("2^62");
  if (!is_clear && !is_newer && !is_full && !is_drift && !is_long && !is_theirs && !is_no_state) {
    FAIL_CHECK("not a clear failure");
  }
}

hostile_file::answers hostile_file::read(database& db) {
  answers out;
  for (auto const& sql : questions()) {
    auto const got = ask(db, sql);
    out[sql] = {got.code, to_text(got.rows)};
  }
  ask(db, "SELECT * FROM topk_stats");
  ask(db, "SELECT * FROM topk_stats('s')");
  return out;
}

void hostile_file::write_and_undo(database& db) {
  for (auto const& sql : commands()) {
    db.exec("BEGIN");
    ask(db, sql);
    if (db.in_transaction()) db.exec("ROLLBACK");
  }
  db.exec("BEGIN; SAVEPOINT a");
  ask(db, some_);
  if (db.in_transaction()) ask(db, "RELEASE a");
  if (db.in_transaction()) ask(db, questions().front());
  if (db.in_transaction()) db.exec("ROLLBACK");
}

void hostile_file::write_and_drop(database& db) {
  for (std::string const& sql :
       {some_, many, questions().front(), std::string("INSERT INTO s(s) VALUES('rebuild')"),
        questions().front(), std::string("DROP TABLE s")}) {
    ask(db, sql);
  }
}

void hostile_file::compare(answers const& got) {
  for (auto const& [sql, one] : got) {
    if (one.code != SQLITE_OK) continue;
    auto const& right = sound_.at(sql);
    INFO(sql << "\n" << one.text << "instead of\n" << right.text);
    if (one.text != right.text) FAIL_CHECK("other rows");
  }
}

void hostile_file::try_damage(std::string const& what, std::string const& sql,
                              std::vector<value> const& parameters, promise held) {
  count_input();
  ends_within const watch(most_seconds_an_input, what);
  restore();
  INFO("damage: " << what);
  {
    database plain(path_);
    plain.exec(
        "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA writable_schema = ON");
    if (!plain.attempt(sql, parameters).ok()) return;  // SQLite itself forbids it
  }
  database db = connect(path_);
  db.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
  auto const before = read(db);
  if (held == promise::right_rows) compare(before);
  write_and_undo(db);
  auto const after = read(db);
  if (held == promise::right_rows) compare(after);
  write_and_drop(db);
  if (db.close() != SQLITE_OK) FAIL_CHECK("a statement is still open");
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  if (used.ru_maxrss / 1024 > most_megabytes) FAIL_CHECK("memory: " << used.ru_maxrss << " KiB");
}

}  // namespace topk::test
