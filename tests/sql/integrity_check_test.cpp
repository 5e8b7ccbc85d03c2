// SQLite's own PRAGMA integrity_check, which asks the streams too from 3.44 on: quiet where all is
// sound, and in words of ours where it is not.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

bool asks_streams() { return sqlite3_libversion_number() >= 3'044'000; }

// A folded stream `s` with a log and partitions, and a table beside it.
void prepare(std::string const& path) {
  database db = begin_story(path);
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(seed=1); CREATE TABLE beside(x NOT NULL);"
      "INSERT INTO s(item, ts, partition) SELECT value % 97, unixepoch() - value % 50, value % 2 "
      "FROM " +
      series(1, 2000) +
      "; INSERT INTO s(s) VALUES('optimize'); INSERT INTO s(item) VALUES ('in the tail')");
}

std::string told(database& db, std::string const& pragma = "PRAGMA integrity_check") {
  outcome const got = db.attempt(pragma);
  return to_text(got.rows) + got.message;
}

std::string const ok = to_text({{value::text("ok")}});

}  // namespace

TEST_CASE("integrity_check is quiet of sound streams of every kind", "[story][integrity]") {
  scratch_directory folder;
  std::string const path = folder.file("a.db");
  database db = begin_story(path);
  db.exec("ATTACH " + value::text(folder.file("b.db")).literal() +
          " AS aux; CREATE TABLE history(song, at);"
          "CREATE VIRTUAL TABLE logged USING topk_stream(memory=16384, k=5);"
          "CREATE VIRTUAL TABLE unlogged USING topk_stream(log=off, memory=16384, k=5);"
          "CREATE VIRTUAL TABLE tracked USING topk_stream(content='history', item='song', ts='at');"
          "INSERT INTO tracked(tracked) VALUES('track');"
          "CREATE VIRTUAL TABLE aux.apart USING topk_stream(windows='1min')");
  CHECK(told(db) == ok);
  for (char const* to : {"logged(item, ts)", "unlogged(item, ts)", "history(song, at)",
                         "apart(item, ts)", "cms_add(item, ts)"}) {
    db.exec("INSERT INTO " + std::string(to) +
            " SELECT value * value % 1013, unixepoch() - value % 3000 FROM " + series(1, 3000));
  }
  db.exec("DELETE FROM history WHERE song < 100");
  for (char const* pragma :
       {"PRAGMA integrity_check", "PRAGMA quick_check", "PRAGMA aux.integrity_check",
        "PRAGMA integrity_check(logged)", "PRAGMA integrity_check(unlogged)"}) {
    INFO(pragma);
    CHECK(told(db, pragma) == ok);
    db.exec(
        "BEGIN; INSERT INTO logged(item) VALUES ('pending'); INSERT INTO unlogged(item) VALUES "
        "('pending')");
    CHECK(told(db, pragma) == ok);
    db.exec("ROLLBACK");
  }
  database other = connect("file:" + path + "?mode=ro", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  CHECK(told(other) == ok);
  database frozen =
      connect("file:" + path + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  CHECK(told(frozen) == ok);
  set_clock(start + 40 * one_day);  // all has expired, and nothing was pruned
  CHECK(told(db) == ok);
}

TEST_CASE("integrity_check names the stream and the damage", "[story][integrity]") {
  if (!asks_streams()) return;
  for (char const* damage :
       {"UPDATE s_pane SET body = substr(body, 1, 10)", "UPDATE s_pane SET body = 'text'",
        "UPDATE s_part SET body = zeroblob(length(body))", "UPDATE s_pane SET pane = pane + 1000",
        "UPDATE s_log SET weight = weight + 1", "DELETE FROM s_pane", "DELETE FROM s_part",
        "UPDATE s_log SET weight = 'heavy'", "UPDATE s_tail SET weight = 9223372036854775807",
        "UPDATE s_tail SET weight = 'heavy'",
        "UPDATE s_config SET value = substr(value, 1, 5) WHERE key = 'head'",
        "UPDATE s_config SET value = zeroblob(length(value)) WHERE key = 'head'"}) {
    scratch_directory folder;
    prepare(folder.file("a.db"));
    {
      database plain(folder.file("a.db"));
      plain.exec(damage);
    }
    INFO(damage);
    database db = connect(folder.file("a.db"));
    std::string const found = told(db);
    CHECK(found != ok);
    CHECK_THAT(found, Catch::Contains("s\""));
    CHECK_THAT(found, !Catch::Contains("disk image is malformed"));
    CHECK(told(db, "PRAGMA integrity_check(beside)") == ok);
    CHECK(number(db, "SELECT count(*) FROM beside") == 0);
  }
}

TEST_CASE("damage of a stream does not keep integrity_check from other tables",
          "[story][integrity]") {
  if (!asks_streams()) return;
  scratch_directory folder;
  prepare(folder.file("a.db"));
  {
    database plain(folder.file("a.db"));
    plain.exec(
        "UPDATE s_pane SET body = substr(body, 1, 10); UPDATE s_log SET weight = 'heavy'; INSERT "
        "INTO beside VALUES (1);"
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE beside(x NOT "
        "NULL, y NOT NULL)' "
        "WHERE name = 'beside'");
  }
  database db = connect(folder.file("a.db"));
  outcome const got = db.attempt("PRAGMA integrity_check");
  INFO(to_text(got.rows) << got.message);
  CHECK(got.ok());
  CHECK_THAT(to_text(got.rows), Catch::Contains("stream \"main\".\"s\""));
  CHECK_THAT(to_text(got.rows), Catch::Contains("NULL value in beside.y"));
}

TEST_CASE("an interrupted integrity_check tells of no damage", "[story][integrity]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) SELECT value FROM " +
          series(1, 20000));
  int left = 200;
  sqlite3_progress_handler(
      db.handle(), 100, [](void* calls) { return --*static_cast<int*>(calls) < 0 ? 1 : 0; }, &left);
  outcome const got = db.attempt("PRAGMA integrity_check");
  sqlite3_progress_handler(db.handle(), 0, nullptr, nullptr);
  CHECK(got.code == SQLITE_INTERRUPT);
  CHECK(got.rows.empty());
  CHECK(told(db) == ok);
}
