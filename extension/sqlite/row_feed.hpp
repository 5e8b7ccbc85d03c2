// Many rows into a shadow table by one statement: an internal table-valued function that hands out
// rows from memory. SQLite then steps one program, where a prepared INSERT for each row starts
// another.
//
//   INSERT INTO ... SELECT seconds, item, ... FROM topk_row_feed(?1)
//
// The argument is a pointer that only sqlite3_bind_pointer() can make: from SQL there is none, and
// the function is an error.
#pragma once

#include <optional>

#include "base/item.hpp"
#include "base/status.hpp"
#include "sqlite/api.hpp"

namespace topk::sqlite {

// One row of the tail, or one to be written there and in the log.
struct tail_row {
  std::int64_t seq = 0;
  std::int64_t ts = 0;
  item_view item;
  std::int64_t weight = 0;
  std::optional<item_view> partition{};
  std::optional<std::int64_t> now{};
  bool held = false;
};

class row_feed {
 public:
  static constexpr char const* module_name = "topk_row_feed";

  virtual ~row_feed() = default;
  // Makes `row` the next one; false past the last. What it borrows outlives the statement.
  virtual bool next(tail_row& row) noexcept = 0;
};

// Registers the module. Its columns: seconds, item, weight, partition, seq, micros, now, held.
status register_row_feed(sqlite3* db);

}  // namespace topk::sqlite
