// One row of stream_keys is one partition. Ids rise, so that a connection reads only the rows after
// the last one it has seen. drop_unused() leaves gaps that they would not notice: its caller raises
// key_epoch in the head, and every connection reads all rows again.
//
// create() belongs in xUpdate, where the user's statement has its journal open: a statement of ours
// that opens one in xSavepoint would open both (see write_buffer::write_pending).
#include "storage/key_table.hpp"

#include "shadow_sql.hpp"

namespace topk::storage {

result<bool> key_table::exists() const { return tables_.exists("keys"); }

status key_table::create() {
  TOPK_ASSIGN(bool const is_there, exists());
  return is_there ? status{} : tables_.run(sql::create_keys);
}

status key_table::after(std::int64_t id, key_visitor const& visitor) {
  TOPK_ASSIGN(bool const is_there, exists());
  if (!is_there) return {};
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
  TOPK_ASSIGN(bool const is_there, exists());
  if (!is_there) return false;
  auto use = tables_.begin(sql::has_key);
  return use.bind(1, partition).step();
}

status key_table::put(item_view const& partition) {
  return tables_.begin(sql::put_key).bind(1, partition).run();
}

result<std::int64_t> key_table::drop_unused(bool has_ahead) {
  TOPK_ASSIGN(bool const is_there, exists());
  if (!is_there) return std::int64_t{0};
  auto query = tables_.once(has_ahead ? sql::drop_keys_but_ahead : sql::drop_keys);
  auto use = query.begin();
  return tables_.changed(use);
}

status key_table::clear() {
  TOPK_ASSIGN(bool const is_there, exists());
  return is_there ? tables_.run(sql::clear_keys) : status{};
}

}  // namespace topk::storage
