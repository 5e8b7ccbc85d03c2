// Statements that live longer than one run, and settings that only the C interface has.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "kit/first_format.hpp"
#include "sql/story.hpp"

using namespace topk::test;

TEST_CASE("a prepared query gives the newest answer at each run", "[story][statements]") {
  scratch_directory folder;
  database first = begin_story(folder.file("a.db"));
  first.exec("PRAGMA journal_mode=WAL; CREATE VIRTUAL TABLE s USING topk_stream()");
  database second = connect(folder.file("a.db"));
  prepared query = second.prepare("SELECT count FROM topk_count('1min', 'x', 's')");
  prepared insert = first.prepare("INSERT INTO s(item) VALUES (?)");
  for (std::int64_t count = 1; count <= 20; ++count) {
    CHECK(insert.run({value::text("x")}).ok());
    std::vector<row> const rows = query.run({}).rows;
    REQUIRE(rows.size() == 1);
    CHECK(rows.at(0).at(0).as_integer() == count);
    if (count == 7) first.exec("INSERT INTO s(s) VALUES('optimize')");
    if (count == 14) first.exec("CREATE TABLE other(x)");
  }
}

TEST_CASE("an open cursor on the stream gives its own snapshot while events come in",
          "[story][statements]") {
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

namespace {

// Rows that are left of a query.
int rest_of(sqlite3_stmt* reader) {
  int rows = 0;
  while (sqlite3_step(reader) == SQLITE_ROW) ++rows;
  return rows;
}

}  // namespace

TEST_CASE("an open cursor on the stream reads all of it, whatever is rolled back meanwhile",
          "[story][statements]") {
  bool const is_old = GENERATE(false, true);
  scratch_directory folder;
  std::string const path = folder.file("a.db");
  database db = begin_story(path);
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(seed=1)");
  if (is_old) {
    for (std::string const& sql : into_first_format("s")) db.exec(sql);
    db.close();
    db = connect(path);
  }
  db.exec("INSERT INTO s(item) SELECT value FROM " + series(1, 3000));
  std::string const undone = GENERATE(
      "SAVEPOINT x; ROLLBACK TO x; RELEASE x",
      "SAVEPOINT x; INSERT INTO s(item) VALUES ('new'), ('new'); ROLLBACK TO x; RELEASE x",
      "INSERT INTO s(s) VALUES('bogus')", "INSERT INTO s(item) SELECT 'x' UNION ALL SELECT NULL",
      "INSERT OR ROLLBACK INTO t VALUES (1)", "INSERT INTO s(s) VALUES('optimize')");
  bool const has_written = GENERATE(true, false);
  CAPTURE(is_old, undone, has_written);
  db.exec("CREATE TABLE t(x PRIMARY KEY); INSERT INTO t VALUES (1)");
  db.exec("BEGIN");
  if (has_written) db.exec("INSERT INTO s(item) VALUES ('x')");
  sqlite3_stmt* reader = nullptr;
  REQUIRE(sqlite3_prepare_v2(db.handle(), "SELECT item FROM s", -1, &reader, nullptr) == SQLITE_OK);
  int rows = 0;
  while (rows < 300 && sqlite3_step(reader) == SQLITE_ROW) ++rows;
  bool const ends = undone.find("OR ROLLBACK") != std::string::npos;
  for (int i = 0; i < 3; ++i) static_cast<void>(db.attempt(undone));
  rows += rest_of(reader);
  CHECK(sqlite3_reset(reader) == SQLITE_OK);
  CHECK(rows == 3000 + (has_written && !ends ? 1 : 0));
  sqlite3_finalize(reader);
  static_cast<void>(db.attempt("COMMIT"));
  db.exec("INSERT INTO s(s) VALUES('integrity-check')");
}

// A statement keeps SQLite's object for the table from before, and SQLite tells that one alone of
// the rollback.
TEST_CASE(
    "a table that a rollback brought back, with statements that are kept prepared, forgets "
    "what is undone",
    "[story][statements]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(seed=1)");
  std::vector<prepared> kept;
  auto const put = [&](char const* item) {
    kept.push_back(db.prepare("INSERT INTO s(item) VALUES (?)"));
    CHECK(kept.back().run({value::text(item)}).ok());
  };
  put("a");
  db.exec("SAVEPOINT x; CREATE TABLE gone(x)");
  put("x");
  db.exec("ROLLBACK TO x; RELEASE x; SAVEPOINT outside");
  put("b");
  db.exec("SAVEPOINT inside; DROP TABLE s; ROLLBACK TO inside");
  CHECK(number(db, "SELECT count FROM topk_count('1hour', 'b', 's')") == 1);
  db.exec("ROLLBACK TO outside");
  CHECK(number(db, "SELECT sum(count) FROM topk('1hour', 9, 's')") == 1);
  put("c");
  db.exec("RELEASE outside");
  CHECK(number(db, "SELECT sum(count) FROM topk('1hour', 9, 's')") == 2);
  CHECK(number(db, "SELECT count(*) FROM s") == 2);
}

TEST_CASE("a log in rows is not moved under a statement that reads it", "[story][statements]") {
  scratch_directory folder;
  std::string const path = folder.file("a.db");
  database db = begin_story(path);
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(seed=1)");
  for (std::string const& sql : into_first_format("s")) db.exec(sql);
  db.close();
  db = connect(path);
  db.exec("INSERT INTO s(item) SELECT value FROM " + series(1, 100));
  sqlite3_stmt* reader = nullptr;
  REQUIRE(sqlite3_prepare_v2(db.handle(), "SELECT item FROM s", -1, &reader, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(reader) == SQLITE_ROW);
  fails(db, "INSERT INTO s(s) VALUES('optimize')", SQLITE_CONSTRAINT,
        {"a statement is reading the log of stream \"main\".\"s\""});
  CHECK(1 + rest_of(reader) == 100);
  CHECK(has_first_format(db, "s"));
  sqlite3_reset(reader);
  db.exec("INSERT INTO s(s) VALUES('optimize')");
  CHECK_FALSE(has_first_format(db, "s"));
  CHECK(rest_of(reader) == 100);
  sqlite3_finalize(reader);
}

TEST_CASE("sqlite3_close is BUSY only while the user's own statement is alive",
          "[story][statements]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('x')");
  prepared query = db.prepare("SELECT * FROM topk('1min', 10, 's')");
  CHECK(query.run({}).rows.size() == 1);
  CHECK(db.close() == SQLITE_BUSY);
  query.reset();
  CHECK(db.close() == SQLITE_OK);
}

TEST_CASE(
    "sqlite3_last_insert_rowid and sqlite3_changes are those of the row that a trigger tracks",
    "[story][statements]") {
  database db = begin_story();
  db.exec(
      "CREATE TABLE h(id INTEGER PRIMARY KEY, x); CREATE VIRTUAL TABLE s USING topk_stream();"
      "CREATE TRIGGER t AFTER INSERT ON h BEGIN INSERT INTO s(item) VALUES (new.x); END");
  for (int id : {777, 5, 123'456}) {
    db.exec("INSERT INTO h VALUES (" + std::to_string(id) + ", 'x')");
    CHECK(sqlite3_last_insert_rowid(db.handle()) == id);
    CHECK(sqlite3_changes(db.handle()) == 1);
  }
  db.exec("BEGIN; INSERT INTO h VALUES (900, 'x'); COMMIT");
  CHECK(sqlite3_last_insert_rowid(db.handle()) == 900);
}

// A statement that is kept keeps the stream's memory alive, too.
TEST_CASE("another file attached under the same name is the one that answers",
          "[story][statements]") {
  scratch_directory folder;
  for (std::string const item : {"a", "b"}) {
    database one = begin_story(folder.file(item + ".db"));
    one.exec("CREATE VIRTUAL TABLE plays USING topk_stream(); INSERT INTO plays(item) VALUES ('" +
             item + "')");
  }
  database db = begin_story(folder.file("main.db"));
  db.exec("ATTACH '" + folder.file("a.db") + "' AS aux");
  auto const kept = db.prepare("SELECT item FROM aux.plays");
  CHECK(top(db, "'1min', 10, 'aux.plays'") == "a=1");
  db.exec("DETACH aux; ATTACH '" + folder.file("b.db") + "' AS aux");
  CHECK(top(db, "'1min', 10, 'aux.plays'") == "b=1");
}

TEST_CASE("a stream is found where the host has given main another name", "[story][statements]") {
  database db = begin_story();
  REQUIRE(sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_MAINDBNAME, "first") == SQLITE_OK);
  db.exec(
      "CREATE VIRTUAL TABLE plays USING topk_stream(); INSERT INTO plays(item) VALUES ('x');"
      "INSERT INTO cms_add(item) VALUES ('y')");
  for (char const* name : {"plays", "main.plays", "first.plays"}) {
    CHECK(top(db, "'1min', 10, '" + std::string(name) + "'") == "x=1");
  }
  CHECK(top(db, "'1min', 10") == "y=1");
}

TEST_CASE("many streams in one transaction, the default one made in the middle",
          "[story][statements]") {
  // SQLite's list of open virtual tables grows at 5 and 10: cms_add makes its stream right there.
  for (int streams = 1; streams <= 11; ++streams) {
    database db = begin_story();
    for (int at = 0; at < streams; ++at) {
      db.exec("CREATE VIRTUAL TABLE s" + std::to_string(at) + " USING topk_stream()");
    }
    db.exec("BEGIN");
    for (int at = 0; at < streams; ++at) {
      db.exec("INSERT INTO s" + std::to_string(at) + "(item) VALUES ('x')");
    }
    db.exec("INSERT INTO cms_add(item) VALUES ('x'); COMMIT");
    INFO(streams);
    CHECK(number(db, "SELECT sum(events) FROM topk_stats") == streams + 1);
  }
}
