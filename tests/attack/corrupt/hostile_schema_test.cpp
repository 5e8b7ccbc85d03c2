// A schema made to call us with odd arguments: views, triggers, defaults, generated columns,
// content=.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "forgery.hpp"
#include "hostile_file.hpp"

using namespace topk::test;

namespace {

std::vector<std::string> const odd = {"NULL",
                                      "0",
                                      "-1",
                                      "1",
                                      "9223372036854775807",
                                      "-9223372036854775808",
                                      "1e300",
                                      "-1e300",
                                      "9e999",
                                      "0.1",
                                      "''",
                                      "'all'",
                                      "'latest'",
                                      "'exact'",
                                      "'hybrid'",
                                      "'s'",
                                      "'1min'",
                                      "'main.s'",
                                      "'\"'",
                                      "'.'",
                                      "x''",
                                      "x'00ff'",
                                      "zeroblob(1000000)",
                                      "hex(zeroblob(1000000))",
                                      "char(0, 55296, 1114111)",
                                      "'2027-01-15'",
                                      "'P999999999999W'",
                                      "'0s'",
                                      "CAST(x'ff80' AS TEXT)"};

// An odd argument gets an answer, or an error that says something. Never one of SQLite's own
// alarms.
void is_answered(database& db, std::string const& sql) {
  count_input();
  outcome const got = db.attempt(sql);
  INFO(sql.substr(0, 400) << "\ncode " << got.code << ": " << got.message.substr(0, 400));
  if (got.ok()) return;
  if (got.message.empty() || got.message == "SQL logic error") FAIL_CHECK("no message");
  bool const is_known = got.code == SQLITE_ERROR || got.code == SQLITE_CONSTRAINT ||
                        got.code == SQLITE_TOOBIG || got.code == SQLITE_READONLY ||
                        got.code == SQLITE_CORRUPT || got.code == SQLITE_MISMATCH;
  if (!is_known) FAIL_CHECK("another code");
}

database prepared_stream(int trusted) {
  database db = begin_story();
  sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, trusted, nullptr);
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item, ts, partition) "
      "SELECT value % 7, unixepoch() - value, value % 2 FROM " +
      series(1, 200));
  return db;
}

}  // namespace

TEST_CASE("functions in views are answered whatever their arguments", "[corrupt][schema]") {
  for (int trusted : {0, 1}) {
    database db = prepared_stream(trusted);
    using function = std::pair<std::string, std::vector<std::string>>;
    for (auto const& [name, usual] :
         {function{"topk", {"'1min'", "10", "'s'", "'fast'", "'latest'", "1"}},
          function{"topk_count", {"'1min'", "3", "'s'", "'fast'", "'latest'", "1"}},
          function{"topk_series", {"'1min'", "'10s'", "3", "'s'", "'fast'", "'latest'", "1"}},
          function{"topk_spans", {"'1min'", "'s'", "'latest'", "1", "7", "2"}},
          function{"topk_state", {"'1min'", "'s'", "'latest'", "1", "7", "2"}},
          function{
              "topk_trending",
              {"'1min'", "10", "'s'", "'fast'", "'latest'", "1", "'5min'", "'fall'", "'time'"}}}) {
      for (std::size_t at = 0; at < usual.size(); ++at) {
        for (auto const& one : odd) {
          std::string call;
          for (std::size_t i = 0; i < usual.size(); ++i) {
            call += (i == 0 ? "" : ", ") + (i == at ? one : usual[i]);
          }
          std::string const select = name == "topk_state" ? "SELECT " : "SELECT * FROM ";
          db.exec("DROP VIEW IF EXISTS v; CREATE VIEW v AS " + select + name + "(" + call + ")");
          is_answered(db, "SELECT * FROM v");
        }
      }
    }
    for (auto const& one : odd) {
      is_answered(db, "SELECT * FROM topk_stats(" + one + ")");
      is_answered(db, "SELECT * FROM s WHERE ts > " + one + " AND ts < " + one);
    }
  }
}

TEST_CASE("a trigger may insert anything", "[corrupt][schema]") {
  for (int trusted : {0, 1}) {
    database db = prepared_stream(trusted);
    db.exec("CREATE TABLE t(x)");
    for (char const* column : {"item", "ts", "weight", "\"partition\"", "s"}) {
      for (auto const& one : odd) {
        std::string const name(column);
        std::string const columns = name == "item" ? "item" : "item, " + name;
        std::string const row = name == "item" ? one : "'x', " + one;
        db.exec(
            "DROP TRIGGER IF EXISTS t_in; CREATE TRIGGER t_in AFTER INSERT ON t BEGIN INSERT INTO "
            "s(" +
            columns + ") SELECT " + row + "; END");
        is_answered(db, "INSERT INTO t VALUES (1)");
      }
    }
    for (auto const& one : odd) {
      db.exec(
          "DROP TRIGGER IF EXISTS t_in; CREATE TRIGGER t_in AFTER INSERT ON t BEGIN "
          "INSERT INTO cms_add(item, ts, weight) SELECT " +
          one + ", " + one + ", " + one + "; END");
      is_answered(db, "INSERT INTO t VALUES (1)");
    }
    db.exec("DROP TRIGGER t_in; INSERT INTO s(s) VALUES ('integrity-check')");
  }
}

TEST_CASE("our scalars in generated columns, indexes and defaults do no harm",
          "[corrupt][schema]") {
  for (int trusted : {0, 1}) {
    database db = prepared_stream(trusted);
    is_answered(
        db,
        "CREATE TABLE g(a, b GENERATED ALWAYS AS (topk_version()), c DEFAULT (topk_version()))");
    is_answered(db, "INSERT INTO g(a) VALUES (1); SELECT * FROM g");
    is_answered(db, "CREATE INDEX i ON g(topk_version()); REINDEX");
    is_answered(db, "CREATE TABLE h(a CHECK ((SELECT count(*) FROM topk('1min', 1, 's')) = 0))");
  }
}

// Streams of whatever options, as a file may hold them: only xConnect sees those, not xCreate.
TEST_CASE("content= reads an ordinary table of its own schema, and nothing else",
          "[corrupt][schema]") {
  for (char const* content : {"s",
                              "S",
                              "s_pane",
                              "s_config",
                              "s_block",
                              "sqlite_schema",
                              "sqlite_master",
                              "sqlite_sequence",
                              "other",
                              "other_block",
                              "a_view",
                              "cms_add",
                              "topk",
                              "topk_stats",
                              "pragma_table_list",
                              "dbstat",
                              "temp.t",
                              "no_such",
                              "\"\"\"\"",
                              "f",
                              "f_data"}) {
    for (int trusted : {0, 1}) {
      scratch_directory folder;
      {
        database db = begin_story(folder.file("a.db"));
        db.exec(
            "CREATE TABLE t(item, ts); INSERT INTO t VALUES (1, unixepoch()); "
            "CREATE VIEW a_view AS SELECT * FROM topk('all', 10, 's', 'exact'); "
            "CREATE VIRTUAL TABLE other USING topk_stream(); "
            "CREATE VIRTUAL TABLE f USING fts5(item, ts); "
            "CREATE VIRTUAL TABLE s USING topk_stream(content=t)");
      }
      {
        database plain(folder.file("a.db"));
        plain.exec("PRAGMA writable_schema = ON");
        plain.query(
            "UPDATE sqlite_schema SET sql = replace(sql, 'content=t', 'content=' || ?1) WHERE name "
            "= 's'",
            {value::text(value::text(content).literal())});
      }
      database db = connect(folder.file("a.db"));
      sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, trusted, nullptr);
      INFO(content);
      for (char const* sql :
           {"SELECT * FROM topk('all', 10, 's', 'exact')",
            "SELECT * FROM topk('all', 10, 's', 'hybrid')", "SELECT * FROM s",
            "INSERT INTO s(s) VALUES ('rebuild')", "INSERT INTO s(s) VALUES ('track')",
            "INSERT INTO s(s) VALUES ('integrity-check')"}) {
        is_answered(db, sql);
      }
      CHECK_FALSE(db.attempt("INSERT INTO s(s) VALUES ('rebuild')").ok());
      CHECK(db.attempt("DROP TABLE s").ok());
    }
  }
}

TEST_CASE("options that a file was made to hold are refused or harmless", "[corrupt][schema]") {
  for (char const* options :
       {"k=100000, memory=1TiB", "windows='1s', retain='10000 years'", "windows='10 years'", "k=-1",
        "memory=1", "windows=''",
        "windows='1s,2s,3s,4s,5s,6s,7s,8s,9s,10s,11s,12s,13s,14s,15s,16s'",
        "seed=-9223372036854775808", "retain='99999999999999999999s'", "max_partitions=0",
        "max_item_bytes=1", "item=x", "content=t, item='\"', ts=') OR 1 --'",
        "content=t, weight=', load_extension(1)'", "nothing", "a=b", "=", "'", "k=k=k"}) {
    scratch_directory folder;
    {
      database db = begin_story(folder.file("a.db"));
      db.exec(
          "CREATE TABLE t(item, ts); INSERT INTO t VALUES (1, unixepoch()); "
          "CREATE VIRTUAL TABLE s USING topk_stream(k=7); INSERT INTO s(item, partition) SELECT "
          "value, 1 FROM " +
          series(1, 30));
    }
    {
      database plain(folder.file("a.db"));
      plain.exec("PRAGMA writable_schema = ON");
      plain.query("UPDATE sqlite_schema SET sql = replace(sql, 'k=7', ?1) WHERE name = 's'",
                  {value::text(options)});
    }
    database db = connect(folder.file("a.db"));
    INFO(options);
    for (char const* sql :
         {"SELECT * FROM topk('all', 10, 's')", "SELECT * FROM topk('all', 10, 's', 'hybrid')",
          "SELECT * FROM s", "INSERT INTO s(item, partition) VALUES (1, 2)",
          "INSERT INTO s(s) VALUES ('optimize')", "INSERT INTO s(s) VALUES ('integrity-check')",
          "INSERT INTO s(s) VALUES ('rebuild')", "SELECT * FROM topk('all', 10, 's')"}) {
      is_answered(db, sql);
    }
  }
}
