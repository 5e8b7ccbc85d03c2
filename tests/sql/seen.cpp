#include "sql/seen.hpp"

namespace topk::test {

std::string snapshot(database& db, std::string const& stream) {
  value const name = value::text(stream);
  std::string out;
  for (char const* mode : {"fast", "exact", "hybrid"}) {
    for (char const* window : {"'all', 1000", "'1hour', 20"}) {
      outcome const answer = db.attempt(
          "SELECT rank, item, count, lower, upper, proven, total_lower, total_upper, "
          "since, until, confidence, source FROM topk(" +
              std::string(window) + ", ?1, ?2, 'latest')",
          {name, value::text(mode)});
      out += std::string(mode) + ":\n" + to_text(answer.rows) + answer.message + "\n";
    }
  }
  outcome const counters = db.attempt(
      "SELECT events, weight, late, first_ts, last_ts, log_rows FROM topk_stats(?1)", {name});
  return out + to_text(counters.rows) + counters.message;
}

std::string shadow_rows(database& db, std::string const& stream) {
  std::string out;
  for (char const* suffix : {"config", "log", "tail", "pane", "part", "keys"}) {
    std::string const table = stream + "_" + suffix;
    value const found =
        db.scalar("SELECT count(*) FROM sqlite_schema WHERE name = ?", {value::text(table)});
    if (found.as_integer() == 0) continue;
    out += table + "\n" + to_text(db.query("SELECT * FROM " + quoted_name(table)));
  }
  return out;
}

std::string series(std::int64_t first, std::int64_t last) {
  return "(WITH RECURSIVE n(value) AS (VALUES(" + std::to_string(first) +
         ") UNION ALL SELECT value + 1 FROM n WHERE value < " + std::to_string(last) +
         ") SELECT value FROM n)";
}

}  // namespace topk::test
