// The one rule that decides what a row of a content= table counts.
//
// INSERT, UPDATE and DELETE of a tracked row, rebuild, exact, hybrid and integrity-check all read
// rows here, so that what one of them counts the others count too.
#pragma once

#include <cstdint>

#include "live/open_stream.hpp"
#include "sqlite/values.hpp"

namespace topk::engine {

// The values of one row; all outlive the object. NULL stands for a column that is not mapped.
struct column_values {
  sqlite3_value* item;
  sqlite3_value* ts;
  sqlite3_value* weight;
  sqlite3_value* partition;
};

// A row as an event, and bytes that the event borrows.
struct content_row {
  live::new_event event;
  sqlite::item_buffer item_bytes;
  sqlite::item_buffer partition_bytes;
  std::uint8_t times = 0;  // of stream::content_times: how its ts is written; 0 for a number
};

enum class row_kind : std::uint8_t {
  counts,
  empty,       // no item, no ts, or a weight of 0: there is nothing to count
  unreadable,  // a ts that is not a time
  refused,     // a weight that is not one; an item or a partition that is too long
};

// What the row alone says: the clock has no part in it. Fails only where SQLite fails.
result<row_kind> read_content_row(live::open_stream& state, column_values const& of,
                                  content_row& out);

// A row beyond max_partitions closes the list of partitions: from then on rows of other partitions
// do not count, until 'rebuild', so that timing does not decide which rows count.
result<bool> has_closed_partitions(live::open_stream& state);
status close_partitions(live::open_stream& state, bool closed);
// For a row that is there: whether its partition counts. `is_closed` is has_closed_partitions().
result<bool> counts_partition_of(live::open_stream& state, live::new_event const& event,
                                 bool is_closed);
// For a row that comes in: whether its partition counts; a new one is taken while there is room.
result<bool> admits_partition(live::open_stream& state, item_view const& partition);

}  // namespace topk::engine
