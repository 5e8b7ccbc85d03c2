// The shadow table stream_ahead: rows of a content= table that were dated ahead of the clock when
// they came, in order of their time. A row that leaves the table before its time goes from here;
// one that is not here, as it was counted before the clock stepped back, is a row of negative
// weight.
//
// Streams of older releases have no such table until the first row needs it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/time.hpp"
#include "sqlite/row_feed.hpp"
#include "storage/shadow_tables.hpp"

namespace topk::storage {

class ahead_table {
 public:
  explicit ahead_table(shadow_tables& of) noexcept : tables_(of) {}

  // Whether there is such a table. Costs no statement. The rest requires it, but for put().
  [[nodiscard]] result<bool> exists() const;
  status create();

  // Adds the row, or takes one away that it undoes. `seq` is not used.
  status put(sqlite::tail_row const& row);
  // Whether there is a row with since < ts <= until.
  result<bool> has_rows(micros since, micros until);
  // The greatest ts at or before `until`.
  result<std::optional<micros>> newest(micros until);

  // True: goes on to the next row.
  using visitor = std::function<result<bool>(sqlite::tail_row const&)>;
  // The rows with since < ts <= until in order of ts. errc::corrupt for a row that is not ours.
  status each(micros since, micros until, visitor const& visit);
  // Deletes the rows up to this one, as each() orders them.
  status drop_to(sqlite::tail_row const& row);

  // Deletes the item's rows; returns how many.
  result<std::int64_t> forget(item_view const& item);
  status clear();

 private:
  shadow_tables& tables_;
};

}  // namespace topk::storage
