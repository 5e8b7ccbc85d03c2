// Copies by the C interface: backup, serialize, deserialize; texts as programs bind them.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

// A stream with folded panes, a tail, a partition and a late event; default window, log on.
void fill(database& db) {
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(memory=65536);"
      "INSERT INTO s(item, ts, partition) SELECT value % 50, unixepoch() - value, value % 3 FROM " +
      series(1, 3000) +
      "; INSERT INTO s(s) VALUES('optimize');"
      "INSERT INTO s(item) VALUES ('tail'), ('tail'); INSERT INTO s(item, ts) VALUES ('late', 1)");
}

std::string answers(database& db) {
  return snapshot(db, "s") + whole_answer(db, "'1hour', 20, 's'") +
         whole_answer(db, "'5min', 20, 's', 'fast', NULL, 1") +
         whole_answer(db, "'1hour', 20, 's', 'exact'");
}

// A copy answers as the original did, takes events, and is sound.
void is_a_living_copy(std::string const& path, std::string const& expected) {
  database copy = connect(path);
  CHECK(answers(copy) == expected);
  copy.exec("INSERT INTO s(item) SELECT 'new' FROM " + series(1, 500));
  CHECK(pairs(copy, "SELECT item, count FROM topk('1min', 1, 's')") == "new=500");
  copy.exec("INSERT INTO s(s) VALUES('integrity-check')");
  CHECK(text(copy, "PRAGMA integrity_check") == "ok");
}

void copy_pages(database& from, database& to) {
  sqlite3_backup* const backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  REQUIRE(backup != nullptr);
  CHECK(sqlite3_backup_step(backup, -1) == SQLITE_DONE);
  CHECK(sqlite3_backup_finish(backup) == SQLITE_OK);
}

}  // namespace

TEST_CASE("the backup API makes a living copy", "[story][copies]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  fill(db);
  std::string const expected = answers(db);
  {
    database target = connect(folder.file("b.db"));
    copy_pages(db, target);
    CHECK(answers(target) == expected);
  }
  is_a_living_copy(folder.file("b.db"), expected);
}

TEST_CASE("a backup over a connection that has a stream of that name serves the new data",
          "[story][copies]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  fill(db);
  database target = connect(folder.file("b.db"));
  target.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('mine')");
  CHECK(top(target, "'1min', 1, 's'") == "mine=1");
  copy_pages(db, target);
  CHECK(answers(target) == answers(db));
  target.exec("INSERT INTO s(item) VALUES ('tail')");
  CHECK(number(target, "SELECT count FROM topk_count('1min', 'tail', 's')") == 3);
}

TEST_CASE("sqlite3_serialize and deserialize carry a stream", "[story][copies]") {
  database db = begin_story();
  fill(db);
  sqlite3_int64 size = 0;
  unsigned char* const bytes = sqlite3_serialize(db.handle(), "main", &size, 0);
  REQUIRE(bytes != nullptr);
  database copy = connect(":memory:");
  REQUIRE(sqlite3_deserialize(copy.handle(), "main", bytes, size, size,
                              SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) ==
          SQLITE_OK);
  CHECK(answers(copy) == answers(db));
  copy.exec("INSERT INTO s(item) VALUES ('tail')");
  CHECK(number(copy, "SELECT count FROM topk_count('1min', 'tail', 's')") == 3);
}

// A statement that is kept keeps the stream's memory alive, too, while SQLite reads the schema
// again.
TEST_CASE("a database put in place of an open one is the one that answers", "[story][copies]") {
  tell_in("UTF-8");  // SQLite 3.40 deserializes no UTF-16 over an open database
  scratch_directory folder;
  bool const is_file = GENERATE(false, true);
  database db = begin_story(is_file ? folder.file("a.db") : ":memory:");
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO s(item) VALUES ('a')");
  auto const kept = db.prepare("SELECT item FROM s");
  database saved = connect(":memory:");
  copy_pages(db, saved);
  database other = connect(":memory:");
  copy_pages(db, other);
  other.exec(
      "INSERT INTO s(item) VALUES ('other'), ('other')");  // the same sequence numbers as ours
  db.exec("INSERT INTO s(item) VALUES ('c'), ('c')");

  SECTION("by backup") {
    CHECK(top(db, "'1day', 5, 's'") == "c=2 a=1");
    copy_pages(saved, db);
    CHECK(top(db, "'1day', 5, 's'") == "a=1");
    copy_pages(other, db);
    CHECK(top(db, "'1day', 5, 's'") == "other=2 a=1");
    CHECK(number(db, "SELECT events FROM topk_stats") == 3);
    copy_pages(saved, db);
    CHECK(number(db, "SELECT events FROM topk_stats") == 1);
    copy_pages(other, db);
    db.exec("INSERT INTO s(item) VALUES ('other'); INSERT INTO s(s) VALUES('integrity-check')");
    CHECK(top(db, "'1day', 5, 's'") == "other=3 a=1");
  }
  SECTION("by backup, after a single question") {
    database fresh = connect(is_file ? folder.file("a.db") : ":memory:");
    if (!is_file) copy_pages(db, fresh);
    auto const also_kept = fresh.prepare("SELECT item FROM s");
    CHECK(number(fresh, "SELECT count FROM topk_count('1day', 'c', 's')") == 2);
    copy_pages(other, fresh);
    CHECK(top(fresh, "'1day', 5, 's'") == "other=2 a=1");
  }
  SECTION("by backup, after a rename and a single question") {
    CHECK(top(db, "'1day', 5, 's'") == "c=2 a=1");
    db.exec("ALTER TABLE s RENAME TO t");
    other.exec("ALTER TABLE s RENAME TO t");
    auto const also_kept = db.prepare("SELECT item FROM t");
    CHECK(top(db, "'1day', 5, 't'") == "c=2 a=1");
    copy_pages(other, db);
    CHECK(top(db, "'1day', 5, 't'") == "other=2 a=1");
  }
  // Nothing has asked topk() before: what SQLite 3.40 keeps of a table-valued function that was
  // used points to the schema that sqlite3_deserialize frees.
  SECTION("by deserialize") {
    sqlite3_int64 size = 0;
    unsigned char* const bytes = sqlite3_serialize(other.handle(), "main", &size, 0);
    REQUIRE(bytes != nullptr);
    REQUIRE(sqlite3_deserialize(db.handle(), "main", bytes, size, size,
                                SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) ==
            SQLITE_OK);
    CHECK(top(db, "'1day', 5, 's'") == "other=2 a=1");
    db.exec("INSERT INTO s(item) VALUES ('other'); INSERT INTO s(s) VALUES('integrity-check')");
    CHECK(top(db, "'1day', 5, 's'") == "other=3 a=1");
  }
}

namespace {

// A bound text need not end with NUL: of each of these more bytes follow, or one lies within.
void takes_bound_texts(database& db) {
  std::string const letters = "\xC3\xBC\xE2\x82\xAC and more";
  std::string const with_nul("a\0b", 3);
  sqlite3_stmt* insert = nullptr;
  REQUIRE(sqlite3_prepare_v2(db.handle(), "INSERT INTO s(item, partition) VALUES (?1, ?1)", -1,
                             &insert, nullptr) == SQLITE_OK);
  for (std::string_view const bound :
       {std::string_view(letters).substr(0, 5), std::string_view(with_nul),
        std::string_view(letters).substr(0, 0)}) {
    for (auto* const kept : {SQLITE_STATIC, SQLITE_TRANSIENT}) {
      CHECK(sqlite3_bind_text(insert, 1, bound.data(), static_cast<int>(bound.size()), kept) ==
            SQLITE_OK);
      CHECK(sqlite3_step(insert) == SQLITE_DONE);
      CHECK(sqlite3_reset(insert) == SQLITE_OK);
    }
  }
  CHECK(sqlite3_finalize(insert) == SQLITE_OK);
  for (std::string const item : {"char(252, 8364)", "char(97, 0, 98)", "''"}) {
    INFO(item);
    CHECK(number(db, "SELECT count FROM topk_count('1min', " + item + ", 's')") == 2);
    CHECK(number(db, "SELECT count FROM topk_count('1min', " + item + ", 's', 'exact')") == 2);
    CHECK(number(db, "SELECT count FROM topk_count('1min', " + item + ", 's', 'fast', 'now', " +
                         item + ")") == 2);
  }
  CHECK(
      number(
          db,
          "SELECT count(*) FROM topk('1min', 10, 's') WHERE typeof(item) = 'text' AND count = 2") ==
      3);
  db.exec("INSERT INTO s(s) VALUES('integrity-check')");
}

}  // namespace

TEST_CASE("a bound text is taken with its bytes, no more and no fewer", "[story][copies]") {
  for (std::string const encoding : {"UTF-8", "UTF-16le", "UTF-16be"}) {
    INFO(encoding);
    database db = begin_story();
    db.exec("PRAGMA encoding='" + encoding + "'; CREATE VIRTUAL TABLE s USING topk_stream()");
    takes_bound_texts(db);
  }
}

TEST_CASE("a database of another encoding, laid under a connection, is refused or read right",
          "[story][copies]") {
  std::string const encodings[] = {"UTF-8", "UTF-16le", "UTF-16be", "UTF-8"};
  for (int first = 0; first < 3; ++first) {
    INFO(encodings[first] << " at first");
    database db = begin_story();
    db.exec("PRAGMA encoding='" + encodings[first] +
            "'; CREATE VIRTUAL TABLE s USING topk_stream();"
            "INSERT INTO s(item) VALUES ('before')");
    database other = begin_story();
    other.exec("PRAGMA encoding='" + encodings[first + 1] +
               "'; CREATE VIRTUAL TABLE s USING topk_stream()");
    sqlite3_int64 size = 0;
    unsigned char* const bytes = sqlite3_serialize(other.handle(), "main", &size, 0);
    REQUIRE(bytes != nullptr);
    REQUIRE(sqlite3_deserialize(db.handle(), "main", bytes, size, size,
                                SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) ==
            SQLITE_OK);
    auto const outcome = db.attempt("SELECT * FROM s");
    if (outcome.code == SQLITE_OK) {
      takes_bound_texts(db);
    } else {  // SQLite's word, depending on what the connection has done before
      CHECK_THAT(outcome.message, Catch::Contains("same text encoding"));
    }
  }
}
