// Errors of events and of queries: the argument, the value given, what is allowed; nothing changes.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "story.hpp"

using namespace topk::test;

namespace {

// A stream with folded panes, a tail and a partition.
database with_events(std::string const& options = "") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(" + options +
      "); INSERT INTO s(item, ts, partition) VALUES ('x', unixepoch() - 5, 'p'), ('y', unixepoch() "
      "- "
      "100, NULL); INSERT INTO s(s) VALUES('optimize'); INSERT INTO s(item) VALUES ('x'), ('z')");
  return db;
}

// The row is refused in autocommit, in BEGIN alone and in BEGIN between good rows; each time
// exactly nothing of the statement stays.
void refuses_row(database& db, std::string const& columns, std::string const& values, int code,
                 std::vector<std::string> const& parts) {
  std::string const insert = "INSERT INTO s(" + columns + ") ";
  fails_without_trace(db, "s", insert + "VALUES (" + values + ")", code, parts);
  std::string const before = snapshot(db, "s");
  db.exec("BEGIN");
  fails(db, insert + "VALUES (" + values + ")", code, parts);
  CHECK(snapshot(db, "s") == before);
  db.exec("COMMIT");
  CHECK(snapshot(db, "s") == before);
}

void refuses_query(database& db, std::string const& arguments,
                   std::vector<std::string> const& parts) {
  fails_without_trace(db, "s", "SELECT * FROM topk(" + arguments + ")", SQLITE_ERROR, parts);
}

}  // namespace

TEST_CASE("a NULL item is refused by the name of its column", "[story][errors]") {
  database db = with_events();
  refuses_row(db, "item", "NULL", SQLITE_CONSTRAINT, {"item", "NULL"});
  refuses_row(db, "ts", "5", SQLITE_CONSTRAINT, {"item", "NULL"});
  fails(db, "INSERT INTO cms_add(item) VALUES (NULL)", SQLITE_CONSTRAINT, {"item", "NULL"});
}

TEST_CASE("an item longer than max_item_bytes is refused with both lengths", "[story][errors]") {
  database db = with_events();
  refuses_row(db, "item", "printf('%.1025c', 'x')", SQLITE_TOOBIG, {"item", "1025", "1024"});
  refuses_row(db, "item", "zeroblob(5000)", SQLITE_TOOBIG, {"item", "5000", "1024"});
  db.exec("INSERT INTO s(item) VALUES (printf('%.1024c', 'x'))");
}

TEST_CASE("a weight that is not an integer is refused", "[story][errors]") {
  database db = with_events();
  refuses_row(db, "item, weight", "'x', 'heavy'", SQLITE_CONSTRAINT,
              {"weight", "heavy", "integer"});
  refuses_row(db, "item, weight", "'x', 2.5", SQLITE_CONSTRAINT, {"weight", "2.5", "integer"});
  refuses_row(db, "item, weight", "'x', x'01'", SQLITE_CONSTRAINT, {"weight", "integer"});
  refuses_row(db, "item, weight", "'x', ''", SQLITE_CONSTRAINT, {"weight", "integer"});
  refuses_row(db, "item, weight", "'x', '3 kg'", SQLITE_CONSTRAINT, {"weight", "3 kg"});
}

TEST_CASE("a weight beyond 2^40 is refused, on either side of zero", "[story][errors]") {
  database db = with_events();
  refuses_row(db, "item, weight", "'x', 1099511627777", SQLITE_CONSTRAINT,
              {"weight", "1099511627777", "1099511627776"});
  refuses_row(db, "item, weight", "'x', -1099511627777", SQLITE_CONSTRAINT,
              {"weight", "-1099511627777"});
  refuses_row(db, "item, weight", "'x', -9223372036854775808", SQLITE_CONSTRAINT, {"weight"});
  refuses_row(db, "item, weight", "'x', 9e18", SQLITE_CONSTRAINT, {"weight"});
  db.exec("INSERT INTO s(item, weight) VALUES ('big', 1099511627776), ('big', '1')");
  CHECK(top(db, "'1min', 1, 's'") == "big=1099511627777");
}

TEST_CASE("a sum of weights that would wrap is refused, and the sum before it stays",
          "[story][errors]") {
  database db = begin_story();
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(log=off);"
      "INSERT INTO s(item, weight) SELECT 'x', 1099511627776 FROM " +
      series(1, 4'194'303));
  std::int64_t const before = number(db, "SELECT count FROM topk('1min', 1, 's')");
  CHECK(before == 4'194'303 * 1'099'511'627'776);
  fails(db, "INSERT INTO s(item, weight) VALUES ('x', 1099511627776)", SQLITE_CONSTRAINT,
        {"weight", "1099511627776"});
  fails(db, "INSERT INTO s(item, weight) VALUES ('x', 5), ('x', -1099511627776)", SQLITE_CONSTRAINT,
        {"weight"});
  CHECK(number(db, "SELECT count FROM topk('1min', 1, 's')") == before);
  CHECK(number(db, "SELECT upper FROM topk('1min', 1, 's')") == before);
  db.exec("INSERT INTO s(item, weight) VALUES ('x', 7)");
  CHECK(number(db, "SELECT count FROM topk('1min', 1, 's')") == before + 7);
}

TEST_CASE("a ts that is neither a number nor a full date is refused", "[story][errors]") {
  database db = with_events();
  for (char const* ts :
       {"'12:00'", "'garbage'", "''", "x'00'", "x'31'", "'2026-13-01'", "'2027-01-32'",
        "'tomorrow'", "'2027-01-15 25:00'", "'2027-01-15 08:00 nonsense'", "'01-15'", "9e999",
        "-9e999", "1e300", "99999999999999", "'+5 days'"}) {
    refuses_row(db, "item, ts", "'x', " + std::string(ts), SQLITE_CONSTRAINT, {"ts"});
  }
  fails(db, "INSERT INTO s(item, ts) VALUES ('x', '12:00')", SQLITE_CONSTRAINT, {"ts", "12:00"});
}

TEST_CASE("a far-future ts is refused with the limit, and counted in rejected", "[story][errors]") {
  database db = with_events();
  std::int64_t const before = stat(db, "s", "rejected");
  refuses_row(db, "item, ts", "'x', unixepoch() + 61", SQLITE_CONSTRAINT, {"ts", "max_skew"});
  fails(db, "INSERT INTO s(item, ts) VALUES ('x', '2027-01-16')", SQLITE_CONSTRAINT,
        {"ts", "2027-01-16", "max_skew"});
  CHECK(stat(db, "s", "rejected") == before + 3);
}

TEST_CASE("a row that fails in the middle of a statement undoes the whole statement",
          "[story][errors]") {
  database db = with_events();
  fails_without_trace(db, "s", "INSERT INTO s(item) VALUES ('a'), ('b'), (NULL), ('c')",
                      SQLITE_CONSTRAINT, {"item"});
  fails_without_trace(db, "s", "INSERT INTO s(item, ts) VALUES ('a', NULL), ('b', 'garbage')",
                      SQLITE_CONSTRAINT, {"ts", "garbage"});
}

TEST_CASE("OR IGNORE skips bad rows and counts them", "[story][errors]") {
  database db = with_events();
  db.exec(
      "INSERT OR IGNORE INTO s(item, ts, weight) VALUES ('good', NULL, 1), (NULL, NULL, 1), "
      "('bad', 'garbage', 1), ('bad', unixepoch() + 1000, 1), ('bad', NULL, 'heavy'), "
      "(printf('%.2000c', 'x'), NULL, 1), ('good', NULL, 1)");
  CHECK(number(db, "SELECT changes()") == 2);
  CHECK(number(db, "SELECT count FROM topk_count('1min', 'good', 's')") == 2);
  CHECK(number(db, "SELECT count FROM topk_count('1min', 'bad', 's')") == 0);
  CHECK(stat(db, "s", "rejected") == 5);
  db.exec("BEGIN; INSERT OR IGNORE INTO s(item) VALUES (NULL); COMMIT");
  CHECK(stat(db, "s", "rejected") == 6);
}

TEST_CASE("OR IGNORE counts what it skipped for every connection", "[story][errors]") {
  scratch_directory folder;
  database db = begin_story(folder.file("a.db"));
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream();"
      "INSERT OR IGNORE INTO s(item) VALUES ('x'), (NULL), ('y'), (NULL)");
  database other = connect(folder.file("a.db"));
  CHECK(stat(other, "s", "rejected") == 2);
}

TEST_CASE("OR ROLLBACK ends the transaction, as for any table", "[story][errors]") {
  database db = with_events();
  std::string const before = snapshot(db, "s");
  db.exec("BEGIN; INSERT INTO s(item) VALUES ('a')");
  fails(db, "INSERT OR ROLLBACK INTO s(item) VALUES (NULL)", SQLITE_CONSTRAINT, {"item"});
  CHECK_FALSE(db.in_transaction());
  CHECK(snapshot(db, "s") == before);
}

TEST_CASE("max_partitions exceeded names the limit, and nothing of the statement stays",
          "[story][errors]") {
  database db = with_events("max_partitions=3");
  db.exec("INSERT INTO s(item, partition) VALUES ('x', 1), ('x', 'q')");
  refuses_row(db, "item, partition", "'x', 'r'", SQLITE_CONSTRAINT, {"max_partitions", "3"});
  fails_without_trace(db, "s", "INSERT INTO s(item, partition) VALUES ('x', 1), ('x', 2)",
                      SQLITE_CONSTRAINT, {"max_partitions", "3"});
  db.exec("INSERT INTO s(item, partition) VALUES ('x', 1)");
}

TEST_CASE("UPDATE and DELETE on a stream are refused, and the error says what to do",
          "[story][errors]") {
  database db = with_events();
  for (char const* sql : {"DELETE FROM s", "DELETE FROM s WHERE item = 'x'",
                          "UPDATE s SET weight = 0", "UPDATE s SET item = 'q' WHERE item = 'x'"}) {
    fails_without_trace(db, "s", sql, SQLITE_READONLY, {"negative weight", "forget"});
  }
  db.exec("INSERT INTO cms_add(item) VALUES ('x')");
  fails(db, "DELETE FROM cms_add", SQLITE_READONLY, {"negative weight", "forget"});
}

TEST_CASE("an unknown window is named, with how to spell one", "[story][errors]") {
  database db = with_events();
  for (char const* window :
       {"fortnight", "5 parsecs", "", "-1min", "1 month", "0s", "PT", "1min;"}) {
    refuses_query(db, "'" + std::string(window) + "', 10, 's'", {"window", window, "1min"});
  }
  for (char const* window : {"0", "-60", "x'01'", "9e999", "-0.5"}) {
    refuses_query(db, std::string(window) + ", 10, 's'", {"window"});
  }
  fails(db, "SELECT * FROM topk_count('fortnight', 'x', 's')", SQLITE_ERROR,
        {"window", "fortnight"});
}

TEST_CASE("a window longer than what is retained is refused with what is retained",
          "[story][errors]") {
  database db = with_events();
  refuses_query(db, "'25 hours', 10, 's'", {"window", "25 hours", "1day", "retain"});
  refuses_query(db, "86401, 10, 's'", {"window", "86401", "1day"});
  refuses_query(db, "'2 days', 10, 's', 'exact'", {"window", "2 days"});
  refuses_query(db, "'2 days', 10, 's', 'hybrid'", {"window", "2 days"});
  CHECK(number(db, "SELECT count(*) FROM topk('24 hours', 10, 's')") == 3);
}

TEST_CASE("k must be a whole number from 1 on, and of this world", "[story][errors]") {
  database db = with_events();
  for (char const* k :
       {"0", "-1", "2.5", "'ten'", "x'0a'", "1000000000000", "9223372036854775807", "1e30", "''"}) {
    refuses_query(db, "'1min', " + std::string(k) + ", 's'", {"k"});
  }
  refuses_query(db, "'1min', -17, 's'", {"k", "-17", "1"});
  CHECK(top(db, "'1min', '1', 's'") == "x=2");
  CHECK(top(db, "'1min', 1.0, 's'") == "x=2");
}

TEST_CASE("an unknown mode is named beside the known ones", "[story][errors]") {
  database db = with_events();
  for (char const* mode : {"'quick'", "''", "1", "x'66617374'"}) {
    refuses_query(db, "'1min', 10, 's', " + std::string(mode), {"mode", "fast", "exact", "hybrid"});
  }
  fails(db, "SELECT * FROM topk_count('1min', 'x', 's', 'quick')", SQLITE_ERROR,
        {"mode", "quick", "fast"});
}

TEST_CASE("an unreadable at is named", "[story][errors]") {
  database db = with_events();
  for (char const* at : {"'12:00'", "'garbage'", "''", "x'00'", "9e999", "'2027-13-01'"}) {
    refuses_query(db, "'1min', 10, 's', 'fast', " + std::string(at), {"at"});
    refuses_query(db, "'1min', 10, 's', 'exact', " + std::string(at), {"at"});
  }
  refuses_query(db, "'1min', 10, 's', 'fast', '12:00'", {"at", "12:00", "latest"});
}

TEST_CASE("exact without a log says how to get one", "[story][errors]") {
  database db = begin_story();
  db.exec("CREATE VIRTUAL TABLE s USING topk_stream(log=off); INSERT INTO s(item) VALUES ('x')");
  for (char const* mode : {"exact", "accurate"}) {
    fails(db, "SELECT * FROM topk('1min', 10, 's', '" + std::string(mode) + "')", SQLITE_ERROR,
          {"exact", "log=on", "content"});
    fails(db, "SELECT * FROM topk_count('1min', 'x', 's', '" + std::string(mode) + "')",
          SQLITE_ERROR, {"exact", "log=on", "content"});
  }
  CHECK(top(db, "'1min', 10, 's'") == "x=1");
}

TEST_CASE("an unknown command is named beside the known ones", "[story][errors]") {
  database db = with_events();
  for (char const* command : {"'reticulate'", "''", "1", "x'00'", "'optimise'"}) {
    fails_without_trace(db, "s", "INSERT INTO s(s) VALUES(" + std::string(command) + ")",
                        SQLITE_ERROR,
                        {"rebuild", "integrity-check", "optimize", "prune", "delete-all", "track",
                         "untrack", "forget"});
  }
  fails(db, "INSERT INTO s(s) VALUES('reticulate')", SQLITE_ERROR, {"reticulate"});
}

TEST_CASE("a command with missing or needless arguments is refused", "[story][errors]") {
  database db = with_events();
  fails_without_trace(db, "s", "INSERT INTO s(s) VALUES('forget')", SQLITE_ERROR,
                      {"forget", "item"});
  fails_without_trace(db, "s", "INSERT INTO s(s, item) VALUES('delete-all', 'x')", SQLITE_ERROR,
                      {"delete-all"});
}

TEST_CASE("track, untrack without external content say what is missing", "[story][errors]") {
  database db = with_events();
  fails_without_trace(db, "s", "INSERT INTO s(s) VALUES('track')", SQLITE_ERROR,
                      {"track", "content"});
  fails_without_trace(db, "s", "INSERT INTO s(s) VALUES('untrack')", SQLITE_ERROR,
                      {"untrack", "content"});
}

TEST_CASE("rebuild without log or content says what is missing, and keeps the sketch",
          "[story][errors]") {
  database db = with_events("log=off");
  fails_without_trace(db, "s", "INSERT INTO s(s) VALUES('rebuild')", SQLITE_ERROR,
                      {"rebuild", "log"});
}

TEST_CASE("topk_count needs an item", "[story][errors]") {
  database db = with_events();
  fails(db, "SELECT * FROM topk_count", SQLITE_ERROR, {"item"});
  fails(db, "SELECT * FROM topk_count('1min', NULL, 's')", SQLITE_ERROR, {"item"});
}

TEST_CASE("INSERT with an explicit rowid is refused or ignored, never an event twice",
          "[story][errors]") {
  database db = with_events();
  std::int64_t const before = stat(db, "s", "events");
  outcome const got = db.attempt("INSERT INTO s(rowid, item) VALUES (5, 'x'), (5, 'x')");
  CHECK(stat(db, "s", "events") == before + (got.ok() ? 2 : 0));
}

TEST_CASE("the function that hands rows to the shadow tables is closed to SQL", "[story][errors]") {
  database db = with_events();
  fails(db, "SELECT * FROM topk_row_feed", SQLITE_ERROR, {"topk_row_feed", "internal"});
  fails(db, "SELECT * FROM topk_row_feed(1)", SQLITE_ERROR, {"topk_row_feed", "internal"});
  fails(db, "SELECT * FROM topk_row_feed(x'00')", SQLITE_ERROR, {"topk_row_feed", "internal"});
}

TEST_CASE("a table that takes that function's name loses no event silently", "[story][errors]") {
  database db = with_events();
  std::string const many =
      "WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100) "
      "INSERT INTO s(item) SELECT 'n' || i FROM n";
  db.exec("CREATE TABLE topk_row_feed(x)");
  fails_without_trace(db, "s", many, SQLITE_ERROR, {"topk_row_feed"});
  db.exec("DROP TABLE topk_row_feed");
  db.exec(
      "CREATE VIRTUAL TABLE topk_row_feed USING "
      "fts5(seconds, item, weight, \"partition\", seq, micros, now, held)");
  fails_without_trace(db, "s", many, SQLITE_ERROR, {});
  db.exec("DROP TABLE topk_row_feed");
  db.exec(many);
  CHECK(number(db, "SELECT count(*) FROM s_log") == 104);
}
