// DDL among events: rolled back, dropped, renamed, attached; one table may have two objects at
// once.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

// Runs each statement on a stream with 'old' folded once; it must end with `expected`, seen by this
// and by a new connection.
void comes_to(std::vector<std::string> const& story, std::string const& expected) {
  for (char const* options : {"", "log=off", "memory=65536"}) {
    for (bool const asks : {false, true}) {
      INFO("options: " << options << (asks ? ", queries between" : ""));
      scratch_directory folder;
      database db = begin_story(folder.file("a.db"));
      db.exec("CREATE VIRTUAL TABLE s USING topk_stream(" + std::string(options) +
              "); INSERT INTO s(item) VALUES ('old'); INSERT INTO s(s) VALUES('optimize')");
      for (std::string const& statement : story) {
        outcome const got = db.attempt(statement);
        INFO(statement << ": " << got.message);
        CHECK(got.ok());
        if (asks) static_cast<void>(db.attempt("SELECT * FROM topk('1min', 50, 's')"));
      }
      CHECK_FALSE(db.in_transaction());
      CHECK(top(db, "'1min', 50, 's'") == expected);
      db.exec("INSERT INTO s(s) VALUES('integrity-check')");
      database other = connect(folder.file("a.db"));
      CHECK(top(other, "'1min', 50, 's'") == expected);
      CHECK(names_like(other, "t").empty());
      CHECK(db.close() == SQLITE_OK);
    }
  }
}

std::string const a = "INSERT INTO s(item) VALUES ('a')";
std::string const b = "INSERT INTO s(item) VALUES ('b')";
std::string const c = "INSERT INTO s(item) VALUES ('c')";
std::string const many = "INSERT INTO s(item) SELECT value % 20 FROM " + series(1, 3000);

}  // namespace

TEST_CASE("DDL rolled back between events loses only its own side", "[story][ddl]") {
  comes_to({"BEGIN", a, "SAVEPOINT x", "CREATE TABLE zz(y)", "ROLLBACK TO x", b, "COMMIT"},
           "a=1 b=1 old=1");
  comes_to({"BEGIN", a, "SAVEPOINT x", b, "CREATE TABLE zz(y)", "ROLLBACK TO x", c, "COMMIT"},
           "a=1 c=1 old=1");
  comes_to({"BEGIN", a, "CREATE TABLE zz(y)", b, "ROLLBACK"}, "old=1");
  comes_to({"BEGIN", "SAVEPOINT x", "CREATE TABLE zz(y)", "ROLLBACK TO x", a, "COMMIT"},
           "a=1 old=1");
}

TEST_CASE("DDL that stays between events keeps both sides", "[story][ddl]") {
  comes_to({"BEGIN", a, "CREATE TABLE zz(y)", b, "DROP TABLE zz", c, "COMMIT"},
           "a=1 b=1 c=1 old=1");
}

TEST_CASE("DROP and ROLLBACK TO: exactly the events before the savepoint", "[story][ddl]") {
  comes_to({"BEGIN", a, "SAVEPOINT x", b, "DROP TABLE s", "ROLLBACK TO x", "COMMIT"}, "a=1 old=1");
  comes_to({"BEGIN", a, "SAVEPOINT x", b, "DROP TABLE s", "ROLLBACK TO x", c, "COMMIT"},
           "a=1 c=1 old=1");
  comes_to({"SAVEPOINT x", b, "DROP TABLE s", "ROLLBACK TO x", "RELEASE x"}, "old=1");
  comes_to({"SAVEPOINT x", b, "DROP TABLE s", "ROLLBACK TO x", c, "RELEASE x"}, "c=1 old=1");
}

TEST_CASE("RENAME and ROLLBACK TO: exactly the events before the savepoint", "[story][ddl]") {
  std::string const rename = "ALTER TABLE s RENAME TO t";
  comes_to({"BEGIN", a, "SAVEPOINT x", b, rename, "ROLLBACK TO x", "COMMIT"}, "a=1 old=1");
  comes_to({"BEGIN", a, "SAVEPOINT x", b, rename, "ROLLBACK TO x", c, "COMMIT"}, "a=1 c=1 old=1");
  comes_to({"BEGIN", a, "SAVEPOINT x", rename, "INSERT INTO t(item) VALUES ('b')", "ROLLBACK TO x",
            c, "COMMIT"},
           "a=1 c=1 old=1");
  comes_to(
      {"SAVEPOINT x", b, rename, "INSERT INTO t(item) VALUES ('b')", "ROLLBACK TO x", "RELEASE x"},
      "old=1");
}

TEST_CASE("RENAME to and fro inside one transaction keeps every event", "[story][ddl]") {
  comes_to({"BEGIN", a, "ALTER TABLE s RENAME TO t", "INSERT INTO t(item) VALUES ('b')",
            "ALTER TABLE t RENAME TO s", c, "COMMIT"},
           "a=1 b=1 c=1 old=1");
}

TEST_CASE("a DROP that is rolled back brings the stream back whole", "[story][ddl]") {
  comes_to({"BEGIN", a, "DROP TABLE s", "ROLLBACK", b}, "b=1 old=1");
  comes_to({"BEGIN", "DROP TABLE s", "ROLLBACK"}, "old=1");
}

TEST_CASE("a stream dropped and made again in one transaction starts empty", "[story][ddl]") {
  std::string const create = "CREATE VIRTUAL TABLE s USING topk_stream()";
  comes_to({"BEGIN", a, "DROP TABLE s", create, b, "COMMIT"}, "b=1");
  comes_to({"BEGIN", a, "DROP TABLE s", create, b, "ROLLBACK"}, "old=1");
  comes_to({"BEGIN", a, "SAVEPOINT x", "DROP TABLE s", create, b, "ROLLBACK TO x", c, "COMMIT"},
           "a=1 c=1 old=1");
}

TEST_CASE("rolled back DDL around a large transaction reloads what the pager restored",
          "[story][ddl]") {
  comes_to({"BEGIN", a, "SAVEPOINT x", many, "DROP TABLE s", "ROLLBACK TO x", b, "COMMIT"},
           "a=1 b=1 old=1");
  comes_to(
      {"BEGIN", a, "SAVEPOINT x", many, "ALTER TABLE s RENAME TO t", "ROLLBACK TO x", b, "COMMIT"},
      "a=1 b=1 old=1");
}

TEST_CASE("a stream created in a transaction that is rolled back is gone", "[story][ddl]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  db.exec("BEGIN; CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('x')");
  CHECK(top(db, "'1min', 10, 's'") == "x=1");
  db.exec("ROLLBACK");
  fails(db, "SELECT * FROM topk('1min', 10, 's')", SQLITE_ERROR, {"s"});
  CHECK(number(db, "SELECT count(*) FROM sqlite_schema") == 0);
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('y')");
  CHECK(top(db, "'1min', 10, 's'") == "y=1");
}

TEST_CASE("the default stream made inside a savepoint goes with it, and comes again",
          "[story][ddl]") {
  database db = begin_story();
  db.exec("BEGIN; SAVEPOINT x; INSERT INTO cms_add(item) VALUES ('a'); ROLLBACK TO x");
  CHECK(top(db).empty());
  db.exec(
      "INSERT INTO cms_add(item) VALUES ('b'); SAVEPOINT y; INSERT INTO cms_add(item) VALUES ('c');"
      "ROLLBACK TO y; COMMIT");
  CHECK(top(db) == "b=1");
}

TEST_CASE("cms_add and topk_events are one stream inside a transaction", "[story][ddl]") {
  database db = begin_story();
  db.exec(
      "INSERT INTO cms_add(item) VALUES ('a'); BEGIN; INSERT INTO cms_add(item) VALUES ('b');"
      "INSERT INTO topk_events(item) VALUES ('b'); SAVEPOINT x; INSERT INTO cms_add(item) VALUES "
      "('c');"
      "INSERT INTO topk_events(item) VALUES ('c')");
  CHECK(top(db) == "b=2 c=2 a=1");
  db.exec("ROLLBACK TO x; INSERT INTO cms_add(item) VALUES ('b'); COMMIT");
  CHECK(top(db) == "b=3 a=1");
  CHECK(top(db, "NULL, NULL, NULL, 'exact'") == "b=3 a=1");
}

TEST_CASE("renaming the default stream makes cms_add start a new one", "[story][ddl]") {
  database db = begin_story();
  db.exec(
      "INSERT INTO cms_add(item) VALUES ('a'); BEGIN; INSERT INTO cms_add(item) VALUES ('b');"
      "ALTER TABLE topk_events RENAME TO old; INSERT INTO cms_add(item) VALUES ('c'); COMMIT");
  CHECK(top(db) == "c=1");
  CHECK(top(db, "'1min', 10, 'old'") == "a=1 b=1");
}

TEST_CASE("another file attached under the same name serves its own data", "[story][ddl]") {
  scratch_directory folder;
  for (char const* name : {"one", "two"}) {
    database db = begin_story(folder.file(std::string(name) + ".db"));
    db.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('" +
            std::string(name) + "')");
  }
  database db = connect(":memory:");
  for (int turn = 0; turn < 3; ++turn) {
    for (char const* name : {"one", "two"}) {
      INFO(name << turn);
      db.exec("ATTACH '" + folder.file(std::string(name) + ".db") + "' AS aux");
      std::string const expected = std::string(name) + "=" + std::to_string(turn + 1);
      CHECK(top(db, "'1min', 10, 'aux.s'") == expected);
      CHECK(top(db, "'1min', 10, 'aux.s', 'exact'") == expected);
      db.exec("INSERT INTO aux.s(item) VALUES ('" + std::string(name) + "')");
      CHECK(top(db, "'1min', 10, 'aux.s'") == std::string(name) + "=" + std::to_string(turn + 2));
      db.exec("DETACH aux");
      fails(db, "SELECT * FROM topk('1min', 10, 'aux.s')", SQLITE_ERROR, {"aux.s"});
    }
  }
  CHECK(db.close() == SQLITE_OK);
}

TEST_CASE("two attached files take events in one transaction, or none", "[story][ddl]") {
  scratch_directory folder;
  database db = begin_story(folder.file("main.db"));
  db.exec(
      "ATTACH '" + folder.file("aux.db") +
      "' AS aux; CREATE VIRTUAL TABLE m USING topk_stream();"
      "CREATE VIRTUAL TABLE aux.x USING topk_stream();"
      "BEGIN; INSERT INTO m(item) VALUES ('a'); INSERT INTO aux.x(item) VALUES ('a'); COMMIT;"
      "BEGIN; INSERT INTO m(item) VALUES ('b'); SAVEPOINT p; INSERT INTO aux.x(item) VALUES ('b');"
      "ROLLBACK TO p; COMMIT;"
      "BEGIN; INSERT INTO m(item) VALUES ('c'); INSERT INTO aux.x(item) VALUES ('c'); ROLLBACK");
  CHECK(top(db, "'1min', 10, 'm'") == "a=1 b=1");
  CHECK(top(db, "'1min', 10, 'x'") == "a=1");
}

TEST_CASE("five streams in one transaction, the default one made in the middle", "[story][ddl]") {
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
