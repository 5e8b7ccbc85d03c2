// One row of stream_keys is one partition. Ids rise, so that a connection reads only the rows after
// the last one it has seen. drop_unused() leaves gaps that they would not notice: its caller raises
// key_epoch in the head, and every connection reads all rows again.
#include "storage/key_table.hpp"

#include "shadow_sql.hpp"

namespace topk::storage {

status key_table::after(std::int64_t id, key_visitor const& visitor) {
  auto use = tables_.begin(sql::keys_after);
  use.bind(1, id);
  return sqlite::for_each_row(use, [&]() -> status {
    auto const partition = use.item(1);
    if (!partition)
      return failure(errc::corrupt, "a row of " + tables_.shadow("keys") + " has no partition");
    TOPK_ASSIGN(std::int64_t const found, tables_.integer(use, 0, "keys"));
    visitor(found, *partition);
    return {};
  });
}

result<bool> key_table::has(item_view const& partition) {
  auto use = tables_.begin(sql::has_key);
  return use.bind(1, partition).step();
}

status key_table::put(item_view const& partition) {
  return tables_.begin(sql::put_key).bind(1, partition).run();
}

result<std::int64_t> key_table::drop_unused(bool has_ahead) {
  auto query = tables_.once(has_ahead ? sql::drop_keys_but_ahead : sql::drop_keys);
  auto use = query.begin();
  return tables_.changed(use);
}

status key_table::clear() { return tables_.run(sql::clear_keys); }

}  // namespace topk::storage
