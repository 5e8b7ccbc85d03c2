// Two connections on one file, in WAL and with a rollback journal: what each sees, and BUSY.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

struct two {
  scratch_directory folder;
  database first;
  database second;

  explicit two(std::string const& journal, std::string const& options = "")
      : first(begin_story(folder.file("a.db"))), second(connect(folder.file("a.db"))) {
    first.exec("PRAGMA journal_mode=" + journal + "; CREATE VIRTUAL TABLE s USING topk_stream(" +
               options + "); INSERT INTO s(item) VALUES ('old')");
  }
};

char const* const journals[] = {"WAL", "DELETE", "TRUNCATE"};
std::string const window = "'1min', 10, 's'";

}  // namespace

TEST_CASE("each connection sees every commit of the other", "[story][connections]") {
  for (char const* journal : journals) {
    for (char const* options : {"", "log=off", "memory=65536"}) {
      two db(journal, options);
      INFO(journal << " " << options);
      for (int turn = 1; turn <= 5; ++turn) {
        std::string const count = std::to_string(turn);
        db.first.exec("INSERT INTO s(item) VALUES ('x')");
        std::string const y = "y=" + std::to_string(turn - 1);
        CHECK(top(db.second, window) == (turn == 1   ? "old=1 x=1"
                                         : turn == 2 ? "x=2 old=1 " + y
                                                     : "x=" + count + " " + y + " old=1"));
        db.second.exec("INSERT INTO s(item) VALUES ('y')");
        CHECK(number(db.first, "SELECT count FROM topk_count('1min', 'y', 's')") == turn);
        if (turn == 3) db.second.exec("INSERT INTO s(s) VALUES('optimize')");
      }
    }
  }
}

TEST_CASE("a fold by one connection is seen by the other", "[story][connections]") {
  for (char const* journal : journals) {
    two db(journal, "memory=65536");
    CHECK(top(db.second, window) == "old=1");
    for (int turn = 1; turn <= 4; ++turn) {
      db.first.exec("INSERT INTO s(item) SELECT value % 7 FROM " + series(1, 7000));
      CHECK(number(db.second, "SELECT count FROM topk_count('1min', 3, 's')") == 1000 * turn);
      CHECK(number(db.second, "SELECT count FROM topk_count('1min', 3, 's', 'exact')") ==
            1000 * turn);
    }
  }
}

TEST_CASE("uncommitted events are seen by their own connection only", "[story][connections]") {
  two db("WAL");
  db.first.exec("BEGIN; INSERT INTO s(item) VALUES ('x')");
  CHECK(top(db.first, window) == "old=1 x=1");
  CHECK(top(db.second, window) == "old=1");
  db.first.exec("SAVEPOINT a");  // flushed to pages, still uncommitted
  CHECK(top(db.second, window) == "old=1");
  db.first.exec("ROLLBACK");
  CHECK(top(db.second, window) == "old=1");
  CHECK(top(db.first, window) == "old=1");
}

TEST_CASE("a reader keeps the answers of its snapshot until its transaction ends",
          "[story][connections]") {
  two db("WAL");
  db.second.exec("BEGIN");
  CHECK(top(db.second, window) == "old=1");
  db.first.exec(
      "INSERT INTO s(item) VALUES ('x'); INSERT INTO s(s) VALUES('optimize');"
      "INSERT INTO s(item) VALUES ('x')");
  CHECK(top(db.second, window) == "old=1");
  CHECK(top(db.second, window + ", 'exact'") == "old=1");
  db.second.exec("COMMIT");
  CHECK(top(db.second, window) == "x=2 old=1");
}

// The second query of the transaction counted an event that came after the first.
TEST_CASE("in a shared cache, too, a reader keeps its answers until its transaction ends",
          "[story][connections]") {
  for (char const* journal : journals) {
    scratch_directory folder;
    int const flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SHAREDCACHE;
    set_clock(start);
    database first = connect(folder.file("a.db"), flags);
    first.exec("PRAGMA journal_mode=" + std::string(journal) +
               "; CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('old')");
    database second = connect(folder.file("a.db"), flags);
    INFO(journal);
    CHECK(top(second, window) == "old=1");  // from here on in memory
    second.exec("BEGIN");
    CHECK(top(second, window) == "old=1");
    int const refused = first.attempt("INSERT INTO s(item) VALUES ('x')").code;
    CHECK((refused == SQLITE_LOCKED || refused == SQLITE_BUSY));
    CHECK(top(second, window) == "old=1");
    CHECK(top(second, window + ", 'exact'") == "old=1");
    second.exec("COMMIT");
    CHECK(first.attempt("INSERT INTO s(item) VALUES ('x')").ok());
    CHECK(top(second, window) == "old=1 x=1");
  }
}

TEST_CASE("what a reader of uncommitted rows has seen goes when they are rolled back",
          "[story][connections]") {
  scratch_directory folder;
  int const flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_SHAREDCACHE;
  set_clock(start);
  database first = connect(folder.file("a.db"), flags);
  first.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('old')");
  database second = connect(folder.file("a.db"), flags);
  second.exec("PRAGMA read_uncommitted = 1");
  first.exec("BEGIN; INSERT INTO s(item) VALUES ('gone'), ('gone'); SAVEPOINT written");
  CHECK(top(second, window) == "gone=2 old=1");
  first.exec("ROLLBACK");
  CHECK(top(second, window) == "old=1");
  CHECK(number(second, "SELECT events FROM topk_stats") == 1);
}

TEST_CASE("a second writer is told BUSY, loses nothing, and may repeat", "[story][connections]") {
  for (char const* journal : journals) {
    for (char const* insert :
         {"INSERT INTO s(item) VALUES ('y'), ('z')", "INSERT INTO s(s) VALUES('optimize')",
          "INSERT INTO s(s) VALUES('rebuild')"}) {
      two db(journal);
      INFO(journal << ": " << insert);
      db.first.exec("BEGIN IMMEDIATE; INSERT INTO s(item) VALUES ('x')");
      fails(db.second, insert, SQLITE_BUSY, {"locked"});
      fails(db.second, insert, SQLITE_BUSY, {"locked"});
      CHECK(top(db.second, window) == "old=1");
      db.first.exec("COMMIT");
      db.second.exec(insert);
      CHECK(number(db.second, "SELECT total_lower FROM topk('1min', 1, 's')") ==
            (std::string(insert).find("VALUES ('y')") == std::string::npos ? 2 : 4));
      CHECK(top(db.first, window) == top(db.second, window));
    }
  }
}

TEST_CASE("a COMMIT that is BUSY keeps the transaction, and a later one stores it once",
          "[story][connections]") {
  for (char const* options : {"", "log=off"}) {
    two db("DELETE", options);
    db.second.exec("BEGIN; SELECT count(*) FROM sqlite_schema");  // holds a SHARED lock
    db.first.exec("BEGIN; INSERT INTO s(item) VALUES ('x'), ('x')");
    for (int again = 0; again < 3; ++again) {
      fails(db.first, "COMMIT", SQLITE_BUSY, {"locked"});
      CHECK(db.first.in_transaction());
      CHECK(top(db.first, window) == "x=" + std::to_string(2 + again) + " old=1");
      db.first.exec("INSERT INTO s(item) VALUES ('x')");
    }
    db.second.exec("COMMIT");
    db.first.exec("COMMIT");
    CHECK(top(db.first, window) == "x=5 old=1");
    CHECK(top(db.second, window) == "x=5 old=1");
    db.second.exec("INSERT INTO s(s) VALUES('integrity-check')");
  }
}

TEST_CASE("an autocommit INSERT that is BUSY at its end leaves nothing and may repeat",
          "[story][connections]") {
  two db("DELETE");
  db.second.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
  for (int again = 0; again < 3; ++again)
    fails(db.first, "INSERT INTO s(item) VALUES ('x')", SQLITE_BUSY, {});
  CHECK(top(db.first, window) == "old=1");
  db.second.exec("COMMIT");
  db.first.exec("INSERT INTO s(item) VALUES ('x')");
  CHECK(top(db.first, window) == "old=1 x=1");
  CHECK(top(db.second, window) == "old=1 x=1");
}

TEST_CASE("a BUSY COMMIT followed by ROLLBACK leaves nothing", "[story][connections]") {
  two db("DELETE");
  db.second.exec("BEGIN; SELECT count(*) FROM sqlite_schema");
  db.first.exec("BEGIN; INSERT INTO s(item) VALUES ('x')");
  fails(db.first, "COMMIT", SQLITE_BUSY, {});
  db.first.exec("ROLLBACK");
  db.second.exec("COMMIT");
  CHECK(top(db.first, window) == "old=1");
  CHECK(top(db.second, window) == "old=1");
}

TEST_CASE("a snapshot too old to write is BUSY, and the next transaction goes on",
          "[story][connections]") {
  two db("WAL");
  db.second.exec("BEGIN");
  CHECK(top(db.second, window) == "old=1");
  db.first.exec("INSERT INTO s(item) VALUES ('x')");
  fails(db.second, "INSERT INTO s(item) VALUES ('y')", SQLITE_BUSY, {});
  CHECK(top(db.second, window) == "old=1");
  db.second.exec("ROLLBACK; INSERT INTO s(item) VALUES ('y')");
  CHECK(top(db.first, window) == "old=1 x=1 y=1");
}

TEST_CASE("the default stream made by one connection is used by the other",
          "[story][connections]") {
  for (char const* journal : journals) {
    scratch_directory folder;
    database first = begin_story(folder.file("a.db"));
    first.exec("PRAGMA journal_mode=" + std::string(journal));
    database second = connect(folder.file("a.db"));
    CHECK(top(second).empty());
    first.exec("INSERT INTO cms_add(item) VALUES ('x')");
    CHECK(top(second) == "x=1");
    second.exec("INSERT INTO cms_add(item) VALUES ('x')");
    CHECK(top(first) == "x=2");
    second.exec("DROP TABLE topk_events");
    CHECK(top(first).empty());
    first.exec("INSERT INTO cms_add(item) VALUES ('y')");
    CHECK(top(second) == "y=1");
  }
}

TEST_CASE("a stream dropped and made again by another connection is the new one",
          "[story][connections]") {
  for (char const* journal : journals) {
    two db(journal);
    CHECK(top(db.second, window) == "old=1");
    db.first.exec(
        "DROP TABLE s; CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES "
        "('new')");
    CHECK(top(db.second, window) == "new=1");
    db.second.exec("INSERT INTO s(item) VALUES ('new')");
    CHECK(top(db.first, window) == "new=2");
  }
}

TEST_CASE("a rename by another connection is followed", "[story][connections]") {
  two db("WAL");
  CHECK(top(db.second, window) == "old=1");
  db.first.exec("ALTER TABLE s RENAME TO t; INSERT INTO t(item) VALUES ('x')");
  CHECK(top(db.second, "'1min', 10, 't'") == "old=1 x=1");
  db.second.exec("INSERT INTO t(item) VALUES ('x')");
  CHECK(top(db.first, "'1min', 10, 't'") == "x=2 old=1");
}

TEST_CASE("a prepared query gives the newest answer at each run", "[story][connections]") {
  two db("WAL");
  prepared query = db.second.prepare("SELECT count FROM topk_count('1min', 'x', 's')");
  prepared insert = db.first.prepare("INSERT INTO s(item) VALUES (?)");
  for (std::int64_t count = 1; count <= 20; ++count) {
    CHECK(insert.run({value::text("x")}).ok());
    std::vector<row> const rows = query.run({}).rows;
    REQUIRE(rows.size() == 1);
    CHECK(rows.at(0).at(0).as_integer() == count);
    if (count == 7) db.first.exec("INSERT INTO s(s) VALUES('optimize')");
    if (count == 14) db.first.exec("CREATE TABLE other(x)");
  }
}

TEST_CASE("an open cursor on the stream gives its own snapshot while events come in",
          "[story][connections]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) SELECT value FROM " +
          series(1, 100));
  sqlite3_stmt* reader = nullptr;
  REQUIRE(sqlite3_prepare_v2(db.handle(), "SELECT item FROM s", -1, &reader, nullptr) == SQLITE_OK);
  int rows = 0;
  while (sqlite3_step(reader) == SQLITE_ROW && rows < 5000) {
    ++rows;
    db.exec("INSERT INTO s(item) VALUES ('echo')");
  }
  sqlite3_finalize(reader);
  CHECK(rows >= 100);
  CHECK(rows < 5000);
  CHECK(number(db, "SELECT count FROM topk_count('1min', 'echo', 's')") == rows);
}
