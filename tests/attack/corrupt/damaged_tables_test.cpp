// Shadow tables dropped, emptied, altered, replaced by something that is no table.
#include <catch2/catch.hpp>

#include "hostile_file.hpp"

using namespace topk::test;

namespace {

struct shadow_table {
  std::string name, column, columns;
};

std::vector<shadow_table> const tables = {
    {"s_config", "value", "key, value"},
    {"s_pane", "body", "level, pane, version, body"},
    {"s_part", "body", "level, pane, partition, version, body"},
    {"s_keys", "partition", "id, partition"},
    {"s_tail", "item", "seq, ts, item, weight, partition, now, held"},
    {"s_block", "body", "last, first, oldest, newest, events, body"}};

}  // namespace

TEST_CASE("a shadow table dropped, emptied or altered does no harm", "[corrupt][tables]") {
  hostile_file file;
  for (auto const& one : tables) {
    std::string const alter = "ALTER TABLE " + one.name;
    for (std::string const& damage :
         {"DROP TABLE " + one.name, "DELETE FROM " + one.name, alter + " ADD COLUMN more DEFAULT 7",
          alter + " ADD COLUMN must NOT NULL DEFAULT 7 CHECK (must > 7)",
          alter + " RENAME COLUMN " + one.column + " TO renamed", alter + " RENAME TO elsewhere",
          "CREATE UNIQUE INDEX narrow ON " + one.name + "(1)",
          "CREATE TABLE copy AS SELECT " + one.columns + " FROM " + one.name + "; DROP TABLE " +
              one.name + "; " + "ALTER TABLE copy RENAME TO " + one.name}) {
      file.try_damage(damage, promise::any_rows);
    }
  }
}

TEST_CASE("a view in a shadow table's place does no harm", "[corrupt][tables]") {
  hostile_file file;
  for (auto const& one : tables) {
    for (std::string const& select :
         {"SELECT " + one.columns + " FROM copy",
          // It asks the stream, which would ask it again.
          "SELECT " + one.columns +
              " FROM copy WHERE (SELECT count(*) FROM topk('all', 10, 's', 'exact', 'latest')) >= "
              "0",
          "SELECT " + one.columns +
              " FROM copy WHERE (SELECT count(*) FROM topk('all', 10, 's', 'fast', 'latest')) >= 0",
          "SELECT " + one.columns + " FROM copy WHERE (SELECT count(*) FROM s) >= 0",
          // Nobody ever reads to its end; what may be read is bounded by what SQLite's host allows.
          std::string("SELECT * FROM no_such_table")}) {
      file.try_damage("ALTER TABLE " + one.name + " RENAME TO copy; CREATE VIEW " + one.name + "(" +
                          one.columns + ") AS " + select,
                      promise::any_rows);
    }
    file.try_damage("DROP TABLE " + one.name + "; CREATE VIRTUAL TABLE " + one.name +
                        " USING fts5(" + one.columns + ")",
                    promise::any_rows);
  }
}

TEST_CASE("a trigger on a shadow table cannot drive the stream in circles", "[corrupt][tables]") {
  hostile_file file;
  for (auto const& one : tables) {
    for (char const* event : {"INSERT", "DELETE", "UPDATE"}) {
      for (char const* body :
           {"INSERT INTO s(item) VALUES ('again')", "INSERT INTO s(s) VALUES ('delete-all')",
            "INSERT INTO s(s) VALUES ('rebuild')", "DELETE FROM s_tail; DELETE FROM s_pane",
            "SELECT count(*) FROM topk('all', 10, 's', 'exact')",
            "INSERT INTO other(item) VALUES (1)", "SELECT raise(ROLLBACK, 'stop')",
            "SELECT raise(ABORT, 'stop')", "SELECT raise(FAIL, 'stop')", "SELECT raise(IGNORE)"}) {
        file.try_damage("CREATE TRIGGER t AFTER " + std::string(event) + " ON " + one.name +
                            " BEGIN " + body + "; END",
                        promise::any_rows);
      }
    }
  }
}
