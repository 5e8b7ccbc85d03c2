// External content: the user's own table, kept in step by triggers inside the user's transactions.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

std::string const stream =
    "CREATE VIRTUAL TABLE s USING topk_stream(content='history', item='song', ts='at', weight='n', "
    "partition='country')";

database begin_tracked(std::string const& table =
                           "CREATE TABLE history(id INTEGER PRIMARY KEY, song, at, n, "
                           "country)") {
  database db = begin_story();
  db.exec(table);
  db.exec(stream);
  db.exec("INSERT INTO s(s) VALUES('track')");
  return db;
}

std::string both(database& db) {
  std::string const fast = top(db, "'1hour', 10, 's'");
  CHECK(top(db, "'1hour', 10, 's', 'exact'") == fast);
  CHECK(top(db, "'1hour', 10, 's', 'hybrid'") == fast);
  db.exec("INSERT INTO s(s) VALUES('integrity-check')");
  return fast;
}

}  // namespace

TEST_CASE("INSERT, UPDATE and DELETE on the user's table move the sketch", "[story][content]") {
  for (char const* table :
       {"CREATE TABLE history(id INTEGER PRIMARY KEY, song, at, n, country)",
        "CREATE TABLE history(id INT PRIMARY KEY, song, at, n, country) WITHOUT ROWID"}) {
    database db = begin_tracked(table);
    db.exec(
        "INSERT INTO history VALUES (1, 'a', unixepoch(), 3, 'de'), (2, 'b', unixepoch(), 1, "
        "'fr')");
    CHECK(both(db) == "a=3 b=1");
    db.exec("UPDATE history SET n = 5 WHERE id = 2");
    CHECK(both(db) == "b=5 a=3");
    db.exec("UPDATE history SET song = 'c', country = 'de' WHERE id = 2");
    CHECK(both(db) == "c=5 a=3");
    CHECK(top(db, "'1hour', 10, 's', 'fast', NULL, 'de'") == "c=5 a=3");
    CHECK(top(db, "'1hour', 10, 's', 'fast', NULL, 'fr'").empty());
    db.exec("DELETE FROM history WHERE id = 1");
    CHECK(both(db) == "c=5");
  }
}

TEST_CASE("the sketch follows the user's transaction, back too", "[story][content]") {
  database db = begin_tracked();
  db.exec("INSERT INTO history VALUES (1, 'a', unixepoch(), 1, NULL)");
  db.exec("BEGIN; INSERT INTO history VALUES (2, 'a', unixepoch(), 1, NULL); ROLLBACK");
  CHECK(both(db) == "a=1");
  db.exec("BEGIN; SAVEPOINT x; DELETE FROM history; ROLLBACK TO x; COMMIT");
  CHECK(both(db) == "a=1");
}

TEST_CASE("rows without item or ts are not counted, a NULL weight is 1", "[story][content]") {
  database db = begin_tracked();
  db.exec(
      "INSERT INTO history VALUES (1, NULL, unixepoch(), 1, NULL), (2, 'a', NULL, 1, NULL), "
      "(3, 'b', unixepoch(), NULL, NULL), (4, 'c', '2027-01-15 08:00:00', '2', NULL)");
  CHECK(both(db) == "c=2 b=1");
  db.exec("DELETE FROM history WHERE id = 3");
  CHECK(both(db) == "c=2");
}

TEST_CASE("what the stream can't take never fails the user's own INSERT", "[story][content]") {
  database db = begin_tracked();
  db.exec(
      "INSERT INTO history VALUES (1, 'far', unixepoch() + 100000, 1, NULL), "
      "(2, 'heavy', unixepoch(), 'much', NULL), (3, printf('%.2000c', 'x'), unixepoch(), 1, NULL), "
      "(4, 'odd', 'yesterday', 1, NULL), (5, 'good', unixepoch(), 1, NULL)");
  CHECK(number(db, "SELECT count(*) FROM history") == 5);
  CHECK(top(db, "'1hour', 10, 's'") == "good=1");
  CHECK(stat(db, "s", "rejected") == 4);
}

TEST_CASE("a far-future row counts after a rebuild in its time", "[story][content]") {
  database db = begin_tracked();
  db.exec("INSERT INTO history VALUES (1, 'later', unixepoch() + 600, 1, NULL)");
  CHECK(top(db, "'1hour', 10, 's'").empty());
  set_clock(start + 700);
  db.exec("INSERT INTO s(s) VALUES('rebuild')");
  CHECK(both(db) == "later=1");
}

TEST_CASE("rebuild reads the table that was there before", "[story][content]") {
  database db = begin_story();
  db.exec(
      "CREATE TABLE history(song, at, n, country); INSERT INTO history SELECT value % 5, "
      "unixepoch() - "
      "value, 1, NULL FROM " +
      series(1, 1000));
  db.exec(stream);
  CHECK(top(db, "'1hour', 10, 's'").empty());
  db.exec("INSERT INTO s(s) VALUES('rebuild')");
  CHECK(both(db) == "0=200 1=200 2=200 3=200 4=200");
}

TEST_CASE("triggers work for a schema that is not trusted", "[story][content]") {
  database db = begin_tracked();
  db.exec("PRAGMA trusted_schema=OFF; INSERT INTO history VALUES (1, 'a', unixepoch(), 1, NULL)");
  CHECK(both(db) == "a=1");
}

TEST_CASE("DROP of the stream and untrack leave no trigger", "[story][content]") {
  database db = begin_tracked();
  CHECK(number(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") == 3);
  db.exec("INSERT INTO s(s) VALUES('untrack')");
  CHECK(number(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") == 0);
  db.exec("INSERT INTO s(s) VALUES('track'); INSERT INTO s(s) VALUES('track')");
  CHECK(number(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") == 3);
  db.exec("ALTER TABLE s RENAME TO t; INSERT INTO history VALUES (1, 'a', unixepoch(), 1, NULL)");
  CHECK(top(db, "'1hour', 10, 't'") == "a=1");
  db.exec("DROP TABLE t; INSERT INTO history VALUES (2, 'a', unixepoch(), 1, NULL)");
  CHECK(number(db, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") == 0);
}

TEST_CASE("content must be an ordinary table with the named columns", "[story][content]") {
  database db = begin_story();
  db.exec(
      "CREATE TABLE t(song, at); CREATE VIEW v AS SELECT * FROM t; CREATE VIRTUAL TABLE o USING "
      "topk_stream()");
  auto const make = [](std::string const& content, std::string const& more) {
    return "CREATE VIRTUAL TABLE s USING topk_stream(content='" + content +
           "', item='song', ts='at'" + more + ")";
  };
  fails(db, make("missing", ""), SQLITE_ERROR, {"missing", "no such table"});
  fails(db, make("v", ""), SQLITE_ERROR, {"v", "view"});
  fails(db, make("o", ""), SQLITE_ERROR, {"o", "virtual"});
  fails(db, make("o_log", ""), SQLITE_ERROR, {"o_log", "shadow"});
  fails(db, make("sqlite_schema", ""), SQLITE_ERROR, {"sqlite_schema"});
  fails(db, make("t", ", weight='kilos'"), SQLITE_ERROR, {"kilos"});
  CHECK(names_like(db, "s_").empty());
}

TEST_CASE("a renamed content table or column is a clear error", "[story][content]") {
  database db = begin_tracked();
  db.exec(
      "INSERT INTO history VALUES (1, 'a', unixepoch(), 1, NULL); ALTER TABLE history RENAME TO "
      "past");
  fails(db, "SELECT * FROM topk('1hour', 10, 's', 'exact')", SQLITE_ERROR, {"history"});
  CHECK(top(db, "'1hour', 10, 's'") == "a=1");
  db.exec("ALTER TABLE past RENAME TO history; ALTER TABLE history RENAME COLUMN song TO title");
  fails(db, "SELECT * FROM topk('1hour', 10, 's', 'exact')", SQLITE_ERROR, {"song"});
}

TEST_CASE("reading the stream reads the content table", "[story][content]") {
  database db = begin_tracked();
  db.exec(
      "INSERT INTO history VALUES (1, 'a', unixepoch(), NULL, NULL), (2, NULL, unixepoch(), 1, "
      "NULL)");
  CHECK(pairs(db, "SELECT item, weight FROM s") == "a=1");
}

TEST_CASE("last_insert_rowid is the user's after a tracked INSERT", "[story][content]") {
  database db = begin_tracked();
  db.exec("INSERT INTO history VALUES (777, 'a', unixepoch(), 1, NULL)");
  CHECK(number(db, "SELECT last_insert_rowid()") == 777);
}
