// Names of streams: RENAME, attached and TEMP schemas, odd names, names that may not be used.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

std::string const all_shadows = " t_config t_keys t_log t_pane t_part t_tail";

database with_stream(std::string const& path = ":memory:") {
  database db = begin_story(path);
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('x'), ('y'), ('x')");
  return db;
}

// The literal of a text, for use as an argument.
std::string quoted(std::string const& bytes) { return value::text(bytes).literal(); }

}  // namespace

TEST_CASE("ALTER TABLE RENAME takes every shadow table along", "[story][names]") {
  database db = with_stream();
  db.exec("ALTER TABLE s RENAME TO t");
  CHECK(names_like(db, "s").empty());
  CHECK(names_like(db, "t") == "t" + all_shadows);
  CHECK(top(db, "'1min', 10, 't'") == "x=2 y=1");
  db.exec(
      "INSERT INTO t(item) VALUES ('y'), ('y'); INSERT INTO t(t) VALUES('optimize');"
      "INSERT INTO t(t) VALUES('integrity-check')");
  CHECK(top(db, "'1min', 10, 't'") == "y=3 x=2");
  CHECK(top(db, "'1min', 10, 't', 'exact'") == "y=3 x=2");
  fails(db, "SELECT * FROM topk('1min', 10, 's')", SQLITE_ERROR, {"s"});
}

TEST_CASE("RENAME between uncommitted events keeps the events of both sides", "[story][names]") {
  scratch_directory folder;
  database db = with_stream(folder.file("a.db"));
  db.exec(
      "BEGIN; INSERT INTO s(item) VALUES ('a'); ALTER TABLE s RENAME TO t;"
      "INSERT INTO t(item) VALUES ('b')");
  CHECK(top(db, "'1min', 10, 't'") == "x=2 a=1 b=1 y=1");
  db.exec("COMMIT");
  CHECK(top(db, "'1min', 10, 't'") == "x=2 a=1 b=1 y=1");
  database other = connect(folder.file("a.db"));
  CHECK(top(other, "'1min', 10, 't', 'exact'") == "x=2 a=1 b=1 y=1");
  CHECK(top(other, "'1min', 10, 't'") == "x=2 a=1 b=1 y=1");
}

TEST_CASE("a RENAME that is rolled back leaves the old name and none of the events",
          "[story][names]") {
  database db = with_stream();
  std::string const before = snapshot(db, "s");
  db.exec(
      "BEGIN; INSERT INTO s(item) VALUES ('a'); ALTER TABLE s RENAME TO t;"
      "INSERT INTO t(item) VALUES ('b'); ROLLBACK");
  CHECK(snapshot(db, "s") == before);
  CHECK(names_like(db, "t").empty());
  db.exec("INSERT INTO s(item) VALUES ('z')");
  CHECK(top(db, "'1min', 10, 's'") == "x=2 y=1 z=1");
}

TEST_CASE("a name swapped between two streams serves the right one", "[story][names]") {
  database db = with_stream();
  db.exec("CREATE VIRTUAL TABLE t USING topk_stream(); INSERT INTO t(item) VALUES ('other')");
  CHECK(top(db, "'1min', 10, 's'") == "x=2 y=1");
  db.exec("ALTER TABLE s RENAME TO u; ALTER TABLE t RENAME TO s; ALTER TABLE u RENAME TO t");
  CHECK(top(db, "'1min', 10, 's'") == "other=1");
  CHECK(top(db, "'1min', 10, 't'") == "x=2 y=1");
}

TEST_CASE("RENAME onto an existing table fails and changes nothing", "[story][names]") {
  database db = with_stream();
  db.exec("CREATE TABLE t(a); CREATE TABLE u_pane(a)");
  fails_without_trace(db, "s", "ALTER TABLE s RENAME TO t", SQLITE_ERROR, {"t"});
  fails_without_trace(db, "s", "ALTER TABLE s RENAME TO u", SQLITE_ERROR, {"u_pane"});
  db.exec("INSERT INTO s(item) VALUES ('z')");
  CHECK(top(db, "'1min', 10, 's'") == "x=2 y=1 z=1");
}

TEST_CASE("a stream in an attached database is read and written under its schema's name",
          "[story][names]") {
  scratch_directory folder;
  database db = begin_story();
  db.exec("ATTACH '" + folder.file("aux.db") +
          "' AS aux; CREATE VIRTUAL TABLE aux.plays USING "
          "topk_stream(); INSERT INTO aux.plays(item) VALUES ('x'), ('x'), ('y')");
  CHECK(top(db, "'1min', 10, 'aux.plays'") == "x=2 y=1");
  CHECK(top(db, "'1min', 10, 'plays'") == "x=2 y=1");
  CHECK(top(db, "'1min', 10, 'aux.plays', 'exact'") == "x=2 y=1");
  CHECK(pairs(db, "SELECT item, weight FROM aux.plays ORDER BY item LIMIT 1") == "x=1");
  CHECK(names_like(db, "plays").empty());
  CHECK(names_like(db, "plays", "aux") ==
        "plays plays_config plays_keys plays_log plays_pane plays_part plays_tail");
  fails(db, "SELECT * FROM topk('1min', 10, 'main.plays')", SQLITE_ERROR, {"main.plays"});
  database direct = connect(folder.file("aux.db"));
  CHECK(top(direct, "'1min', 10, 'plays'") == "x=2 y=1");
}

TEST_CASE("streams of one name in two schemas are two streams", "[story][names]") {
  scratch_directory folder;
  database db = begin_story(folder.file("main.db"));
  db.exec(
      "ATTACH '" + folder.file("aux.db") +
      "' AS aux;"
      "CREATE VIRTUAL TABLE main.plays USING topk_stream();"
      "CREATE VIRTUAL TABLE aux.plays USING topk_stream();"
      "BEGIN; INSERT INTO main.plays(item) VALUES ('m'); INSERT INTO aux.plays(item) VALUES ('a');"
      "INSERT INTO plays(item) VALUES ('m'); COMMIT");
  CHECK(top(db, "'1min', 10, 'main.plays'") == "m=2");
  CHECK(top(db, "'1min', 10, 'aux.plays'") == "a=1");
  CHECK(top(db, "'1min', 10, 'plays'") == "m=2");
  db.exec(
      "BEGIN; INSERT INTO main.plays(item) VALUES ('no'); INSERT INTO aux.plays(item) VALUES "
      "('no');"
      "ROLLBACK");
  CHECK(top(db, "'1min', 10, 'main.plays'") == "m=2");
  CHECK(top(db, "'1min', 10, 'aux.plays'") == "a=1");
}

TEST_CASE("another file attached under the same name is the one that answers", "[story][names]") {
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

TEST_CASE("a stream is found where the host has given main another name", "[story][names]") {
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

TEST_CASE("another connection's commits to an attached stream are seen", "[story][names]") {
  scratch_directory folder;
  database db = begin_story(folder.file("main.db"));
  db.exec("CREATE TABLE unrelated(x); ATTACH '" + folder.file("aux.db") +
          "' AS aux; CREATE VIRTUAL TABLE aux.plays USING topk_stream()");
  database other = connect(folder.file("aux.db"));
  for (int count = 1; count <= 3; ++count) {
    other.exec("INSERT INTO plays(item) VALUES ('x')");
    CHECK(top(db, "'1min', 10, 'aux.plays'") == "x=" + std::to_string(count));
  }
  other.exec("INSERT INTO plays(plays) VALUES('optimize'); INSERT INTO plays(item) VALUES ('x')");
  CHECK(top(db, "'1min', 10, 'aux.plays'") == "x=4");
  CHECK(top(db, "'1min', 10, 'aux.plays', 'exact'") == "x=4");
}

TEST_CASE("a TEMP stream works, and hides one of the same name in main", "[story][names]") {
  database db = with_stream();
  db.exec("CREATE VIRTUAL TABLE temp.s USING topk_stream(); INSERT INTO temp.s(item) VALUES ('t')");
  CHECK(top(db, "'1min', 10, 'temp.s'") == "t=1");
  CHECK(top(db, "'1min', 10, 's'") == "t=1");
  CHECK(top(db, "'1min', 10, 'main.s'") == "x=2 y=1");
  CHECK(top(db, "'1min', 10, 'temp.s', 'exact'") == "t=1");
  db.exec("BEGIN; INSERT INTO temp.s(item) VALUES ('t'); ROLLBACK; DROP TABLE temp.s");
  CHECK(top(db, "'1min', 10, 's'") == "x=2 y=1");
}

TEST_CASE("odd names work everywhere when quoted", "[story][names]") {
  for (char const* name : {"weird \"name", "select", "o'd d", "a.b", "UPPER lower", "\xC3\xBC%s%w",
                           "1st", "s_log", "-- no", "[x]"}) {
    database db = begin_story();
    std::string const id = quoted_name(name);
    std::string const argument = quoted(id);
    INFO(id);
    db.exec("CREATE VIRTUAL TABLE " + id + " USING topk_stream(); INSERT INTO " + id +
            "(item, partition) VALUES ('x', 'p'), ('y', NULL)");
    CHECK(top(db, "'1min', 10, " + argument) == "x=1 y=1");
    CHECK(top(db, "'1min', 10, " + argument + ", 'exact'") == "x=1 y=1");
    CHECK(top(db, "'1min', 10, " + quoted("main." + id) + ", 'hybrid'") == "x=1 y=1");
    db.exec("INSERT INTO " + id + "(" + id + ") VALUES('optimize')");
    db.exec("INSERT INTO " + id + "(" + id + ", item) VALUES('forget', 'y')");
    CHECK(pairs(db, "SELECT t.item, t.count FROM topk_stats s, topk('1min', 10, s.stream) t") ==
          "x=1");
    db.exec("ALTER TABLE " + id +
            " RENAME TO plain; INSERT INTO plain(item) VALUES ('x');"
            "ALTER TABLE plain RENAME TO " +
            id + "; INSERT INTO " + id + "(item) VALUES ('x')");
    CHECK(top(db, "'1min', 10, " + argument) == "x=3");
    db.exec("DROP TABLE " + id);
    CHECK(number(db, "SELECT count(*) FROM sqlite_schema") == 0);
  }
}

TEST_CASE("a name without a dot or a double quote needs no quotes in the argument",
          "[story][names]") {
  for (char const* name : {"select", "o'd d", "UPPER lower", "-- no"}) {
    database db = begin_story();
    db.exec("CREATE VIRTUAL TABLE " + quoted_name(name) + " USING topk_stream(); INSERT INTO " +
            quoted_name(name) + "(item) VALUES ('x')");
    INFO(name);
    CHECK(top(db, "'1min', 10, " + quoted(name)) == "x=1");
    CHECK(top(db, "'1min', 10, " + quoted("main." + std::string(name))) == "x=1");
  }
}

TEST_CASE("names of streams ignore case, as SQLite's do", "[story][names]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE Plays USING topk_stream(); INSERT INTO pLAYS(item) VALUES ('x')");
  CHECK(top(db, "'1min', 10, 'PLAYS'") == "x=1");
  CHECK(top(db, "'1min', 10, 'MAIN.plays'") == "x=1");
  CHECK(top(db, "'1min', 10, 'Plays', 'exact'") == "x=1");
  db.exec("INSERT INTO plays(PLAYS) VALUES('optimize'); ALTER TABLE PLAYS RENAME TO Songs");
  CHECK(top(db, "'1min', 10, 'songs'") == "x=1");
}

TEST_CASE("a schema with a dot in its name is reached by quotes", "[story][names]") {
  database db = begin_story();
  db.exec(
      "ATTACH ':memory:' AS \"my.aux\"; CREATE VIRTUAL TABLE \"my.aux\".s USING topk_stream();"
      "INSERT INTO \"my.aux\".s(item) VALUES ('x')");
  CHECK(top(db, "'1min', 10, '\"my.aux\".s'") == "x=1");
  CHECK(pairs(db, "SELECT t.item, t.count FROM topk_stats s, topk('1min', 1, s.stream) t") ==
        "x=1");
}

TEST_CASE("names of our columns and modules are refused by CREATE", "[story][names]") {
  for (char const* name : {"item", "ts", "weight", "partition", "topk", "cms_add", "topk_stream",
                           "topk_count", "topk_stats", "TOPK", "Weight"}) {
    database db = begin_story();
    fails(db, "CREATE VIRTUAL TABLE " + std::string(name) + " USING topk_stream()", SQLITE_ERROR,
          {name});
    CHECK(number(db, "SELECT count(*) FROM sqlite_schema") == 0);
  }
}

TEST_CASE("names of our columns and modules are refused by RENAME, and the stream goes on",
          "[story][names]") {
  for (char const* name : {"item", "ts", "weight", "partition", "topk", "cms_add", "topk_stream",
                           "topk_count", "topk_stats", "TOPK", "Weight"}) {
    database db = with_stream();
    fails_without_trace(db, "s", "ALTER TABLE s RENAME TO " + std::string(name), SQLITE_ERROR,
                        {name});
    db.exec("INSERT INTO s(item) VALUES ('z')");
    CHECK(top(db, "'1min', 10, 's'") == "x=2 y=1 z=1");
  }
}

TEST_CASE("an unknown stream is named in the error", "[story][names]") {
  database db = with_stream();
  db.exec("CREATE TABLE plain(item); CREATE VIEW shown AS SELECT 1 AS item");
  fails(db, "SELECT * FROM topk('1min', 10, 'nosuch')", SQLITE_ERROR, {"stream", "nosuch"});
  fails(db, "SELECT * FROM topk('1min', 10, 'nowhere.s')", SQLITE_ERROR, {"stream", "nowhere.s"});
  fails(db, "SELECT * FROM topk('1min', 10, 'plain')", SQLITE_ERROR, {"plain"});
  fails(db, "SELECT * FROM topk('1min', 10, 'shown')", SQLITE_ERROR, {"shown"});
  fails(db, "SELECT * FROM topk('1min', 10, 's_log')", SQLITE_ERROR, {"s_log"});
  fails(db, "SELECT * FROM topk('1min', 10, '')", SQLITE_ERROR, {"stream"});
  fails(db, "SELECT * FROM topk('1min', 10, '\"s')", SQLITE_ERROR, {"stream"});
  fails(db, "SELECT * FROM topk_count('1min', 'x', 'nosuch')", SQLITE_ERROR, {"stream", "nosuch"});
}
