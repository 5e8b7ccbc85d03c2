// The key is (ts, item, weight, seq): what a DELETE of the user's looks for is found by it, however
// many rows have one date. `seq` only distinguishes equal rows.
#include "storage/ahead_table.hpp"

#include "base/limits.hpp"
#include "shadow_sql.hpp"
#include "sqlite/values.hpp"

namespace topk::storage {

result<bool> ahead_table::exists() const { return tables_.exists("ahead"); }

status ahead_table::create() {
  TOPK_ASSIGN(bool const is_there, exists());
  return is_there ? status{} : tables_.run(sql::create_ahead);
}

status ahead_table::put(sqlite::tail_row const& row) {
  TOPK_TRY(create());
  auto undo = tables_.begin(sql::undo_ahead);
  undo.bind(1, row.ts).bind(2, row.item).bind(3, -row.weight);
  if (row.partition) undo.bind(4, *row.partition);
  TOPK_ASSIGN(auto const undone, tables_.changed(undo));
  if (undone > 0) return {};
  auto use = tables_.begin(sql::put_ahead);
  use.bind(1, row.ts).bind(2, row.item).bind(3, row.weight);
  if (row.partition) use.bind(4, *row.partition);
  return use.run();
}

result<bool> ahead_table::has_rows(micros since, micros until) {
  auto use = tables_.begin(sql::any_ahead);
  return use.bind(1, since).bind(2, until).step();
}

result<std::optional<micros>> ahead_table::newest(micros until) {
  auto use = tables_.begin(sql::newest_ahead);
  TOPK_ASSIGN(bool const has_row, use.bind(1, until).step());
  if (!has_row) return std::optional<micros>{};
  TOPK_ASSIGN(micros const found, tables_.integer(use, 0, "ahead"));
  return std::optional<micros>(found);
}

status ahead_table::each(micros since, micros until, visitor const& visit) {
  auto use = tables_.begin(sql::each_ahead);
  use.bind(1, since).bind(2, until);
  for (;;) {
    TOPK_ASSIGN(bool const has_row, use.step());
    if (!has_row) return {};
    char number[8];  // the item's; use.item() has room for one number, and the partition takes it
    auto const item = sqlite::stored_item_of(use.value(1), number);
    sqlite::tail_row row;
    row.seq = use.integer(4);
    row.ts = use.integer(0);
    row.weight = use.integer(2);
    bool const is_sound = item && use.type(0) == SQLITE_INTEGER && use.type(2) == SQLITE_INTEGER &&
                          use.type(4) == SQLITE_INTEGER && row.ts >= earliest_time &&
                          row.ts <= latest_time && row.weight != 0 &&
                          row.weight >= -greatest_weight && row.weight <= greatest_weight;
    if (!is_sound) {
      return failure(errc::corrupt, "a row of " + tables_.shadow("ahead") + " is damaged");
    }
    row.item = *item;
    row.partition = use.item(3);
    TOPK_ASSIGN(bool const goes_on, visit(row));
    if (!goes_on) return {};
  }
}

status ahead_table::drop_to(sqlite::tail_row const& row) {
  auto use = tables_.begin(sql::drop_ahead);
  use.bind(1, row.ts).bind(2, row.item).bind(3, row.weight).bind(4, row.seq);
  TOPK_ASSIGN(auto const dropped, tables_.changed(use));
  if (dropped > 0) return {};  // none would be read again for ever
  return failure(errc::corrupt, "a row of " + tables_.shadow("ahead") + " is damaged");
}

result<std::int64_t> ahead_table::forget(item_view const& item) {
  TOPK_ASSIGN(bool const is_there, exists());
  if (!is_there) return std::int64_t{0};
  return tables_.forget(sql::forget_ahead, item);
}

status ahead_table::clear() {
  TOPK_ASSIGN(bool const is_there, exists());
  return is_there ? tables_.run(sql::clear_ahead) : status{};
}

}  // namespace topk::storage
