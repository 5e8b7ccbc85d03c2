// Rates and latencies of topk_stats against a set clock and known loads.
#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>
#include <vector>

#include "kit/clock_vfs.hpp"
#include "sql/story.hpp"

using namespace topk::test;

namespace {

value rate(database& db, std::string const& stream = "s") {
  return db.scalar("SELECT inserts_per_second FROM topk_stats(?1)", {value::text(stream)});
}

void insert(database& db, std::int64_t events, std::string const& stream = "s") {
  db.exec("INSERT INTO " + quoted_name(stream) + "(item) SELECT value % 7 FROM " +
          series(1, events));
}

TEST_CASE("inserts_per_second is the rate of a known load, and 0 after an idle minute",
          "[monitor][rate]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream()");
  for (int i = 1; i <= 150; ++i) {
    set_clock(start + i);
    insert(db, 25);
    if (i % 10 == 0) CHECK(rate(db).as_real() == Approx(25));
  }
  for (int i = 151; i <= 180; ++i) {  // half a minute of three times that
    set_clock(start + i);
    insert(db, 75);
  }
  CHECK(rate(db).as_real() == Approx(50));
  set_clock(start + 200);
  CHECK(rate(db).as_real() == Approx(10 * 25.0 / 60 + 30 * 75.0 / 60).margin(0.001));
  set_clock(start + 240);
  CHECK(rate(db).type() == value_type::real);
  CHECK(rate(db).as_real() == 0);
  set_clock(start + 10'000);
  CHECK(rate(db).as_real() == 0);
}

TEST_CASE("inserts_per_second is that of the last minute, though nobody asked before",
          "[monitor][rate]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream()");
  for (int i = 1; i <= 260; ++i) {
    set_clock(start + i);
    insert(db, i <= 200 ? 50 : 5);
  }
  CHECK(rate(db).as_real() == Approx(5));
}

TEST_CASE("inserts_per_second after little time is the mean since the stream was made",
          "[monitor][rate]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream()");
  CHECK(rate(db).is_null());
  insert(db, 600);
  CHECK(rate(db).as_real() == Approx(600));
  set_clock(start + 10);
  CHECK(rate(db).as_real() == Approx(60));
  set_clock(start + 59);
  CHECK(rate(db).as_real() == Approx(600 / 59.0).margin(0.001));
}

TEST_CASE("inserts_per_second counts neither late nor refused nor undone events",
          "[monitor][rate]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('x')");
  set_clock(start + 5);
  CHECK(rate(db).as_real() == Approx(0.2));
  db.exec("INSERT INTO s(item, ts) VALUES ('x', unixepoch() - 200000)");
  db.exec("INSERT OR IGNORE INTO s(item) VALUES (NULL)");
  CHECK_FALSE(db.attempt("INSERT INTO s(item) VALUES ('a'), ('b'), (NULL)").ok());
  db.exec("BEGIN");
  insert(db, 1000);
  CHECK(rate(db).as_real() == Approx(1001 / 5.0));  // one's own open transaction is counted
  db.exec("SAVEPOINT p");
  insert(db, 300);
  db.exec("ROLLBACK TO p; ROLLBACK");
  CHECK(rate(db).as_real() == Approx(0.2));
  db.exec("INSERT INTO s(s) VALUES ('delete-all')");
  set_clock(start + 20);
  CHECK(rate(db).as_real() == 0);
}

TEST_CASE("a transaction of many minutes counts at its rate", "[monitor][rate]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(); BEGIN");
  for (int i = 1; i <= 200; ++i) {
    set_clock(start + i);
    insert(db, 10);
  }
  db.exec("COMMIT");
  CHECK(rate(db).as_real() == Approx(10).epsilon(0.01));
}

TEST_CASE("a connection that only watches sees the rate of those that write", "[monitor][rate]") {
  scratch_directory folder;
  database writer = begin_story(folder.file("a.db"));
  writer.exec("PRAGMA journal_mode=WAL; CREATE VIRTUAL TABLE s USING topk_stream(memory='16KiB')");
  database other = connect(folder.file("a.db"));
  database watcher = connect(folder.file("a.db"));
  for (int i = 1; i <= 240; ++i) {
    set_clock(start + i);
    insert(i % 2 == 0 ? writer : other, 40);
    if (i % 15 == 0) {
      INFO("second " << i);
      auto const seen = rate(watcher);
      if (i == 15) {
        CHECK(seen.is_null());  // it meets the stream now
      } else {
        CHECK(seen.as_real() == Approx(40));
      }
    }
  }
  CHECK(rate(writer).as_real() == Approx(40).epsilon(0.02));
  database fresh = connect(folder.file("a.db"));
  CHECK(rate(fresh).is_null());
  set_clock(start + 241);
  CHECK(rate(fresh).as_real() == 0);
}

TEST_CASE("queries counts topk and topk_count on the stream, on this connection",
          "[monitor][latency]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(); CREATE VIRTUAL TABLE t USING "
      "topk_stream(log=off)");
  CHECK(stat(db, "s", "queries") == 0);
  CHECK(stat(db, "s", "query_p99_us") == 0);
  db.exec("SELECT * FROM topk('1min', 10, 's')");  // an empty stream is asked too
  insert(db, 100);
  for (char const* mode : {"fast", "exact", "hybrid"}) {
    db.query("SELECT * FROM topk('1min', 10, 's', ?1)", {value::text(mode)});
    db.query("SELECT * FROM topk_count('1min', 3, 's', ?1)", {value::text(mode)});
  }
  db.exec("SELECT * FROM topk('1min', 10, 't')");
  CHECK(stat(db, "s", "queries") == 7);
  CHECK(stat(db, "t", "queries") == 1);
  CHECK(stat(db, "s", "query_p50_us") >= 1);
  CHECK(stat(db, "s", "query_p50_us") <= stat(db, "s", "query_p95_us"));
  CHECK(stat(db, "s", "query_p95_us") <= stat(db, "s", "query_p99_us"));
  database other = connect(folder.file("a.db"));
  CHECK(stat(other, "s", "queries") == 0);
}

std::int64_t share_of(std::vector<std::int64_t> values, std::size_t percent) {
  std::sort(values.begin(), values.end());
  return values[(values.size() * percent + 99) / 100 - 1];
}

TEST_CASE("latencies are never above what the caller of each query measures",
          "[monitor][latency]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream()");
  insert(db, 20'000);
  std::vector<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) {
    std::string const mode = i % 10 == 0 ? "exact" : "fast";
    auto const from = std::chrono::steady_clock::now();
    db.exec("SELECT * FROM topk('1min', 10, 's', '" + mode + "')");
    auto const spent = std::chrono::steady_clock::now() - from;
    seen.push_back(std::chrono::ceil<std::chrono::microseconds>(spent).count());
  }
  CHECK(stat(db, "s", "query_p50_us") <= share_of(seen, 50));
  CHECK(stat(db, "s", "query_p95_us") <= share_of(seen, 95));
  CHECK(stat(db, "s", "query_p99_us") <= share_of(seen, 99));
}

// Sleeps a millisecond at every 1,000th step of a statement: so many never happen in a SELECT from
// topk itself, so all of the sleep lies in what topk does.
class slow_reader {
 public:
  explicit slow_reader(database& db) : db_(db) {
    sqlite3_progress_handler(
        db_.handle(), 1000,
        [](void* self) {
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
          ++static_cast<slow_reader*>(self)->slept_ms;
          return 0;
        },
        this);
  }
  ~slow_reader() { sqlite3_progress_handler(db_.handle(), 0, nullptr, nullptr); }
  slow_reader(slow_reader const&) = delete;
  slow_reader& operator=(slow_reader const&) = delete;
  std::int64_t slept_ms = 0;

 private:
  database& db_;
};

TEST_CASE("a latency includes all that the query waits for: the log, and events others wrote",
          "[monitor][latency]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream()");
  insert(db, 3000);
  {
    database reader = connect(folder.file("a.db"));
    slow_reader slow(reader);
    reader.exec("SELECT * FROM topk('1min', 10, 's', 'exact')");
    REQUIRE(slow.slept_ms > 5);
    CHECK(stat(reader, "s", "query_p99_us") >= slow.slept_ms * 1000);
  }
  database reader = connect(folder.file("a.db"));
  slow_reader slow(reader);
  reader.exec("SELECT * FROM topk('1min', 10, 's', 'fast')");  // reads the tail of 3,000 rows
  REQUIRE(slow.slept_ms > 5);
  CHECK(stat(reader, "s", "query_p99_us") >= slow.slept_ms * 1000);
}

TEST_CASE("figures of this connection outlive a schema change elsewhere, and end with the stream",
          "[monitor][latency]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  database other = connect(folder.file("a.db"));
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('a')");
  CHECK_FALSE(db.attempt("INSERT INTO s(item) VALUES (NULL)").ok());
  set_clock(start + 4);
  db.exec("SELECT * FROM topk('1min', 10, 's')");
  other.exec("CREATE TABLE unrelated(x)");
  CHECK(stat(db, "s", "queries") == 1);
  CHECK(stat(db, "s", "rejected") == 1);
  CHECK(rate(db).as_real() == Approx(0.25));
  db.exec("ALTER TABLE s RENAME TO r");
  CHECK(stat(db, "r", "queries") == 1);
  CHECK(stat(db, "r", "rejected") == 1);
  db.exec("BEGIN; SELECT * FROM topk('1min', 10, 'r'); ROLLBACK");
  CHECK(stat(db, "r", "queries") == 2);
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream()");  // the old name does not remember
  CHECK(stat(db, "s", "queries") == 0);
  db.exec("DROP TABLE r; CREATE VIRTUAL TABLE r USING topk_stream()");
  CHECK(stat(db, "r", "queries") == 0);
  db.exec("SELECT * FROM topk('1min', 10, 'r')");
  other.exec("DROP TABLE r; CREATE VIRTUAL TABLE r USING topk_stream()");  // again, elsewhere
  CHECK(stat(db, "r", "queries") == 0);
  CHECK(stat(db, "r", "rejected") == 0);
}

}  // namespace
