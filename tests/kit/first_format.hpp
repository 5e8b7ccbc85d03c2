// Streams as the first release made them: their log has a row for each event, their closed panes
// are v1, and they keep none for the past.
#pragma once

#include <string>
#include <vector>

#include "kit/database.hpp"
#include "kit/value.hpp"

namespace topk::test {

// SQL for the head of a new stream of the first release, head v1, with as many levels as the one
// that is there; the checksums are pinned for 1 to 8.
[[nodiscard]] inline std::string first_head() {
  std::string const no_time = "ffffffffffffffffff01";  // all of its times
  std::string const start = "d6010000" + no_time + no_time + no_time + std::string(18, '0');
  std::string head = "CASE substr(value, 44, 1)";
  std::string levels;
  int count = 0;
  for (auto const* checksum : {"49d37a32", "f066c505", "bfb4f1d7", "10a67b51", "28a5898b",
                               "300e0ef0", "d3aeb7ae", "58fccf60"}) {
    levels += no_time + no_time;
    std::string const number = "0" + std::to_string(++count);
    head += " WHEN x'" + number + "' THEN x'" + start + number + levels + checksum + "'";
  }
  return head + " END";
}

// Statements that make an empty stream one of format 1. A connection that knows the stream must be
// opened again after them.
[[nodiscard]] inline std::vector<std::string> into_first_format(std::string const& stream) {
  return {"DROP TABLE " + quoted_name(stream + "_block"),
          "CREATE TABLE " + quoted_name(stream + "_log") +
              "(ts, item, weight, partition, seq INTEGER, PRIMARY KEY(ts, seq)) WITHOUT ROWID",
          "UPDATE " + quoted_name(stream + "_config") + " SET value = 1 WHERE key = 'format'",
          "UPDATE " + quoted_name(stream + "_config") + " SET value = " + first_head() +
              " WHERE key = 'head'"};
}

// Whether the stream, which exists, has its log in rows; 'optimize' ends that.
[[nodiscard]] inline bool has_first_format(database& db, std::string const& stream) {
  auto const got = db.attempt("SELECT 1 FROM " + quoted_name(stream + "_config") +
                              " WHERE key = 'format' AND value = 1");
  return got.ok() && !got.rows.empty();
}

}  // namespace topk::test
