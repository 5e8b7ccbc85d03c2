#include "operations.hpp"

#include "kit/first_format.hpp"

namespace topk::test {
namespace {

// Events of 7 items and 3 partitions, each at the ts that the expression makes of `value`.
std::string rows(int count, std::string const& ts) {
  return "INSERT INTO s(item, ts, weight, partition) SELECT 'i' || (value % 7), " + ts +
         ", 1 + value % 3, value % 3 FROM (WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL "
         "SELECT value + 1 FROM n WHERE value < " +
         std::to_string(count) + ") SELECT value FROM n)";
}

// A stream with a folded part, partitions and a tail, as small as can be so that each operation is
// short: with 16 KiB a commit folds from 16 events on, and 8 KiB of events spill in mid-statement.
std::string filled(std::string const& options = "", std::string const& then = "") {
  return "CREATE VIRTUAL TABLE s USING topk_stream(windows='1min,1hour', k=5, memory=16384, "
         "seed=1" +
         options + "); " + then + rows(60, "unixepoch() - value * 50") +
         "; INSERT INTO s(item, partition) VALUES ('a', 1), ('b', NULL), (7, 2), (1.5, x'00')";
}

// The same as the first release made it.
std::string filled_old() {
  std::string make;
  for (auto const& sql : into_first_format("s")) make += sql + "; ";
  return filled(", past=0", make);
}

std::vector<operation> make_operations() {
  std::string const none;
  std::string const stream = filled();
  std::string const sketch = filled(", log=off");
  std::string const past =
      "CREATE VIRTUAL TABLE s USING topk_stream(windows='1min,1hour', k=5, memory=65536, "
      "past=2000, "
      "seed=1); " +
      rows(70, "unixepoch() - 3590 + value * 25") + "; INSERT INTO s(s) VALUES('optimize'); " +
      rows(60, "unixepoch() - 1800 + value * 30");
  std::string const table =
      "CREATE TABLE t(id INTEGER PRIMARY KEY, item, ts, weight);"
      "INSERT INTO t(item, ts, weight) VALUES ('a', unixepoch(), 1), ('b', unixepoch() - 9, 2)";
  std::string const content =
      table +
      "; CREATE VIRTUAL TABLE s USING topk_stream(content='t', weight='weight', memory=16384, "
      "seed=1); INSERT INTO s(s) VALUES('rebuild')";
  std::string const tracked = content + "; INSERT INTO s(s) VALUES('track')";

  std::string const warm = "SELECT * FROM topk('1hour', 5, 's')";
  std::string const in_transaction =
      "BEGIN; INSERT INTO s(item, partition) VALUES ('a', 1), ('new', 9)";
  std::string const others =
      "INSERT INTO s(item, partition) VALUES ('a', 1), ('other', 'theirs'), ('b', NULL)";
  std::string const many_others = rows(40, "unixepoch() - value * 30");
  std::string const in_savepoint =
      "BEGIN; INSERT INTO s(item) VALUES ('a'); SAVEPOINT x; INSERT INTO s(item) VALUES ('b')";

  return {
      // ---- making, renaming, dropping
      {"create", none, "",
       "CREATE VIRTUAL TABLE s USING topk_stream(windows='1min,1hour', seed=1)"},
      {"create with content", table, "",
       "CREATE VIRTUAL TABLE s USING topk_stream(content='t', seed=1)"},
      {"create in a transaction", stream, in_transaction,
       "CREATE VIRTUAL TABLE r USING topk_stream(seed=1)"},
      {"default stream", none, "", "INSERT INTO cms_add(item) VALUES ('a'), ('b'), ('a')"},
      {"rename", stream, "", "ALTER TABLE s RENAME TO r"},
      {"rename in a transaction", stream, in_transaction, "ALTER TABLE s RENAME TO r"},
      {"drop", stream, "", "DROP TABLE s"},
      {"drop in a transaction", stream, in_transaction, "DROP TABLE s"},
      {"drop of a tracking stream", tracked, "", "DROP TABLE s"},

      // ---- events
      {"first insert", stream, "", "INSERT INTO s(item, partition) VALUES ('a', 1)"},
      {"insert", stream, warm,
       "INSERT INTO s(item, ts, partition) VALUES ('a', '2027-01-15 07:59:01', 'new')"},
      {"insert in a transaction", stream, in_transaction,
       "INSERT INTO s(item, partition) VALUES ('c', 2)"},
      {"insert of several rows", stream, in_transaction, rows(9, "unixepoch()")},
      {"insert of what is late", stream, warm, "INSERT INTO s(item, ts) VALUES ('a', 1000)"},
      {"insert or ignore", stream, warm,
       "INSERT OR IGNORE INTO s(item) VALUES ('a'), (NULL), ('b')"},
      {"insert that spills", stream, in_transaction, rows(150, "unixepoch() - value * 20")},
      {"insert without a log", sketch, "", rows(40, "unixepoch() - value * 20")},
      {"insert from the own log", stream, warm,
       "INSERT INTO s(item, ts, weight, partition) SELECT item, ts, weight, partition FROM s"},

      {"panes become past, and others go", past, warm, "INSERT INTO s(s) VALUES('optimize')"},

      // ---- transactions
      {"commit", stream, in_transaction, "COMMIT"},
      {"commit that folds", stream, "BEGIN; " + rows(30, "unixepoch() - value * 20"), "COMMIT"},
      {"savepoint", stream, in_transaction, "SAVEPOINT x"},
      {"release", stream, in_savepoint, "RELEASE x"},
      {"rollback to", stream, in_savepoint, "ROLLBACK TO x"},
      {"rollback", stream, in_savepoint, "ROLLBACK"},
      {"rollback and query", stream, in_transaction,
       "ROLLBACK; SELECT * FROM topk('1hour', 5, 's')"},

      // ---- answers
      {"first query", stream, "", "SELECT * FROM topk('1hour', 5, 's')"},
      {"fast", stream, warm, "SELECT * FROM topk('1min', 5, 's', 'fast', '2027-01-15 07:59:30')"},
      {"fast, events pending", stream, in_transaction, "SELECT * FROM topk('1hour', 5, 's')"},
      {"fast, one partition", stream, warm, "SELECT * FROM topk('1hour', 5, 's', 'fast', NULL, 1)"},
      {"exact", stream, in_transaction, "SELECT * FROM topk('1hour', 5, 's', 'exact')"},
      {"hybrid", stream, warm, "SELECT * FROM topk('1000s', 5, 's', 'hybrid')"},
      {"count", stream, warm, "SELECT * FROM topk_count('1hour', 'i1', 's')"},
      {"series", stream, warm, "SELECT * FROM topk_series('1hour', '1min', 'i1', 's')"},
      {"series, hybrid", stream, warm,
       "SELECT * FROM topk_series('1hour', 7, 'i1', 's', 'hybrid', 'latest')"},
      {"state", stream, warm, "SELECT topk_state('1hour', 's', NULL, NULL, 5, 2)"},
      {"state, one partition", stream, in_transaction,
       "SELECT topk_state('1hour', 's', 'latest', 1)"},
      {"spans", stream, in_transaction, "SELECT * FROM topk_spans('1min', 's')"},
      {"spans, one partition", stream, warm,
       "SELECT events, version FROM topk_spans('2min', 's', NULL, 1, 5, 2)"},
      {"trending", stream, warm,
       "SELECT * FROM topk_trending('20min', 5, 's', 'fast', NULL, NULL, '40min')"},
      {"trending, one partition", stream, in_transaction,
       "SELECT * FROM topk_trending('1min', 5, 's', 'fast', 'latest', 1, '59min', 'fall', 'time')"},
      {"trending, exact", stream, in_transaction,
       "SELECT * FROM topk_trending('20min', 5, 's', 'exact', 'latest', NULL, '40min')"},
      {"trending, hybrid", stream, warm,
       "SELECT * FROM topk_trending('1000s', 5, 's', 'hybrid', 'latest', NULL, '40min', 'fall')"},
      {"count, exact", stream, warm, "SELECT * FROM topk_count('1hour', 'i1', 's', 'exact')"},
      {"stats", stream, "",
       "SELECT stream, events, weight, late, panes, tail_rows, log_rows FROM topk_stats"},
      {"events", stream, in_transaction, "SELECT * FROM s WHERE ts > unixepoch() - 600"},

      // ---- after another connection's commits
      {"answers after other events", stream, warm, warm, others},
      {"answers after a fold of others", stream, warm, warm, "INSERT INTO s(s) VALUES('optimize')"},
      {"answers after many events of others", stream, warm, warm, many_others},
      {"count, exact, after other events", stream, warm,
       "SELECT * FROM topk_count('1hour', 'i1', 's', 'exact')", others},
      {"hybrid after many events of others", stream, warm,
       "SELECT * FROM topk('1hour', 5, 's', 'hybrid')", many_others},
      {"events after other events", stream, warm, "SELECT * FROM s WHERE ts > unixepoch() - 600",
       others},
      {"events of an old log after other events", filled_old(), warm, "SELECT * FROM s", others},
      {"stats after other events", stream, warm,
       "SELECT stream, events, weight, late, panes, tail_rows, log_rows FROM topk_stats", others},
      {"insert after other events", stream, warm,
       "INSERT INTO s(item, partition) VALUES ('a', 1), ('b', 'new')", others},
      {"optimize after other events", stream, warm, "INSERT INTO s(s) VALUES('optimize')", others},
      {"optimize of an old log after other events", filled_old(), warm,
       "INSERT INTO s(s) VALUES('optimize')", others},
      {"functions", none, "", "SELECT topk_version(), length(topk_debug()) > 0"},

      // ---- commands
      {"rebuild", stream, "", "INSERT INTO s(s) VALUES('rebuild')"},
      {"rebuild in a transaction", stream, in_transaction, "INSERT INTO s(s) VALUES('rebuild')"},
      {"optimize", stream, in_transaction, "INSERT INTO s(s) VALUES('optimize')"},
      {"optimize of a log in rows", filled_old(), in_transaction,
       "INSERT INTO s(s) VALUES('optimize')"},
      {"drop after that", filled_old() + "; INSERT INTO s(s) VALUES('optimize')", "",
       "DROP TABLE s"},
      {"insert into a log in rows", filled_old(), in_transaction, rows(30, "unixepoch() - value")},
      {"optimize with many events pending", stream,
       "BEGIN; " + rows(30, "unixepoch() - value * 20"), "INSERT INTO s(s) VALUES('optimize')"},
      {"prune", stream, warm, "INSERT INTO s(s) VALUES('prune')"},
      {"forget", stream, in_transaction, "INSERT INTO s(s, item) VALUES('forget', 'a')"},
      {"delete-all", stream, in_transaction, "INSERT INTO s(s) VALUES('delete-all')"},
      {"integrity-check", stream, "", "INSERT INTO s(s) VALUES('integrity-check')"},
      {"track", content, "", "INSERT INTO s(s) VALUES('track')"},
      {"untrack", tracked, "", "INSERT INTO s(s) VALUES('untrack')"},

      // ---- a tracked table
      {"tracked insert", tracked, "",
       "INSERT INTO t(item, ts, weight) VALUES ('a', unixepoch(), 3), ('c', unixepoch(), NULL)"},
      {"tracked update", tracked, warm, "UPDATE t SET item = item || '2', weight = weight + 1"},
      {"tracked delete", tracked, "BEGIN; INSERT INTO t(item, ts) VALUES ('d', unixepoch())",
       "DELETE FROM t WHERE id <> 1"},
      {"rebuild from content", content, "", "INSERT INTO s(s) VALUES('rebuild')"},
  };
}

}  // namespace

std::vector<operation> const& operations() {
  static std::vector<operation> const all = make_operations();
  return all;
}

}  // namespace topk::test
