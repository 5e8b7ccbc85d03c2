// The shadow table stream_tail: committed events that are in no pane yet, in order of sequence
// numbers.
#pragma once

#include <cstdint>
#include <functional>

#include "sqlite/row_feed.hpp"
#include "storage/shadow_tables.hpp"

namespace topk::storage {

class tail_table {
 public:
  explicit tail_table(shadow_tables& of) noexcept : tables_(of) {}

  status put(sqlite::tail_row const& row);
  // The `count` rows that the feed has, by one statement.
  status put(sqlite::row_feed& rows, std::int64_t count);
  // Rows with greater sequence numbers, in their order. errc::corrupt for a row that is not ours.
  status after(std::int64_t seq, std::function<status(sqlite::tail_row const&)> const& visitor);
  // 0 if there is none.
  result<std::int64_t> last_seq();
  // Deletes the rows up to a sequence number, except those held.
  status drop(std::int64_t up_to);
  // How many rows up to a sequence number there are: those that drop() left.
  result<std::int64_t> held_count(std::int64_t up_to);
  status release_held();
  // Deletes the item's rows; returns how many.
  result<std::int64_t> forget(item_view const& item);
  status clear();

 private:
  shadow_tables& tables_;
};

}  // namespace topk::storage
