// Commands: rebuild, integrity-check, optimize, prune, delete-all, forget.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

// A folded stream with a tail, partitions and items that overflow its smallest panes.
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

void check(database& db) { db.exec("INSERT INTO s(s) VALUES('integrity-check')"); }

}  // namespace

TEST_CASE("rebuild, optimize and prune change no exact answer", "[story][commands]") {
  for (char const* options : {"", "memory=16384, k=1"}) {
    database db = begin_filled(options);
    std::string const exact = top(db, "'1hour', 50, 's', 'exact'");
    for (char const* command : {"optimize", "rebuild", "prune", "optimize", "rebuild"}) {
      db.exec("INSERT INTO s(s) VALUES('" + std::string(command) + "')");
      check(db);
      CHECK(top(db, "'1hour', 50, 's', 'exact'") == exact);
      CHECK(top(db, "'1hour', 50, 's', 'hybrid'") == exact);
    }
    CHECK(stat(db, "s", "events") == 9002);
    CHECK(stat(db, "s", "log_rows") == 9002);
  }
}

// A long life saw log_rows fall behind for good: rows that had expired, but were still in the log,
// were not counted by rebuild, and then subtracted when they went.
TEST_CASE("rebuild leaves log_rows at what is in the log", "[story][commands]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(windows='1min')");
  db.exec("INSERT INTO s(item) VALUES ('old'), ('old')");
  set_clock(start + one_hour);
  db.exec("INSERT INTO s(item) VALUES ('new'), ('new'), ('new')");
  for (std::string const command : {"rebuild", "optimize", "prune"}) {
    db.exec("INSERT INTO s(s) VALUES('" + command + "')");
    INFO(command);
    CHECK(stat(db, "s", "log_rows") == number(db, "SELECT count(*) FROM s_log"));
    CHECK(stat(db, "s", "log_rows") == 3);
  }
}

TEST_CASE("integrity-check finds a log that was changed behind our back", "[story][commands]") {
  for (char const* change :
       {"DELETE FROM s_log WHERE item = 'item0'",
        "UPDATE s_log SET weight = weight + 1 WHERE item = 'item0'",
        "INSERT INTO s_log(ts, item, weight, seq) SELECT ts, 'new', 1000, -seq FROM s_log LIMIT 10",
        "DELETE FROM s_pane WHERE level = 0"}) {
    database db = begin_filled();
    db.exec("INSERT INTO s(s) VALUES('optimize')");
    check(db);
    db.exec(change);
    INFO(change);
    fails(db, "INSERT INTO s(s) VALUES('integrity-check')", SQLITE_CORRUPT,
          {"integrity-check", "s_p"});
  }
}

TEST_CASE("forget takes an item out of log, tail and every pane", "[story][commands]") {
  scratch_directory folder;
  {
    database db = begin_filled("", folder.file("a.db"));
    db.exec("PRAGMA secure_delete=ON; INSERT INTO s(item, partition) VALUES ('secret-word', 1)");
    db.exec("INSERT INTO s(s) VALUES('optimize'); INSERT INTO s(item) VALUES ('secret-word')");
    CHECK(number(db, "SELECT count FROM topk_count('1hour', 'secret-word', 's')") == 4);
    db.exec("INSERT INTO s(s, item) VALUES('forget', 'secret-word')");
    check(db);
    for (char const* mode : {"fast", "exact", "hybrid"}) {
      CHECK(number(db, "SELECT count FROM topk_count('1hour', 'secret-word', 's', '" +
                           std::string(mode) + "')") == 0);
    }
    CHECK(
        number(db, "SELECT upper FROM topk_count('1hour', 'secret-word', 's', 'fast', NULL, 1)") ==
        0);
    CHECK(number(db, "SELECT count(*) FROM s WHERE item = 'secret-word'") == 0);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    CHECK(db.close() == SQLITE_OK);
  }
  CHECK(file_bytes(folder.file("a.db")).find("secret-word") == std::string::npos);
}

TEST_CASE("delete-all empties the stream, which goes on", "[story][commands]") {
  database db = begin_filled();
  db.exec("INSERT INTO s(s) VALUES('delete-all')");
  CHECK(top(db, "'1day', 10, 's'").empty());
  CHECK(stat(db, "s", "events") == 0);
  CHECK(number(db, "SELECT count(*) FROM s_log") == 0);
  db.exec("INSERT INTO s(item) VALUES ('again')");
  CHECK(top(db, "'1day', 10, 's'") == "again=1");
}

TEST_CASE("prune drops what the wall clock has expired, of an idle stream", "[story][commands]") {
  database db = begin_filled("windows='1hour'");
  set_clock(start + 2 * one_hour);
  CHECK(top(db, "'all', 1, 's', 'fast', 'latest'") != "");
  db.exec("INSERT INTO s(s) VALUES('prune')");
  check(db);
  CHECK(top(db, "'all', 10, 's', 'fast', 'latest'").empty());
  for (char const* table : {"s_log", "s_pane", "s_part", "s_tail", "s_keys"}) {
    INFO(table);
    CHECK(number(db, "SELECT count(*) FROM " + std::string(table)) == 0);
  }
}

TEST_CASE("an interrupted rebuild changes nothing", "[story][commands]") {
  database db = begin_filled();
  db.exec(
      "INSERT INTO s(s) VALUES('optimize'); CREATE TABLE t(x); BEGIN; INSERT INTO t VALUES (1)");
  std::string const before = snapshot(db, "s");
  std::string const stored = shadow_rows(db, "s");
  int calls = 0;
  sqlite3_progress_handler(
      db.handle(), 1000, [](void* count) { return ++*static_cast<int*>(count) > 50 ? 1 : 0; },
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

// As Ctrl-C in the shell does, from a signal handler or another thread: the flag is up in the
// middle of a rebuild, and stays up until no statement runs.
TEST_CASE("sqlite3_interrupt stops a rebuild, and nothing has changed", "[story][commands]") {
  struct trigger {
    sqlite3* db;
    int left;
  };
  database db = begin_filled();
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
          db.handle(), 1000,
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
  check(db);
  db.exec("INSERT INTO s(s) VALUES('rebuild')");
  CHECK(snapshot(db, "s") == before);
}

TEST_CASE("commands go through cms_add too", "[story][commands]") {
  database db = begin_story();
  db.exec(
      "INSERT INTO cms_add(item) VALUES ('x'); INSERT INTO cms_add(cms_add) VALUES ('optimize')");
  CHECK(stat(db, "topk_events", "tail_rows") == 0);
  CHECK(top(db) == "x=1");
}
