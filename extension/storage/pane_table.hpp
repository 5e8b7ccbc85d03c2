// The shadow tables stream_pane and stream_part: blobs by level and pane, which this file does not
// open. A row of stream_part belongs to one partition.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "storage/shadow_tables.hpp"

namespace topk::storage {

struct body_row {
  std::int64_t pane = 0;
  std::int64_t version = 0;
  byte_view body;
  std::optional<item_view> partition{};
};

class pane_table {
 public:
  using body_visitor = std::function<status(body_row const&)>;

  explicit pane_table(shadow_tables& of) noexcept : tables_(of) {}

  // False: no such row. Without a partition, the row is one of stream_pane; partitions may be NULL.
  result<bool> get(std::int64_t level, std::int64_t pane, item_view const* partition,
                   std::int64_t& version, std::vector<std::byte>& body);
  status put(std::int64_t level, body_row const& row);

  // Panes first..last, in order: those over all partitions.
  status each(std::int64_t level, std::int64_t first, std::int64_t last,
              body_visitor const& visitor);
  // The same for one partition. For NULL: where it has no pane, the one over all partitions.
  status each_of(item_view const& partition, std::int64_t level, std::int64_t first,
                 std::int64_t last, body_visitor const& visitor);
  // The same for every partition, one after the other, NULL first.
  status each_partition(std::int64_t level, std::int64_t first, std::int64_t last,
                        body_visitor const& visitor);
  result<bool> has_partitions();
  result<std::optional<std::int64_t>> next(std::int64_t level, std::int64_t first);

  // Bytes of the rows first..last of either table, each counted as at most `most`.
  result<std::int64_t> bytes(std::int64_t level, std::int64_t first, std::int64_t last,
                             std::int64_t most);

  // Deletes panes up to `last`, oldest first, at most `limit` rows of either table; returns how
  // many rows went.
  result<std::int64_t> expire(std::int64_t level, std::int64_t last, std::int64_t limit);
  // Count of panes, and bytes of panes and config.
  status figures(std::int64_t& panes, std::int64_t& bytes);
  status clear();

 private:
  result<body_row> row_of(sqlite::statement::execution const& use, int at,
                          std::optional<item_view> const& partition) const;

  shadow_tables& tables_;
};

}  // namespace topk::storage
