// The shadow table stream_log: every retained event of a stream of format 1. Those with log=off or
// content= have none.
#pragma once

#include <cstdint>
#include <string>

#include "sqlite/row_feed.hpp"
#include "storage/shadow_tables.hpp"

namespace topk::storage {

class log_table {
 public:
  explicit log_table(shadow_tables& of) noexcept : tables_(of) {}

  status put(sqlite::tail_row const& row);
  // The `count` rows that the feed has, by one statement.
  status put(sqlite::row_feed& rows, std::int64_t count);
  // Copies the rows that are held in the tail.
  status take_held();
  // Deletes up to `limit` rows, oldest first. `before` is in microseconds, inclusive. Returns how
  // many went.
  result<std::int64_t> expire(std::int64_t before, std::int64_t limit);
  // Deletes the item's rows; returns how many.
  result<std::int64_t> forget(item_view const& item);
  status clear();

  // A SELECT of ts, item, weight, partition, seq over a span of the log, and the tail's held rows
  // if asked; bind_span() sets its parameters, 1 to 4.
  [[nodiscard]] std::string rows_sql(bool with_held) const;
  static void bind_span(sqlite::statement::execution& use, micros since, micros until,
                        bool with_held);
  // The same of the whole log, in order of seq, without parameters or held rows.
  [[nodiscard]] std::string by_seq_sql() const;
  // The root page of the log in its schema, for finding who reads it; 0 without a log.
  result<std::int64_t> root();

 private:
  shadow_tables& tables_;
};

}  // namespace topk::storage
