// Writes, continues and shows a database of fixed events at a fixed time, so that a script can
// compare what comes out on one CPU with what comes out on another.
//
//   topk_cross_cpu write FILE      makes it: streams with and without a log, with partitions, of a
//                                  table, overflowed; sketches as values
//   topk_cross_cpu continue FILE   opens it an hour later: events, retractions, forget, prune
//   topk_cross_cpu show FILE       prints each answer to a fixed list of questions, each stored row
//
// Two files of equal events show the same bytes up to the line "-- drawn"; the random `identity` of
// each stream is not shown.
#include <sqlite3.h>

#include <bit>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>
#if defined(_WIN32)
#include <fcntl.h>
#include <io.h>
#endif

#include "kit/clock_vfs.hpp"
#include "kit/database.hpp"
#include "kit/random.hpp"

using namespace topk::test;

namespace {

constexpr std::int64_t start = 1'800'000'000;

database open(std::string const& path, int flags) {
  install_clock_vfs();
  database db(path, flags, clock_vfs_name);
  db.load_topk();
  return db;
}

// Of every type, with bytes above 0x7F, which are negative where char is signed, and with NUL.
value some_item(random_source& random) {
  auto const which = static_cast<std::int64_t>(random.skewed(4000));
  switch (which % 6) {
    case 0: return value::integer((which - 2000) * 1'000'003);
    case 1: return value::real(static_cast<double>(which) / 8);
    case 2: return value::text("\xC3\xA9t\xC3\xA9 " + std::to_string(which));
    case 3: return value::text(std::string("a\0b", 3) + static_cast<char>('A' + which % 26));
    case 4:
      return value::blob(
          std::string(static_cast<std::size_t>(which % 40), static_cast<char>(which)) + "\x80\x7F");
    default:
      return value::text("item " + std::to_string(which) + " of more than twenty-four bytes");
  }
}

value some_partition(random_source& random) {
  switch (random.below(8)) {
    case 0: return {};
    case 1: return value::integer(-1);
    case 2: return value::blob("\xFF\x01");
    case 3: return value::real(0.25);
    default: return value::text("part " + std::to_string(random.skewed(20)));
  }
}

// `count` events of the `span` seconds up to now, a tenth of them retractions, some with parts of a
// second.
void add_events(database& db, std::string const& stream, std::uint64_t seed, int count,
                std::int64_t span) {
  random_source random(seed);
  prepared insert =
      db.prepare("INSERT INTO " + stream + "(item, ts, weight, partition) VALUES (?, ?, ?, ?)");
  db.exec("BEGIN");
  for (int i = 0; i < count; ++i) {
    std::int64_t const seconds = clock_ms() / 1000 - random.between(0, span);
    value const ts = random.percent(20) ? value::real(static_cast<double>(seconds) + 0.123456)
                                        : value::integer(seconds);
    std::int64_t const weight = random.percent(10)  ? -1
                                : random.percent(5) ? random.between(1, 1 << 30)
                                                    : 1;
    value const item = some_item(random);
    outcome const got = insert.run({item, ts, value::integer(weight), some_partition(random)});
    if (!got.ok()) throw sql_error(got.code, stream + ": " + got.message);
    if (i % 1000 == 999) db.exec("COMMIT; BEGIN");
  }
  db.exec("COMMIT");
}

// A claim about what was made: without it the comparison would compare less than it says.
void require_some(database& db, std::string const& what, std::string const& sql) {
  std::int64_t const found = db.scalar(sql).as_integer();
  if (found <= 0) throw std::runtime_error("the written database has no " + what + ": " + sql);
}

void require_flag(database& db, std::string const& table, int flag) {
  require_some(db, "pane with flag " + std::to_string(flag) + " in " + table,
               "SELECT count(*) FROM " + table +
                   " WHERE instr('0123456789ABCDEF', substr(hex(body), 8, 1)) - 1 & " +
                   std::to_string(flag));
}

void write(database& db) {
  set_clock_ms(start * 1000);
  db.exec("CREATE VIRTUAL TABLE logged USING topk_stream(seed=1, memory=16384, k=5)");
  db.exec(
      "CREATE VIRTUAL TABLE unlogged USING topk_stream(seed=-2, memory=16384, k=5, log=off, "
      "windows='1min,1hour')");
  db.exec("CREATE VIRTUAL TABLE topk_events USING topk_stream(seed=3)");
  db.exec(
      "CREATE TABLE history(id INTEGER PRIMARY KEY, song, at, n, country);"
      "CREATE VIRTUAL TABLE tracked USING topk_stream(seed=4, content='history', item='song', "
      "ts='at', weight='n', "
      "partition='country'); INSERT INTO tracked(tracked) VALUES('track')");
  add_events(db, "logged", 21, 12'000, 20 * 3600);
  add_events(db, "unlogged", 22, 12'000, 3600);
  add_events(db, "cms_add", 23, 3'000, 100'000);  // some are late
  // A pane whose time has not passed keeps its filters: 6,000 events in half a second.
  set_clock_ms(start * 1000 + 500);
  for (char const* stream : {"logged", "unlogged"}) {
    db.exec("INSERT INTO " + std::string(stream) +
            "(item, ts, weight) WITH RECURSIVE n(x) AS (VALUES(1) UNION ALL SELECT x + 1 "
            "FROM n WHERE x < 6000) SELECT 'burst ' || (x * x % 2003), 1800000000.25, CASE x % 7 "
            "WHEN 0 THEN -2 ELSE 1 END FROM n");
  }
  db.exec(
      "INSERT INTO history(song, at, n, country) SELECT item, ts, weight, partition FROM logged "
      "LIMIT 2000;"
      "UPDATE history SET n = n + 1 WHERE id % 7 = 0; DELETE FROM history WHERE id % 11 = 0");
  // Exact values are the same of the same items; overflowed ones depend on the seed that the
  // connection drew.
  db.exec(
      "CREATE TEMP TABLE source AS SELECT item, ts FROM topk_events ORDER BY ts, rowid;"
      "CREATE TABLE kept(name TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;"
      "INSERT INTO kept SELECT 'hour ' || cast(ts / 3600 AS INTEGER), "
      "approx_top_k_accumulate(item) FROM source "
      "GROUP BY cast(ts / 3600 AS INTEGER);"
      "INSERT INTO kept SELECT 'combined', approx_top_k_combine(body) FROM kept;"
      "INSERT INTO kept SELECT 'cms ' || (ts % 3), count_min_sketch(item, 0.013, 0.97, 77) FROM "
      "source GROUP BY ts % 3;"
      "INSERT INTO kept SELECT 'cms all', cms_merge(body) FROM kept WHERE name LIKE 'cms%';"
      "CREATE TABLE drawn(name TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;"
      "INSERT INTO drawn SELECT 'hour ' || cast(ts / 3600 AS INTEGER), "
      "approx_top_k_accumulate(item, 16) FROM source "
      "GROUP BY cast(ts / 3600 AS INTEGER);"
      "INSERT INTO drawn SELECT 'combined', approx_top_k_combine(body, 16) FROM drawn");
  add_events(db, "logged", 24, 40, 60);
  for (char const* stream : {"logged", "unlogged"}) {
    for (int const flag : {2, 4}) require_flag(db, std::string(stream) + "_pane", flag);
    require_some(db, "levels",
                 "SELECT count(DISTINCT level) > 1 FROM " + std::string(stream) + "_pane");
    require_some(db, "parts", "SELECT count(*) FROM " + std::string(stream) + "_part");
  }
  require_flag(db, "logged_pane", 1);
  require_flag(db, "drawn", 1);
  for (char const* stream : {"topk_events", "tracked"}) {
    require_some(db, "tail", "SELECT count(*) FROM " + std::string(stream) + "_tail");
  }
  require_some(db, "late events", "SELECT late FROM topk_stats('topk_events')");
}

void go_on(database& db) {
  set_clock_ms((start + 3600) * 1000);
  add_events(db, "logged", 31, 4'000, 7200);
  add_events(db, "unlogged", 32, 4'000, 1800);
  db.exec(
      "INSERT INTO logged(logged, item) SELECT 'forget', item FROM topk('all', 1, 'logged');"
      "INSERT INTO history(song, at, n, country) VALUES ('new', unixepoch(), 1000, 'de'); DELETE "
      "FROM history WHERE id < 100;"
      "INSERT INTO unlogged(unlogged) VALUES('prune'); INSERT INTO unlogged(unlogged) "
      "VALUES('optimize');"
      "INSERT INTO topk_events(topk_events) VALUES('optimize');"
      "INSERT INTO tracked(tracked) VALUES('rebuild'); INSERT INTO kept SELECT 'again', "
      "approx_top_k_combine(body) FROM kept "
      "WHERE name LIKE 'hour%'");
}

void show(database& db, std::string const& sql) {
  outcome const got = db.attempt(sql);
  std::cout << sql << '\n' << to_text(got.rows);
  if (!got.ok()) std::cout << "error " << got.code << ": " << got.message << '\n';
}

// The bits of a REAL, as it may differ in the last place.
std::string bits_of(value const& of) {
  if (of.type() != value_type::real) return of.literal();
  std::ostringstream out;
  out << std::hex << std::bit_cast<std::uint64_t>(of.as_real());
  return out.str();
}

void show_bits(database& db, std::string const& sql) {
  outcome const got = db.attempt(sql);
  std::cout << sql << '\n';
  for (row const& each : got.rows) {
    for (value const& one : each) std::cout << bits_of(one) << ' ';
    std::cout << '\n';
  }
  if (!got.ok()) std::cout << "error " << got.code << ": " << got.message << '\n';
}

// Every byte of what is shipped.
void show_states(database& db, std::string const& stream) {
  for (char const* rest :
       {"'all', S, 'latest'", "'1min', S, 'latest', 'part 1'", "'10min', S, 1799998800, NULL, 7",
        "'5min', S, 1799998800, NULL, 70, 2"}) {
    std::string call(rest);
    call.replace(call.find('S'), 1, stream);
    show(db, "SELECT hex(topk_state(" + call + "))");
  }
  show(db, "SELECT since, until, events, hex(state) FROM topk_spans('5min', " + stream + ")");
}

// Scores to the last bit: what is rounded on the way must be rounded alike.
void show_trends(database& db, std::string const& stream) {
  for (char const* window : {"'5min'", "'17min'", "'25min'"}) {
    for (char const* mode : {"fast", "hybrid", "exact"}) {
      for (char const* rest : {"'latest', NULL, '30min'", "'latest', 'part 1', NULL, 'fall'",
                               "1799999000.5, NULL, '10min', 'rise', 'time'",
                               "'latest', NULL, '7min', 'fall', 'time'"}) {
        show_bits(db, std::string("SELECT rank, item, count, expected, score, proven, lower, "
                                  "upper, expected_lower, expected_upper, score_lower, "
                                  "score_upper, baseline_since, source FROM topk_trending(") +
                          window + ", 12, " + stream + ", '" + mode + "', " + rest + ")");
      }
    }
  }
}

void show_stream(database& db, std::string const& name) {
  std::string const stream = value::text(name).literal();
  for (char const* window : {"'1min'", "'5min'", "'17min'", "'1hour'", "'all'"}) {
    for (char const* mode : {"fast", "hybrid", "exact"}) {
      for (char const* rest :
           {"'latest'", "'latest', 'part 1'", "'latest', -1", "'latest', x'FF01'", "'latest', 0.25",
            "1799999000.5", "'2027-01-15 07:30:10'"}) {
        show(db, std::string("SELECT rank, item, count, lower, upper, proven, total_lower, "
                             "total_upper, since, until, confidence, "
                             "source FROM topk(") +
                     window + ", 12, " + stream + ", '" + mode + "', " + rest + ")");
      }
    }
  }
  show_trends(db, stream);
  show_states(db, stream);
  for (char const* item : {"'\u00e9t\u00e9 2'", "-2000006000", "x'807F'", "0.125", "'nobody'",
                           "CAST(x'610062' || 'D' AS TEXT)"}) {
    show(db, std::string("SELECT * FROM topk_count('all', ") + item + ", " + stream +
                 ", 'fast', 'latest')");
  }
  show(db,
       "SELECT stream, events, weight, late, rejected, first_ts, last_ts, panes, tail_rows, "
       "log_rows, evictions, max_error "
       "FROM topk_stats(" +
           stream + ")");
  show(db, "INSERT INTO " + name + "(" + name.substr(name.find('.') + 1) +
               ") VALUES('integrity-check')");
  show(db, "SELECT count(*), sum(weight) FROM " + name);
}

void show_values(database& db) {
  show(db, "SELECT name, approx_top_k_estimate(body, 5) FROM kept WHERE name NOT LIKE 'cms%'");
  show(db,
       "SELECT name, cms_info(body), cms_estimate(body, '\u00e9t\u00e9 2'), cms_estimate(body, "
       "-2000006000), "
       "cms_estimate(body, 0.125) FROM kept WHERE name LIKE 'cms%'");
  show(db,
       "SELECT partition, approx_top_k(item, 3), top_k(item, 2), approx_top_sum(item, weight, 2) "
       "FROM topk_events "
       "GROUP BY partition ORDER BY partition");
  show(db,
       "SELECT approx_top_k(item, 2) OVER (ORDER BY ts, rowid ROWS 9 PRECEDING) FROM topk_events "
       "LIMIT 200");
}

// What depends on the writer's seed: the same for each reader of one file. Reading hashes the items
// again, with the reader's own seed, and only the blob's own entries are shown here.
void show_drawn(database& db) {
  std::cout << "-- drawn\n";
  show(db, "SELECT name, approx_top_k_estimate(body, 5) FROM drawn");
  show(db, "SELECT name, each.* FROM drawn, topk_each(body, 3) AS each");
  show(db, "SELECT * FROM drawn");
}

// A sound file stays as it is: integrity-check is the only thing written to, and it writes nothing.
void show_all(database& db) {
  set_clock_ms((start + 3600) * 1000);
  show(db, "PRAGMA integrity_check");
  for (row const& each : db.query("SELECT stream FROM topk_stats ORDER BY stream"))
    show_stream(db, each.at(0).bytes());
  bool const has_values = !db.query("SELECT 1 FROM sqlite_schema WHERE name = 'kept'").empty();
  if (has_values) show_values(db);
  for (row const& each : db.query(
           "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' "
           "AND name <> 'drawn' ORDER BY name")) {
    std::string const& table = each.at(0).bytes();
    show(db, "SELECT * FROM " + quoted_name(table) +
                 (table.ends_with("_config") ? " WHERE key <> 'identity'" : ""));
  }
  if (has_values) show_drawn(db);
}

int run(std::string const& verb, std::string const& path) {
  constexpr int writable = SQLITE_OPEN_READWRITE;
  if (verb == "write") {
    database db = open(path, writable | SQLITE_OPEN_CREATE);
    write(db);
  } else if (verb == "continue") {
    database db = open(path, writable);
    go_on(db);
  } else if (verb == "show") {
    database db = open(path, writable);
    show_all(db);
  } else {
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
#if defined(_WIN32)
  _setmode(_fileno(stdout), _O_BINARY);  // lines end as elsewhere
#endif
  try {
    int const code = argc == 3 ? run(argv[1], argv[2]) : 2;
    if (code == 2) std::cerr << "usage: topk_cross_cpu write|continue|show FILE\n";
    return code;
  } catch (std::exception const& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
  }
}
