// A row of stream_tail through its life. `seq` numbers the events of a stream, so that a row that
// is written twice replaces itself.
//
//   flush ──> row, held NULL ─────────────────────────> fold puts it into panes, drop() deletes it
//     │
//     └─────> row, held 1 ──> log_table::take_held(), ─> as above
//             (no row in the   release_held()
//              log yet)        at the commit
//
// A row is held while a running statement reads the log: that statement must not meet its own
// events there. A fold may come before the release; therefore drop() passes held rows by.
#include "storage/tail_table.hpp"

#include "shadow_sql.hpp"
#include "sqlite/values.hpp"

namespace topk::storage {

status tail_table::put(sqlite::tail_row const& row) {
  auto use = tables_.begin(sql::put_tail);
  use.bind(1, row.seq).bind(2, row.ts).bind(3, row.item).bind(4, row.weight);
  if (row.partition) use.bind(5, *row.partition);
  if (row.now) use.bind(6, *row.now);
  if (row.held) use.bind(7, std::int64_t{1});
  return use.run();
}

status tail_table::put(sqlite::row_feed& rows, std::int64_t count) {
  return tables_.feed(sql::feed_tail, rows, count);
}

status tail_table::after(std::int64_t seq,
                         std::function<status(sqlite::tail_row const&)> const& visitor) {
  auto use = tables_.begin(sql::tail_after);
  use.bind(1, seq);
  return sqlite::for_each_row(use, [&]() -> status {
    if (use.type(0) != SQLITE_INTEGER || use.type(1) != SQLITE_INTEGER ||
        use.type(3) != SQLITE_INTEGER || (!use.is_null(5) && use.type(5) != SQLITE_INTEGER)) {
      return failure(errc::corrupt, "a row of " + tables_.shadow("tail") + " is damaged");
    }
    char number[8];  // the item's; use.item() has room for one number, and the partition takes it
    auto const item = sqlite::stored_item_of(use.value(2), number);
    if (!item) return failure(errc::corrupt, "a row of " + tables_.shadow("tail") + " has no item");
    sqlite::tail_row row{
        .seq = use.integer(0), .ts = use.integer(1), .item = *item, .weight = use.integer(3)};
    row.partition = use.item(4);
    if (!use.is_null(5)) row.now = use.integer(5);
    row.held = !use.is_null(6);
    return visitor(row);
  });
}

result<std::int64_t> tail_table::last_seq() {
  auto use = tables_.begin(sql::last_tail);
  TOPK_ASSIGN(bool const has_row, use.step());
  return has_row ? use.integer(0) : 0;
}

status tail_table::drop(std::int64_t up_to) {
  return tables_.begin(sql::drop_tail).bind(1, up_to).run();
}

result<std::int64_t> tail_table::held_count(std::int64_t up_to) {
  auto use = tables_.begin(sql::held_count);
  TOPK_ASSIGN(bool const has_row, use.bind(1, up_to).step());
  return has_row ? use.integer(0) : 0;
}

status tail_table::release_held() { return tables_.begin(sql::release_held).run(); }

result<std::int64_t> tail_table::forget(item_view const& item) {
  return tables_.forget(sql::forget_tail, item);
}

status tail_table::clear() { return tables_.run(sql::clear_tail); }

}  // namespace topk::storage
