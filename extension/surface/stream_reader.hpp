// Reading a stream as a table: its logged events, or the rows of its content table.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "live/open_stream.hpp"

namespace topk::surface {

inline constexpr int ts_column = 1;

// For xBestIndex: offers bounds on ts, listed in idxStr as one letter per argument: l, u or e.
int plan_reading(sqlite3_index_info* info) noexcept;

class stream_reader {
 public:
  // Starts over. `state` is null for a stream that is not made yet: no rows.
  status start(std::shared_ptr<live::open_stream> state, char const* plan, int argc,
               sqlite3_value** argv);
  status next();
  [[nodiscard]] bool has_row() const noexcept { return has_row_; }
  [[nodiscard]] std::int64_t rowid() const noexcept {
    if (cursor_) return event_.seq;
    return use_ ? use_->integer(4) : 0;
  }
  void column(sqlite3_context* context, int index) const noexcept;
  void stop() noexcept;

 private:
  [[nodiscard]] static std::string rows_sql(live::open_stream& state);
  [[nodiscard]] static std::string content_sql(live::open_stream& state);
  status read_rows(live::open_stream& state, stream::time_span span);
  // Whether the row of the content table counts; the others are no events.
  result<bool> counts();

  std::shared_ptr<live::open_stream> state_;
  std::optional<live::event_cursor> cursor_;  // over blocks, and where it is
  stream::event_fields event_;
  std::unique_ptr<sqlite::statement> rows_;  // over all else
  std::optional<sqlite::statement::execution> use_;
  bool has_row_ = false;
  bool is_closed_ = false;  // partitions that are not known do not count
};

}  // namespace topk::surface
