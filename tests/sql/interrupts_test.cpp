// Commands that are stopped in the middle, and what a file holds after `forget`.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "sql/story.hpp"

using namespace topk::test;

namespace {

// A flushed stream with a tail, partitions and items that overflow its smallest panes.
database begin_filled(std::string const& options = "", std::string const& path = ":memory:") {
  database db = begin_story(path);
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(" + options + ")");
  db.exec(
      "INSERT INTO s(item, ts, partition) SELECT 'item' || (value % 37 * value % 91), unixepoch() "
      "- value % 900, "
      "value % 3 FROM " +
      series(1, 9000));
  db.exec("INSERT INTO s(item) VALUES ('secret-word'), ('secret-word')");
  return db;
}

}  // namespace

TEST_CASE("an interrupted rebuild changes nothing", "[story][interrupts]") {
  database db = begin_filled("memory='64KiB'");
  db.exec(
      "INSERT INTO s(s) VALUES('optimize'); CREATE TABLE t(x); BEGIN; INSERT INTO t VALUES (1)");
  std::string const before = snapshot(db, "s");
  std::string const stored = shadow_rows(db, "s");
  int calls = 0;
  sqlite3_progress_handler(
      db.handle(), 100, [](void* count) { return ++*static_cast<int*>(count) > 50 ? 1 : 0; },
      &calls);
  outcome const got = db.attempt("INSERT INTO s(s) VALUES('rebuild')");
  sqlite3_progress_handler(db.handle(), 0, nullptr, nullptr);
  CHECK(got.code == SQLITE_ERROR);
  CHECK_THAT(got.message, Catch::Contains("interrupted"));
  CHECK(db.in_transaction());
  CHECK(shadow_rows(db, "s") == stored);
  CHECK(snapshot(db, "s") == before);
  db.exec("COMMIT");
  CHECK(number(db, "SELECT count(*) FROM t") == 1);
}

TEST_CASE("what is interrupted while it reads others' commits leaves nothing by half",
          "[story][interrupts]") {
  std::string const statement =
      GENERATE("SELECT * FROM topk('1hour', 5, 's')", "SELECT count(*) FROM s",
               "INSERT INTO s(item) VALUES ('mine')", "INSERT INTO s(s) VALUES('prune')");
  std::string const events =
      "INSERT INTO s(item) SELECT 'item' || (value % 7) FROM " + series(1, 400);
  std::string const count =
      "SELECT sum(count), (SELECT count(*) FROM s) FROM topk('1hour', 9, 's')";
  int stopped = 0;
  for (int moment = 5; moment <= 125; moment += 20) {
    CAPTURE(statement, moment);
    scratch_directory folder;
    database db = begin_story(folder.file("a.db"));
    db.exec("PRAGMA journal_mode=WAL; CREATE VIRTUAL TABLE s USING topk_stream(); " + events);
    static_cast<void>(db.query(count));
    database other = connect(folder.file("a.db"));
    other.exec(events);
    int left = moment;
    sqlite3_progress_handler(
        db.handle(), 7, [](void* calls) { return --*static_cast<int*>(calls) == 0 ? 1 : 0; },
        &left);
    bool const is_done = db.attempt(statement).ok();
    sqlite3_progress_handler(db.handle(), 0, nullptr, nullptr);
    stopped += is_done ? 0 : 1;
    if (!is_done)
      CHECK(db.query(count) == std::vector<row>{{value::integer(800), value::integer(800)}});
    CHECK(db.query(count) == other.query(count));
    db.exec("INSERT INTO s(item) VALUES ('z'); INSERT INTO s(s) VALUES('optimize')");
    db.exec("INSERT INTO s(s) VALUES('integrity-check')");
    CHECK(db.query(count) == connect(folder.file("a.db")).query(count));
  }
  CHECK(stopped > 2);
}

// As Ctrl-C in the shell does, from a signal handler or another thread: the flag is up in the
// middle of a rebuild, and stays up until no statement runs.
TEST_CASE("sqlite3_interrupt stops a rebuild, and nothing has changed", "[story][interrupts]") {
  struct trigger {
    sqlite3* db;
    int left;
  };
  database db = begin_filled("memory='64KiB'");
  db.exec("INSERT INTO s(s) VALUES('optimize'); CREATE TABLE t(x)");
  std::string const before = snapshot(db, "s");
  std::string const stored = shadow_rows(db, "s");
  int stopped = 0;
  for (bool const in_transaction : {false, true}) {
    for (int const at : {1, 2, 10, 40, 70, 100, 130}) {
      INFO("at " << at << ", in a transaction: " << in_transaction);
      if (in_transaction) db.exec("BEGIN; INSERT INTO t VALUES (1)");
      trigger at_call = {db.handle(), at};
      sqlite3_progress_handler(
          db.handle(), 100,
          [](void* given) {
            auto* const now = static_cast<trigger*>(given);
            if (--now->left == 0) sqlite3_interrupt(now->db);
            return 0;
          },
          &at_call);
      outcome const got = db.attempt("INSERT INTO s(s) VALUES('rebuild')");
      sqlite3_progress_handler(db.handle(), 0, nullptr, nullptr);
      REQUIRE(at_call.left <= 0);
      CHECK(got.code == SQLITE_ERROR);
      CHECK_THAT(got.message, Catch::Contains("interrupted"));
      CHECK(db.in_transaction() == in_transaction);
      CHECK(shadow_rows(db, "s") == stored);
      CHECK(snapshot(db, "s") == before);
      if (in_transaction) {
        CHECK(number(db, "SELECT count(*) FROM t") == 1);
        db.exec("ROLLBACK");
      }
      stopped += got.code == SQLITE_ERROR ? 1 : 0;
    }
  }
  CHECK(stopped == 14);
  db.exec("INSERT INTO s(s) VALUES('integrity-check')");
  db.exec("INSERT INTO s(s) VALUES('rebuild')");
  CHECK(snapshot(db, "s") == before);
}

TEST_CASE("an interrupted integrity_check reports no damage", "[story][interrupts]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(memory='64KiB'); INSERT INTO s(item) SELECT value "
      "FROM " +
      series(1, 20000));
  int left = 20;
  sqlite3_progress_handler(
      db.handle(), 10, [](void* calls) { return --*static_cast<int*>(calls) < 0 ? 1 : 0; }, &left);
  outcome const got = db.attempt("PRAGMA integrity_check");
  sqlite3_progress_handler(db.handle(), 0, nullptr, nullptr);
  CHECK(got.code == SQLITE_INTERRUPT);
  CHECK(got.rows.empty());
  CHECK(text(db, "PRAGMA integrity_check") == "ok");
}

// A table of 20,000 rows is counted by CREATE and by 'track'; stopped, both leave neither stream
// nor triggers, and the user's transaction goes on.
TEST_CASE("an interrupted CREATE or track over a table leaves nothing", "[story][interrupts]") {
  database db = begin_story();
  db.exec(
      "CREATE TABLE t(x); CREATE TABLE history(song, at); INSERT INTO history SELECT value % 50, "
      "unixepoch() - value % 900 FROM " +
      series(1, 20000));
  std::string const create =
      "CREATE VIRTUAL TABLE s USING topk_stream(content='history', item='song', ts='at')";
  std::string const track = "INSERT INTO s(s) VALUES('track')";
  std::string const objects = "SELECT group_concat(name) FROM sqlite_schema";
  for (std::string const& statement : {create, track}) {
    std::string const before = text(db, objects);
    for (int const at : {1, 10, 100, 200}) {
      INFO(statement << " at " << at);
      db.exec("BEGIN; INSERT INTO t VALUES (1)");
      int left = at;
      sqlite3_progress_handler(
          db.handle(), 1000, [](void* calls) { return --*static_cast<int*>(calls) < 0 ? 1 : 0; },
          &left);
      outcome const got = db.attempt(statement);
      sqlite3_progress_handler(db.handle(), 0, nullptr, nullptr);
      CHECK(got.code == SQLITE_ERROR);
      CHECK_THAT(got.message, Catch::Contains("interrupted"));
      CHECK(db.in_transaction());
      CHECK(text(db, objects) == before);
      CHECK(number(db, "SELECT count(*) FROM t") == 1);
      db.exec("ROLLBACK");
    }
    db.exec(statement);
    CHECK(number(db, "SELECT sum(count) FROM topk('1hour', 100, 's')") == 20000);
    db.exec("INSERT INTO s(s) VALUES('integrity-check')");
  }
}

TEST_CASE("forget leaves no byte of the item in the file", "[story][interrupts]") {
  scratch_directory folder;
  {
    database db = begin_filled("", folder.file("a.db"));
    db.exec("PRAGMA secure_delete=ON; INSERT INTO s(item, partition) VALUES ('secret-word', 1)");
    db.exec("INSERT INTO s(s) VALUES('optimize'); INSERT INTO s(item) VALUES ('secret-word')");
    db.exec("INSERT INTO s(s, item) VALUES('forget', 'secret-word')");
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    CHECK(db.close() == SQLITE_OK);
  }
  CHECK(file_bytes(folder.file("a.db")).find("secret-word") == std::string::npos);
}
