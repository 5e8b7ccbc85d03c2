// Whole shadow tables: the input writes into those of a sound stream, then everything is asked of
// it.
//
// The input is a row of changes: which value of which row, and what comes there. Blobs are changed
// where they stand, their checksums made right.
#include <array>
#include <memory>

#include "fuzz.hpp"
#include "kit/clock_vfs.hpp"
#include "sqlite/api.hpp"
#include "surface/registry.hpp"

using namespace topk;
using namespace topk::fuzz;

namespace {

struct close_database {
  void operator()(sqlite3* db) const noexcept {
    require(sqlite3_close(db) == SQLITE_OK, "no statement stays open");
  }
};
using database = std::unique_ptr<sqlite3, close_database>;

database open() {
  test::install_clock_vfs();
  sqlite3* db = nullptr;
  int const flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  require(sqlite3_open_v2(":memory:", &db, flags, test::clock_vfs_name) == SQLITE_OK,
          "SQLite opens");
  require(surface::register_all(db, nullptr) == SQLITE_OK, "the extension registers");
  return database(db);
}

// Any answer or a clear error; none of the codes that tell of a bug of ours.
void ask(sqlite3* db, char const* sql) {
  char* message = nullptr;
  int const code = sqlite3_exec(db, sql, nullptr, nullptr, &message) & 0xFF;
  require(code == SQLITE_OK || (message != nullptr && *message != '\0'), "an error has a message");
  require(code != SQLITE_MISUSE && code != SQLITE_INTERNAL && code != SQLITE_NOMEM,
          "no bug of ours");
  sqlite3_free(message);
}

constexpr char const* sound_stream =
    "CREATE VIRTUAL TABLE s USING topk_stream(windows='1min,1hour', k=4, memory=16384, seed=1);"
    "WITH RECURSIVE n(v) AS (VALUES(1) UNION ALL SELECT v + 1 FROM n WHERE v < 20) "
    "INSERT INTO s(item, ts, weight, partition) SELECT v % 5, unixepoch() - v * 13, 1 + v % 3, v % "
    "2 FROM n;"
    "INSERT INTO s(s) VALUES('optimize');"
    "WITH RECURSIVE n(v) AS (VALUES(1) UNION ALL SELECT v + 1 FROM n WHERE v < 60) "
    "INSERT INTO s(item, ts, weight) SELECT 'item' || (v % 40), unixepoch() - 0.5, v % 9 - 1 FROM "
    "n;"
    "INSERT INTO s(item, ts, partition) VALUES (1, unixepoch() - 1, 1), ('x', unixepoch() - 2, "
    "NULL);"
    // Of a table with rows dated ahead.
    "CREATE TABLE t(item, ts);"
    "CREATE VIRTUAL TABLE f USING topk_stream(content='t', windows='1min,1hour', k=4, "
    "memory=16384, seed=2); INSERT INTO f(f) VALUES('track');"
    "INSERT INTO t VALUES (1, unixepoch() - 9), (2, unixepoch() - 70), (1, unixepoch() + 40), "
    "('x', unixepoch() + 60), (2, unixepoch() + 3000);";

// The undamaged stream, copied page by page: building it again would be most of the work.
database sound_copy() {
  static database const original = [] {
    database made = open();
    char* message = nullptr;
    int const code = sqlite3_exec(made.get(), sound_stream, nullptr, nullptr, &message);
    require(code == SQLITE_OK, message == nullptr ? "the stream is made" : message);
    return made;
  }();
  database copy = open();
  sqlite3_backup* const backup = sqlite3_backup_init(copy.get(), "main", original.get(), "main");
  require(backup != nullptr && sqlite3_backup_step(backup, -1) == SQLITE_DONE,
          "the stream is copied");
  sqlite3_backup_finish(backup);
  return copy;
}

struct target {
  char const* table;
  char const* key;
  char const* column;
};
constexpr std::array<target, 32> targets = {{
    {"s_config", "key", "value"},
    {"s_config", "key", "value"},
    {"s_config", "key", "value"},
    {"s_pane", "level, pane", "body"},
    {"s_pane", "level, pane", "body"},
    {"s_pane", "level, pane", "level"},
    {"s_pane", "level, pane", "pane"},
    {"s_pane", "level, pane", "version"},
    {"s_part", "level, pane, partition", "body"},
    {"s_part", "level, pane, partition", "pane"},
    {"s_part", "level, pane, partition", "partition"},
    {"s_part", "level, pane, partition", "version"},
    {"s_keys", "id", "id"},
    {"s_keys", "id", "partition"},
    {"s_tail", "seq", "seq"},
    {"s_tail", "seq", "ts"},
    {"s_tail", "seq", "item"},
    {"s_tail", "seq", "weight"},
    {"s_tail", "seq", "partition"},
    {"s_tail", "seq", "now"},
    {"s_tail", "seq", "held"},
    {"s_block", "last", "last"},
    {"s_block", "last", "first"},
    {"s_block", "last", "oldest"},
    {"s_block", "last", "newest"},
    {"s_block", "last", "events"},
    {"s_block", "last", "body"},
    {"f_ahead", "ts, item, weight, seq", "ts"},
    {"f_ahead", "ts, item, weight, seq", "item"},
    {"f_ahead", "ts, item, weight, seq", "weight"},
    {"f_ahead", "ts, item, weight, seq", "partition"},
    {"f_ahead", "ts, item, weight, seq", "seq"},
}};

// The value that stands there, as bytes; empty without a row.
std::string bytes_of(sqlite3* db, std::string const& sql) {
  sqlite3_stmt* stmt = nullptr;
  std::string out;
  if (sqlite3_prepare_v2(db, sql.c_str(), -1, &stmt, nullptr) == SQLITE_OK &&
      sqlite3_step(stmt) == SQLITE_ROW) {
    auto const* bytes = static_cast<char const*>(sqlite3_column_blob(stmt, 0));
    if (bytes != nullptr)
      out.assign(bytes, static_cast<std::size_t>(sqlite3_column_bytes(stmt, 0)));
  }
  sqlite3_finalize(stmt);
  return out;
}

void bind_new_value(sqlite3_stmt* stmt, source& in, std::string const& old) {
  switch (in.byte() % 8) {
    case 0: return (void)sqlite3_bind_null(stmt, 1);
    case 1: return (void)sqlite3_bind_int64(stmt, 1, in.integer());
    case 2: return (void)sqlite3_bind_int64(stmt, 1, static_cast<std::int8_t>(in.byte()));
    case 3: return (void)sqlite3_bind_double(stmt, 1, static_cast<double>(in.integer()) / 3);
    case 4: {
      auto const text = in.text(in.byte());
      return (void)sqlite3_bind_text64(stmt, 1, text.data(), text.size(), SQLITE_TRANSIENT,
                                       SQLITE_UTF8);
    }
    default: break;
  }
  // Some bytes of the blob there give way to others.
  std::string bytes = old;
  std::size_t const at =
      bytes.empty() ? 0 : (std::size_t{in.byte()} << 8 | in.byte()) % bytes.size();
  std::size_t const gone = in.byte() % 12;
  bytes.replace(at, gone, in.text(in.byte() % 24));
  auto const blob = sealed(bytes);
  sqlite3_bind_blob64(stmt, 1, blob.data(), blob.size(), SQLITE_TRANSIENT);
}

void change(sqlite3* db, source& in) {
  auto const& where = targets[in.byte() % targets.size()];
  auto const kind = in.byte();
  std::string const row = " WHERE (" + std::string(where.key) + ") = (SELECT " + where.key +
                          " FROM " + where.table + " ORDER BY " + where.key + " LIMIT 1 OFFSET " +
                          std::to_string(kind >> 2) + ")";
  if (kind % 4 == 3) {
    sqlite3_exec(db, ("DELETE FROM " + std::string(where.table) + row).c_str(), nullptr, nullptr,
                 nullptr);
    return;
  }
  std::string const old =
      bytes_of(db, "SELECT " + std::string(where.column) + " FROM " + where.table + row);
  sqlite3_stmt* stmt = nullptr;
  std::string const sql =
      "UPDATE OR REPLACE " + std::string(where.table) + " SET " + where.column + " = ?1" + row;
  require(sqlite3_prepare_v2(db, sql.c_str(), -1, &stmt, nullptr) == SQLITE_OK,
          "the change is SQL");
  bind_new_value(stmt, in, old);
  sqlite3_step(stmt);
  sqlite3_finalize(stmt);
}

constexpr std::array questions = {
    "SELECT *, total_lower FROM topk('all', 10, 's', 'fast', 'latest')",
    "SELECT * FROM topk('all', 10, 's', 'exact', 'latest')",
    "SELECT * FROM topk('all', 10, 's', 'hybrid', 'latest')",
    "SELECT * FROM topk('1min', 3, 's')",
    "SELECT * FROM topk('90s', 3, 's', 'fast', 'latest', 1)",
    "SELECT * FROM topk_count('all', 3, 's', 'exact', 'latest')",
    "SELECT * FROM topk_series('all', '7min', 3, 's', 'fast', 'latest')",
    "SELECT *, signed_lower FROM topk_each((SELECT topk_state('all', 's', 'latest')), 1048576)",
    "SELECT topk_state('20min', 's', 'latest', 1, 5, 2)",
    "SELECT * FROM topk_spans('1min', 's')",
    "SELECT events FROM topk_spans('5min', 's', NULL, 1)",
    "SELECT * FROM topk_series('all', '7min', NULL, 's', 'hybrid', 'latest')",
    "SELECT *, score_lower FROM topk_trending('20min', 5, 's', 'fast', 'latest', NULL, '40min')",
    "SELECT * FROM topk_trending('20min', 5, 's', 'exact', 'latest', 1, '40min', 'fall')",
    "SELECT *, score_upper FROM topk_trending('25min', 5, 's', 'hybrid', 'latest', NULL, NULL, "
    "'fall', 'time')",
    "SELECT * FROM topk('all', 10, 'f', 'fast', 1800000100)",
    "SELECT * FROM topk_trending('1min', 5, 'f', 'fast', 1800000060)",
    "SELECT * FROM topk_trending('1min', 5, 'f', 'hybrid', 1800000060, NULL, NULL, 'fall')",
    "BEGIN; INSERT INTO f(f) VALUES('integrity-check')",
    "ROLLBACK",
    "BEGIN; DELETE FROM t WHERE ts > unixepoch() + 50; INSERT INTO t VALUES ('y', unixepoch() + 2)",
    "SELECT * FROM topk_series('5min', '1min', 1, 'f', 'hybrid', 1800000100)",
    "ROLLBACK",
    "SELECT * FROM topk_stats",
    "SELECT * FROM s",
    "BEGIN; INSERT INTO s(s) VALUES('integrity-check')",
    "ROLLBACK",
    "BEGIN; INSERT INTO s(s) VALUES('optimize')",
    "SELECT * FROM topk('all', 10, 's')",
    "ROLLBACK",
    "BEGIN; INSERT INTO s(s, item) VALUES('forget', 3)",
    "ROLLBACK",
    "BEGIN; INSERT INTO s(s) VALUES('prune')",
    "ROLLBACK",
    "INSERT INTO s(item, partition) VALUES ('new', 1), (3, 'p')",
    "WITH RECURSIVE n(v) AS (VALUES(1) UNION ALL SELECT v + 1 FROM n WHERE v < 40) "
    "INSERT INTO s(item, ts, partition) SELECT v % 11, unixepoch() - v * 7, v % 3 FROM n",
    "SELECT * FROM topk('all', 10, 's', 'hybrid')",
    "INSERT INTO s(s) VALUES('rebuild')",
    "SELECT * FROM topk('all', 10, 's', 'fast', 'latest')",
    "DROP TABLE s",
    "DROP TABLE f"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  database const db = sound_copy();
  source in(data, size);
  for (int changes = 0; changes < 8 && !in.is_empty(); ++changes) change(db.get(), in);
  for (char const* sql : questions) {
    // A ROLLBACK without a transaction fails, where the failure before has rolled back already.
    if (std::string_view(sql) == "ROLLBACK" && sqlite3_get_autocommit(db.get()) != 0) continue;
    ask(db.get(), sql);
  }
  return 0;
}
