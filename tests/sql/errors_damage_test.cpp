// Damaged, missing and newer shadow data: a clear SQLITE_CORRUPT_VTAB, never a crash or a wrong
// count.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

// A file with a folded stream `s` and two partitions. `connect` again to see damage.
void prepare(std::string const& path, std::string const& options = "") {
  database db = begin_story(path);
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(" + options +
          "); INSERT INTO s(item, ts, partition) SELECT value % 97, unixepoch() - value % 50, "
          "value % 2 "
          "FROM " +
          series(1, 2000) + "; INSERT INTO s(s) VALUES('optimize')");
}

// Runs SQL on the file behind the extension's back.
void behind_our_back(std::string const& path, std::string const& sql) {
  database plain(path);
  plain.exec(sql);
}

// Fails as damage must: SQLITE_CORRUPT_VTAB and a message that is not SQLite's stock one.
void is_reported_as_damage(database& db, std::string const& sql) {
  INFO(sql);
  outcome const got = db.attempt(sql);
  int const extended = sqlite3_extended_errcode(db.handle());
  INFO(got.message << to_text(got.rows));
  CHECK(got.code == SQLITE_CORRUPT);
  CHECK(extended == SQLITE_CORRUPT_VTAB);
  CHECK_THAT(got.message, Catch::Contains("s"));
  CHECK(got.message != "database disk image is malformed");
  CHECK(got.message != "SQL logic error");
}

std::string const all = "SELECT * FROM topk('all', 10, 's', 'fast', 'latest')";

// Each place of the damage gives a fresh copy of the file; the query must report it.
void damage_is_reported(std::string const& damage, std::string const& query = all) {
  scratch_directory folder;
  prepare(folder.file("a.db"));
  behind_our_back(folder.file("a.db"), damage);
  INFO(damage);
  database db = connect(folder.file("a.db"));
  is_reported_as_damage(db, query);
  CHECK(number(db, "SELECT 1") == 1);
}

}  // namespace

TEST_CASE("a truncated pane is reported", "[story][damage]") {
  damage_is_reported("UPDATE s_pane SET body = substr(body, 1, 10)");
  damage_is_reported("UPDATE s_pane SET body = substr(body, 1, length(body) - 1)");
  damage_is_reported("UPDATE s_pane SET body = x''");
  damage_is_reported("UPDATE s_pane SET body = body || x'00'");
}

TEST_CASE("a pane of the wrong type is reported", "[story][damage]") {
  damage_is_reported("UPDATE s_pane SET body = 'text'");
  damage_is_reported("UPDATE s_pane SET body = 17");
  damage_is_reported("UPDATE s_pane SET body = zeroblob(length(body))");
  damage_is_reported("UPDATE s_pane SET body = randomblob(100)");
}

TEST_CASE("a flipped bit anywhere in a pane is reported", "[story][damage]") {
  scratch_directory folder;
  prepare(folder.file("a.db"));
  database plain(folder.file("a.db"));
  value const body = plain.scalar("SELECT body FROM s_pane ORDER BY length(body) DESC LIMIT 1");
  value const rowid = plain.scalar("SELECT pane FROM s_pane ORDER BY length(body) DESC LIMIT 1");
  REQUIRE(body.bytes().size() > 20);
  std::size_t const step = body.bytes().size() / 40 + 1;
  for (std::size_t at = 0; at < body.bytes().size(); at += at < 32 ? 1 : step) {
    std::string bytes = body.bytes();
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    plain.query("UPDATE s_pane SET body = ?1 WHERE body = ?2", {value::blob(bytes), body});
    INFO("byte " << at);
    database db = connect(folder.file("a.db"));
    // The check reads every pane; a query only those of its window.
    is_reported_as_damage(db, "INSERT INTO s(s) VALUES('integrity-check')");
    plain.query("UPDATE s_pane SET body = ?2 WHERE body = ?1", {value::blob(bytes), body});
  }
  database db = connect(folder.file("a.db"));
  CHECK(number(db, "SELECT count(*) FROM topk('all', 10, 's', 'fast', 'latest')") == 10);
}

TEST_CASE("a pane under another pane's number is reported by integrity-check", "[story][damage]") {
  damage_is_reported("UPDATE s_pane SET pane = pane + 1000",
                     "INSERT INTO s(s) VALUES('integrity-check')");
  damage_is_reported("UPDATE s_pane SET level = level + 1",
                     "INSERT INTO s(s) VALUES('integrity-check')");
  damage_is_reported("DELETE FROM s_pane", "INSERT INTO s(s) VALUES('integrity-check')");
}

TEST_CASE("a damaged partition summary is reported to those who ask for it", "[story][damage]") {
  std::string const one = "SELECT * FROM topk('all', 10, 's', 'fast', 'latest', 1)";
  damage_is_reported("UPDATE s_part SET body = substr(body, 1, 3)", one);
  damage_is_reported("UPDATE s_part SET body = 'text'", one);
  damage_is_reported("UPDATE s_part SET body = randomblob(60)", one);
}

TEST_CASE("a damaged or missing head is reported", "[story][damage]") {
  for (char const* damage :
       {"UPDATE s_config SET value = substr(value, 1, 5) WHERE key = 'head'",
        "UPDATE s_config SET value = zeroblob(length(value)) WHERE key = 'head'",
        "UPDATE s_config SET value = 'text' WHERE key = 'head'",
        "UPDATE s_config SET value = value || x'00' WHERE key = 'head'",
        "UPDATE s_config SET value = NULL WHERE key = 'head'",
        "DELETE FROM s_config WHERE key = 'head'"}) {
    damage_is_reported(damage);
    damage_is_reported(damage, "INSERT INTO s(item) VALUES ('x')");
  }
}

TEST_CASE("damaged rows of the tail are reported", "[story][damage]") {
  for (char const* damage :
       {"UPDATE s_tail SET ts = 'never'", "UPDATE s_tail SET item = NULL",
        "UPDATE s_tail SET weight = 'heavy'", "UPDATE s_tail SET weight = 9223372036854775807"}) {
    scratch_directory folder;
    prepare(folder.file("a.db"));
    {
      database db = connect(folder.file("a.db"));
      db.exec("INSERT INTO s(item) VALUES ('x'), ('y')");
    }
    // A schema that forbids the damage itself is as good as a message about it.
    database plain(folder.file("a.db"));
    if (!plain.attempt(damage).ok()) continue;
    INFO(damage);
    database db = connect(folder.file("a.db"));
    is_reported_as_damage(db, all);
  }
}

TEST_CASE("a hostile row of the log does not crash the exact answer", "[story][damage]") {
  for (char const* damage :
       {"UPDATE s_log SET weight = 9223372036854775807", "UPDATE s_log SET weight = 'heavy'",
        "UPDATE s_log SET item = NULL", "UPDATE s_log SET item = zeroblob(100000)"}) {
    scratch_directory folder;
    prepare(folder.file("a.db"));
    database plain(folder.file("a.db"));
    if (!plain.attempt(damage).ok()) continue;
    INFO(damage);
    database db = connect(folder.file("a.db"));
    for (char const* mode : {"exact", "hybrid"}) {
      static_cast<void>(
          db.attempt("SELECT * FROM topk('all', 10, 's', '" + std::string(mode) + "', 'latest')"));
    }
    is_reported_as_damage(db, "INSERT INTO s(s) VALUES('integrity-check')");
  }
}

TEST_CASE("events into a stream with damaged panes fail, or leave the sound part sound",
          "[story][damage]") {
  scratch_directory folder;
  prepare(folder.file("a.db"));
  behind_our_back(folder.file("a.db"), "UPDATE s_pane SET body = substr(body, 1, 10)");
  database db = connect(folder.file("a.db"));
  outcome const got = db.attempt("INSERT INTO s(item) SELECT value FROM " + series(1, 20'000));
  CHECK((got.ok() || got.code == SQLITE_CORRUPT));
  is_reported_as_damage(db, all);
  db.exec("INSERT INTO s(s) VALUES('rebuild')");
  CHECK(number(db, "SELECT count(*) FROM topk('all', 10, 's', 'fast', 'latest')") == 10);
  db.exec("INSERT INTO s(s) VALUES('integrity-check')");
}

TEST_CASE("a damaged stream can be dropped", "[story][damage]") {
  for (char const* damage :
       {"UPDATE s_pane SET body = 'text'", "DELETE FROM s_config WHERE key = 'head'",
        "DROP TABLE s_pane", "DROP TABLE s_log", "DROP TABLE s_config"}) {
    scratch_directory folder;
    prepare(folder.file("a.db"));
    behind_our_back(folder.file("a.db"), damage);
    INFO(damage);
    database db = connect(folder.file("a.db"));
    db.exec("DROP TABLE s");
    CHECK(names_like(db, "s").empty());
  }
}

TEST_CASE("a shadow table dropped behind our back is named", "[story][damage]") {
  for (char const* suffix : {"config", "pane", "tail", "keys", "part"}) {
    scratch_directory folder;
    prepare(folder.file("a.db"));
    behind_our_back(folder.file("a.db"), "DROP TABLE s_" + std::string(suffix));
    INFO(suffix);
    database db = connect(folder.file("a.db"));
    for (std::string const& sql :
         {std::string("SELECT * FROM topk('all', 10, 's', 'fast', 'latest', 1)"),
          std::string("INSERT INTO s(item, partition) SELECT value, value % 5 FROM ") +
              series(1, 9000)}) {
      bool const needs_it = std::string(suffix) != "keys" || sql.starts_with("INSERT");
      if (!needs_it) continue;
      outcome const got = db.attempt(sql);
      INFO(sql << ": " << got.message);
      CHECK_FALSE(got.ok());
      CHECK_THAT(got.message, Catch::Contains("s_" + std::string(suffix)));
    }
  }
}

TEST_CASE("a log dropped behind our back is named by exact, and fast goes on", "[story][damage]") {
  scratch_directory folder;
  prepare(folder.file("a.db"));
  behind_our_back(folder.file("a.db"), "DROP TABLE s_log");
  database db = connect(folder.file("a.db"));
  outcome const got = db.attempt("SELECT * FROM topk('all', 10, 's', 'exact', 'latest')");
  CHECK_FALSE(got.ok());
  CHECK_THAT(got.message, Catch::Contains("s_log"));
}

TEST_CASE("a newer format version is refused with both numbers", "[story][damage]") {
  scratch_directory folder;
  prepare(folder.file("a.db"));
  behind_our_back(folder.file("a.db"), "UPDATE s_config SET value = 999 WHERE key = 'format'");
  database db = connect(folder.file("a.db"));
  fails(db, "SELECT * FROM topk('all', 10, 's')", SQLITE_ERROR, {"999", "1", "format"});
  fails(db, "INSERT INTO s(item) VALUES ('x')", SQLITE_ERROR, {"999", "format"});
  fails(db, "SELECT * FROM s", SQLITE_ERROR, {"999", "format"});
  behind_our_back(folder.file("a.db"), "UPDATE s_config SET value = 1 WHERE key = 'format'");
  database again = connect(folder.file("a.db"));
  CHECK(number(again, "SELECT count(*) FROM topk('all', 10, 's', 'fast', 'latest')") == 10);
}

TEST_CASE("one damaged stream does not hide the others in topk_stats", "[story][damage]") {
  scratch_directory folder;
  prepare(folder.file("a.db"));
  {
    database db = connect(folder.file("a.db"));
    db.exec("CREATE VIRTUAL TABLE t USING topk_stream(); INSERT INTO t(item) VALUES ('x')");
  }
  behind_our_back(folder.file("a.db"), "DELETE FROM s_config WHERE key = 'head'");
  database db = connect(folder.file("a.db"));
  CHECK(stat(db, "t", "events") == 1);
  CHECK(top(db, "'1min', 10, 't'") == "x=1");
}
