// Rows that are missing, of another type, under another key, or of another stream.
#include <algorithm>
#include <catch2/catch.hpp>

#include "forgery.hpp"
#include "hostile_file.hpp"
#include "kit/sanitizers.hpp"

using namespace topk::test;

namespace {

std::vector<std::string> const columns = {
    "s_config.value", "s_pane.level",     "s_pane.pane",    "s_pane.version", "s_pane.body",
    "s_part.level",   "s_part.pane",      "s_part.version", "s_part.body",    "s_part.partition",
    "s_keys.id",      "s_keys.partition", "s_tail.seq",     "s_tail.ts",      "s_tail.item",
    "s_tail.weight",  "s_tail.partition", "s_tail.now",     "s_tail.held",    "s_block.last",
    "s_block.first",  "s_block.oldest",   "s_block.newest", "s_block.events", "s_block.body"};

// Of a log of the first format.
std::vector<std::string> const first_columns = {"s_log.ts",        "s_log.item", "s_log.weight",
                                                "s_log.partition", "s_log.seq",  "s_tail.held"};

std::vector<std::string> const values = {"NULL",
                                         "0",
                                         "-1",
                                         "1",
                                         "2.5",
                                         "1e300",
                                         "-9e999",
                                         "9e999",
                                         "'text'",
                                         "'12'",
                                         "x''",
                                         "x'00'",
                                         "zeroblob(100000)",
                                         "9223372036854775807",
                                         "-9223372036854775808",
                                         "4611686018427387904",
                                         "-4611686018427387905",
                                         "1099511627777",
                                         "253402300800000000"};

// Rows of a table by a number: those of WITHOUT ROWID tables have none of their own.
std::string pick(std::string const& table, std::string const& position) {
  if (table == "s_config") return "key = (SELECT key FROM s_config ORDER BY key " + position + ")";
  if (table == "s_log")
    return "(ts, seq) = (SELECT ts, seq FROM s_log ORDER BY seq " + position + ")";
  if (table == "s_pane") {
    return "(level, pane) = (SELECT level, pane FROM s_pane ORDER BY level, pane " + position + ")";
  }
  if (table == "s_part") {
    return "(level, pane, partition) = (SELECT level, pane, partition FROM s_part ORDER BY level, "
           "pane, partition " +
           position + ")";
  }
  return "rowid = (SELECT rowid FROM " + table + " ORDER BY rowid " + position + ")";
}

// Each column in turn, of the first row, the last, and all; an integrity constraint of the table
// itself may forbid the latter.
void try_values(hostile_file& file, std::vector<std::string> const& of, std::size_t& count) {
  for (auto const& column : of) {
    auto const dot = column.find('.');
    std::string const table = column.substr(0, dot);
    for (auto const& one : values) {
      for (std::string const& where :
           {pick(table, "LIMIT 1"), pick(table, "DESC LIMIT 1"), std::string("1")}) {
        if (count++ % stride() != 0) continue;
        file.try_damage("UPDATE OR REPLACE " + table + " SET " + column.substr(dot + 1) + " = " +
                            one + " WHERE " + where,
                        promise::any_rows);
      }
    }
  }
}

}  // namespace

TEST_CASE("a value of another type or at its limits does no harm to a stream of the first format",
          "[corrupt][rows]") {
  hostile_file file("log=on", shape::first);
  std::size_t count = 0;
  try_values(file, first_columns, count);
  for (char const* damage :
       {"DELETE FROM s_log", "DELETE FROM s_log WHERE seq % 2",
        "INSERT OR REPLACE INTO s_log SELECT ts, item, weight, partition, seq + 1000 FROM s_log",
        "INSERT OR REPLACE INTO s_log SELECT ts + 100, item, 1099511627776, partition, seq FROM "
        "s_log",
        "DROP TABLE s_log", "ALTER TABLE s_log RENAME TO s_block",
        "UPDATE s_config SET value = 2 WHERE key = 'format'",
        "CREATE TABLE s_block(last, first, oldest, newest, events, body); UPDATE s_config SET "
        "value "
        "= 2 WHERE key = 'format'"}) {
    file.try_damage(damage, promise::any_rows);
  }
}

TEST_CASE("a value of another type or at its limits does no harm", "[corrupt][rows]") {
  hostile_file file;
  std::size_t count = 0;
  try_values(file, columns, count);
  for (char const* key : {"format", "seed", "identity", "head"}) {
    for (auto const& one : values) {
      if (count++ % std::min<std::size_t>(stride(), 16) != 0) continue;
      file.try_damage("UPDATE s_config SET value = " + one + " WHERE key = '" + key + "'",
                      promise::any_rows);
    }
  }
}

TEST_CASE("a damaged key or number of a stream of full shape does no harm, and each statement ends",
          "[corrupt][rows]") {
  std::size_t count = 0;
  for (char const* options : {"log=off", "log=on"}) {
    if (is_sanitized && options == std::string("log=off")) continue;  // both are in other builds
    hostile_file file(options, shape::full);
    for (std::string const column : {"s_pane.pane", "s_pane.level", "s_pane.version", "s_part.pane",
                                     "s_part.level", "s_part.version", "s_keys.id", "s_tail.ts",
                                     "s_block.last", "s_block.first", "s_block.newest"}) {
      auto const dot = column.find('.');
      std::string const table = column.substr(0, dot);
      if (table == "s_block" && options == std::string("log=off")) continue;
      std::string const name = column.substr(dot + 1);
      // A key that sorts apart from its kind, and ones that fall back, stand still, or jump.
      for (std::string const& to :
           {std::string("'x'"), std::string("x''"), std::string("NULL"), name + " + 0.5",
            std::string("1e300"), name + " - 40", name + " + 1000000", "-" + name,
            std::string("9223372036854775807")}) {
        for (int at : {0, 1, 7, 23, 49}) {
          if (count++ % stride() != 0) continue;
          std::string where = pick(table, "DESC LIMIT 1 OFFSET " + std::to_string(at));
          if (table == "s_pane") {
            std::string const level = std::to_string(at % 2);
            where = "level = " + level +
                    " AND pane = (SELECT pane FROM s_pane WHERE level = " + level +
                    " ORDER BY pane DESC LIMIT 1 OFFSET " + std::to_string(at) + ")";
          }
          file.try_damage(
              "UPDATE OR REPLACE " + table + " SET " + name + " = " + to + " WHERE " + where,
              promise::any_rows);
        }
      }
    }
  }
}

TEST_CASE("a damaged row that is dated ahead does no harm, and each statement ends",
          "[corrupt][rows]") {
  hostile_file file("retain='2hour'", shape::followed);
  std::size_t count = 0;
  for (std::string const name : {"ts", "item", "weight", "partition", "seq"}) {
    auto to = values;
    for (auto const* change : {" - 40", " + 1000000", " - 20000", " + 0.5"}) {
      to.push_back(name + change);
    }
    for (auto const& value : to) {
      for (auto const* where :
           {"", " WHERE ts = (SELECT min(ts) FROM s_ahead)", " WHERE item = 1"}) {
        if (count++ % stride() != 0) continue;
        file.try_damage("UPDATE OR REPLACE s_ahead SET " + name + " = " + value + where,
                        promise::any_rows);
      }
    }
  }
  for (auto const* sql :
       {"DELETE FROM s_ahead", "DROP TABLE s_ahead", "DELETE FROM s_ahead WHERE item = 1",
        "INSERT INTO s_ahead SELECT ts, item, -weight, partition, seq + 100 FROM s_ahead",
        "INSERT INTO s_ahead SELECT ts - 1000000000, item, weight, partition, seq + 100 FROM "
        "s_ahead",
        "DROP TABLE s_ahead; CREATE TABLE s_ahead(a)",
        "DROP TABLE s_ahead; CREATE VIEW s_ahead AS SELECT 1 AS ts, 2 AS item, 3 AS weight, 4 AS "
        "partition, 5 AS seq"}) {
    file.try_damage(sql, promise::any_rows);
  }
}

TEST_CASE("a missing row does no harm", "[corrupt][rows]") {
  hostile_file file;
  for (char const* table : {"s_config", "s_pane", "s_part", "s_keys", "s_tail", "s_block"}) {
    file.try_damage("DELETE FROM " + std::string(table), promise::any_rows);
    for (int at = 0; at < 6; ++at) {
      file.try_damage("DELETE FROM " + std::string(table) + " WHERE " +
                          pick(table, "LIMIT 1 OFFSET " + std::to_string(at)),
                      promise::any_rows);
    }
  }
}

TEST_CASE("a doubled or swapped row does no harm", "[corrupt][rows]") {
  hostile_file file;
  // Each pane's body under the next pane's key, across levels too; parts under panes, and back.
  for (char const* damage :
       {"UPDATE s_pane SET body = (SELECT body FROM s_pane AS b WHERE b.level = s_pane.level AND "
        "b.pane > s_pane.pane ORDER BY b.pane LIMIT 1) WHERE level = 0",
        "UPDATE s_pane SET body = (SELECT body FROM s_pane AS b WHERE b.level <> s_pane.level "
        "LIMIT 1)",
        "UPDATE s_part SET body = (SELECT body FROM s_pane AS b ORDER BY length(b.body) DESC LIMIT "
        "1)",
        "UPDATE s_pane SET body = (SELECT body FROM s_part LIMIT 1)",
        "UPDATE s_part SET partition = 1 - partition",
        "UPDATE s_part SET body = (SELECT value FROM s_config WHERE key = 'head')",
        "UPDATE s_config SET value = (SELECT body FROM s_pane LIMIT 1) WHERE key = 'head'",
        "INSERT OR REPLACE INTO s_pane SELECT level, pane + 1, version, body FROM s_pane",
        "INSERT OR REPLACE INTO s_pane SELECT level + 1, pane, version, body FROM s_pane",
        "INSERT OR REPLACE INTO s_pane SELECT level, 9223372036854775807 - pane, version, body "
        "FROM s_pane",
        "INSERT OR REPLACE INTO s_pane SELECT level, -9223372036854775808 + pane, version, body "
        "FROM s_pane",
        "INSERT OR REPLACE INTO s_part SELECT level, pane, 'another', version, body FROM s_part",
        "INSERT OR REPLACE INTO s_tail SELECT seq + 100, ts, item, weight, partition, now, held "
        "FROM s_tail",
        "INSERT OR REPLACE INTO s_tail SELECT seq - 4, ts, item, weight, partition, now, 1 FROM "
        "s_tail",
        "INSERT OR REPLACE INTO s_tail SELECT 9223372036854775807, ts, item, weight, partition, "
        "now, held FROM s_tail LIMIT 1",
        "INSERT OR REPLACE INTO s_block SELECT last + 1000, first + 1000, oldest, newest, events, "
        "body FROM s_block",
        "INSERT OR REPLACE INTO s_block SELECT last + 1, first, oldest, newest, events, body FROM "
        "s_block",
        "UPDATE s_block SET body = (SELECT body FROM s_pane LIMIT 1)",
        "UPDATE s_pane SET body = (SELECT body FROM s_block LIMIT 1)",
        "INSERT INTO s_keys SELECT NULL, 'k' || id FROM s_keys"}) {
    file.try_damage(damage, promise::any_rows);
  }
}

TEST_CASE("a pane under another pane's key is seen", "[corrupt][rows]") {
  hostile_file file;
  for (char const* damage :
       {"UPDATE s_pane SET body = (SELECT body FROM s_pane AS b WHERE b.level = 0 ORDER BY b.pane "
        "LIMIT 1) WHERE level = 0 AND pane > (SELECT min(pane) FROM s_pane WHERE level = 0)",
        "UPDATE s_pane SET body = (SELECT body FROM s_pane AS b WHERE b.level = 1 ORDER BY b.pane "
        "LIMIT 1) WHERE level = 1 AND pane > (SELECT min(pane) FROM s_pane WHERE level = 1)"}) {
    file.try_damage(damage, promise::right_rows);
  }
}

TEST_CASE("rows of another stream, with another seed, do no harm", "[corrupt][rows]") {
  hostile_file file;
  for (char const* table : {"config", "pane", "part", "keys", "tail", "block"}) {
    std::string const name(table);
    file.try_damage(
        "DELETE FROM s_" + name + "; INSERT INTO s_" + name + " SELECT * FROM other_" + name,
        promise::any_rows);
    file.try_damage("INSERT OR IGNORE INTO s_" + name + " SELECT * FROM other_" + name,
                    promise::any_rows);
  }
  for (char const* key : {"seed", "identity", "head", "format"}) {
    file.try_damage(
        "UPDATE s_config SET value = (SELECT value FROM other_config AS o WHERE o.key = "
        "s_config.key) WHERE key = '" +
            std::string(key) + "'",
        promise::any_rows);
  }
}
