// Streams as the first release made them, whose log has a row for each event.
#pragma once

#include <string>
#include <vector>

#include "kit/database.hpp"
#include "kit/value.hpp"

namespace topk::test {

// Statements that make an empty stream, created with past=0, one of format 1. A connection that knows
// the stream must be opened again after them.
[[nodiscard]] inline std::vector<std::string> into_first_format(std::string const& stream) {
  return {"DROP TABLE " + quoted_name(stream + "_block"),
          "CREATE TABLE " + quoted_name(stream + "_log") +
              "(ts, item, weight, partition, seq INTEGER, PRIMARY KEY(ts, seq)) WITHOUT ROWID",
          "UPDATE " + quoted_name(stream + "_config") + " SET value = 1 WHERE key = 'format'"};
}

// Whether the stream, which exists, has its log in rows; 'optimize' ends that.
[[nodiscard]] inline bool has_first_format(database& db, std::string const& stream) {
  auto const got = db.attempt("SELECT 1 FROM " + quoted_name(stream + "_config") +
                              " WHERE key = 'format' AND value = 1");
  return got.ok() && !got.rows.empty();
}

}  // namespace topk::test
