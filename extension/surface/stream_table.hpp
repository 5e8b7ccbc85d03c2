// What topk_stream and cms_add share: a virtual table over one stream.
//
// topk_stream is bound to its stream for life. cms_add is bound by the first row of a transaction
// that it takes, and let go when the transaction ends: until then the default stream may not exist.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "live/connection.hpp"
#include "sqlite/vtab.hpp"
#include "surface/ingest.hpp"
#include "surface/stream_reader.hpp"

namespace topk::surface {

class stream_table : public sqlite::table {
 public:
  explicit stream_table(std::shared_ptr<live::connection> host) noexcept : host_(std::move(host)) {}

  int best_index(sqlite3_index_info& info) noexcept { return plan_reading(&info); }

  // Of the open transaction's statements and savepoints; without a stream there is nothing to do.
  status begin();
  int sync() noexcept;
  void commit() noexcept;
  void rollback() noexcept;
  int savepoint(int level) noexcept;
  void rollback_to(int level) noexcept;

 protected:
  // Declares the columns to SQLite; `command_column` is the table's own name.
  static status declare(sqlite3* db, std::string const& command_column);
  // Requires: the stream is bound.
  status insert(inserted_row const& row);

  std::shared_ptr<live::connection> host_;
  std::shared_ptr<live::open_stream> state_;  // null: not bound
};

// Reads what Table::stream_to_read() gives; no rows where that is null.
template <class Table>
class stream_cursor final : public sqlite::table_cursor {
 public:
  explicit stream_cursor(Table& of) noexcept : table_(of) {}

  status filter(int, char const* plan, std::span<sqlite3_value*> bounds) {
    TOPK_ASSIGN(auto state, table_.stream_to_read());
    return reader_.start(std::move(state), plan, static_cast<int>(bounds.size()), bounds.data());
  }
  status next() { return reader_.next(); }
  [[nodiscard]] bool eof() const noexcept { return !reader_.has_row(); }
  [[nodiscard]] std::int64_t rowid() const noexcept { return reader_.rowid(); }
  void column(sqlite3_context* context, int index) const noexcept {
    reader_.column(context, index);
  }

 private:
  Table& table_;
  stream_reader reader_;
};

}  // namespace topk::surface
