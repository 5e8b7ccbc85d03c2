// One row of stream_log is one event, clustered by (ts, seq): a window is one range of the table,
// and what expires lies at its beginning. `ts` is in seconds, INTEGER where whole and REAL
// elsewhere, as a user would write it: a stream's SELECT reads these rows. Everything else, the
// tail included, counts in microseconds; the conversion is in bind_time() and in the statements
// log_held and held_span.
#include "storage/log_table.hpp"

#include "shadow_sql.hpp"

namespace topk::storage {

status log_table::put(sqlite::tail_row const& row) {
  auto use = tables_.begin(sql::put_log);
  use.bind_time(1, row.ts).bind(2, row.item).bind(3, row.weight).bind(5, row.seq);
  if (row.partition) use.bind(4, *row.partition);
  return use.run();
}

status log_table::put(sqlite::row_feed& rows, std::int64_t count) {
  return tables_.feed(sql::feed_log, rows, count);
}

status log_table::take_held() { return tables_.begin(sql::log_held).run(); }

result<std::int64_t> log_table::expire(std::int64_t before, std::int64_t limit) {
  auto use = tables_.begin(sql::expire_log);
  use.bind_time(1, before).bind(2, limit);
  return tables_.changed(use);
}

result<std::int64_t> log_table::forget(item_view const& item) {
  return tables_.forget(sql::forget_log, item);
}

status log_table::clear() { return tables_.run(sql::clear_log); }

std::string log_table::rows_sql(bool with_held) const {
  return tables_.text(sql::log_span) + (with_held ? tables_.text(sql::held_span) : "");
}

std::string log_table::by_seq_sql() const { return tables_.text(sql::log_by_seq); }

// 1 and 2 in seconds for the log, 3 and 4 in microseconds for held rows.
void log_table::bind_span(sqlite::statement::execution& use, micros since, micros until,
                          bool with_held) {
  use.bind_time(1, since).bind_time(2, until);
  if (with_held) use.bind(3, since).bind(4, until);
}

result<std::int64_t> log_table::root() {
  if (tables_.log() != log_form::rows) return std::int64_t{0};
  auto query = tables_.once(sql::log_root);
  auto use = query.begin();
  std::string const name = tables_.table() + "_log";
  TOPK_ASSIGN(bool const has_row, use.bind(1, std::string_view(name)).step());
  return has_row ? use.integer(0) : 0;
}

}  // namespace topk::storage
