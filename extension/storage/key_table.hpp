// The shadow table stream_keys: the partitions that a stream knows, numbered as they came. A stream
// without partitions has no such table: each table costs every other CREATE in the file.
#pragma once

#include <cstdint>
#include <functional>

#include "storage/shadow_tables.hpp"

namespace topk::storage {

class key_table {
 public:
  using key_visitor = std::function<void(std::int64_t id, item_view const& partition)>;

  explicit key_table(shadow_tables& of) noexcept : tables_(of) {}

  // Costs no statement where the table is there.
  status create();

  // Partitions with greater ids, in their order.
  status after(std::int64_t id, key_visitor const& visitor);
  result<bool> has(item_view const& partition);
  // Does nothing where the partition is known. Requires the table.
  status put(item_view const& partition);
  // Deletes the partitions that neither a pane nor the tail has; returns how many.
  result<std::int64_t> drop_unused(bool has_ahead);
  status clear();

 private:
  [[nodiscard]] result<bool> exists() const;

  shadow_tables& tables_;
};

}  // namespace topk::storage
