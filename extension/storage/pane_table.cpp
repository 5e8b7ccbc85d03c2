// stream_pane(level, pane, version, body) has one summary over all partitions; its rowid keeps
// large bodies out of the index. stream_part(level, pane, partition, version, body) has one summary
// of one partition and is WITHOUT ROWID, so that small partitions share pages. Every row of
// stream_part has one of stream_pane with the same level and pane: each_of() goes through
// stream_pane and looks up the partition, rather than reading every partition of the span.
//
// A primary key WITHOUT ROWID takes no NULL: the summary of the events without a partition is a row
// of stream_pane, 64 levels up.
#include "storage/pane_table.hpp"

#include "shadow_sql.hpp"

namespace topk::storage {
namespace {

constexpr std::int64_t unpartitioned = 64;  // as in statements.sql; beyond the levels there are

bool is_null(item_view const& partition) noexcept { return partition == no_partition; }

}  // namespace

// A row whose columns from `at` on are pane, version, body.
result<body_row> pane_table::row_of(sqlite::statement::execution const& use, int at,
                                    std::optional<item_view> const& partition) const {
  std::string_view const suffix = partition && !is_null(*partition) ? "part" : "pane";
  TOPK_ASSIGN(std::int64_t const pane, tables_.integer(use, at, suffix));
  TOPK_ASSIGN(std::int64_t const version, tables_.integer(use, at + 1, suffix));
  return body_row{pane, version, use.blob(at + 2), partition};
}

result<bool> pane_table::get(std::int64_t level, std::int64_t pane, item_view const* partition,
                             std::int64_t& version, std::vector<std::byte>& body) {
  if (partition != nullptr && is_null(*partition)) {
    return get(level + unpartitioned, pane, nullptr, version, body);
  }
  auto use = tables_.begin(partition == nullptr ? sql::get_pane : sql::get_part);
  use.bind(1, level).bind(2, pane);
  if (partition != nullptr) use.bind(3, *partition);
  TOPK_ASSIGN(bool const has_row, use.step());
  if (!has_row) return false;
  TOPK_ASSIGN(version, tables_.integer(use, 0, partition == nullptr ? "pane" : "part"));
  auto const bytes = use.blob(1);
  body.assign(bytes.begin(), bytes.end());
  return true;
}

status pane_table::put(std::int64_t level, body_row const& row) {
  if (row.partition && is_null(*row.partition)) {
    return put(level + unpartitioned, {row.pane, row.version, row.body});
  }
  TOPK_TRY(tables_.stop_if_interrupted());
  bool const whole = !row.partition;
  auto use = tables_.begin(whole ? sql::put_pane : sql::put_part);
  use.bind(1, level).bind(2, row.pane);
  if (!whole) use.bind(3, *row.partition);
  return use.bind(whole ? 3 : 4, row.version).bind(whole ? 4 : 5, row.body).run();
}

status pane_table::each(std::int64_t level, std::int64_t first, std::int64_t last,
                        body_visitor const& visitor) {
  auto use = tables_.begin(sql::each_pane);
  use.bind(1, level).bind(2, first).bind(3, last);
  return sqlite::for_each_row(use, [&]() -> status {
    TOPK_ASSIGN(auto const row, row_of(use, 0, std::nullopt));
    return visitor(row);
  });
}

status pane_table::each_of(item_view const& partition, std::int64_t level, std::int64_t first,
                           std::int64_t last, body_visitor const& visitor) {
  auto use = tables_.begin(is_null(partition) ? sql::each_unparted : sql::each_part_of);
  use.bind(1, level).bind(2, first).bind(3, last);
  if (!is_null(partition)) use.bind(4, partition);
  return sqlite::for_each_row(use, [&]() -> status {
    TOPK_ASSIGN(auto const row, row_of(use, 0, partition));
    return visitor(row);
  });
}

status pane_table::each_partition(std::int64_t level, std::int64_t first, std::int64_t last,
                                  body_visitor const& visitor) {
  {
    auto use = tables_.begin(sql::own_unparted);
    use.bind(1, level + unpartitioned).bind(2, first).bind(3, last);
    TOPK_TRY(sqlite::for_each_row(use, [&]() -> status {
      TOPK_ASSIGN(auto const row, row_of(use, 0, no_partition));
      return visitor(row);
    }));
  }
  auto use = tables_.begin(sql::each_part);
  use.bind(1, level).bind(2, first).bind(3, last);
  return sqlite::for_each_row(use, [&]() -> status {
    auto const partition = use.item(0);
    if (!partition)
      return failure(errc::corrupt, "a row of " + tables_.shadow("part") + " has no partition");
    TOPK_ASSIGN(auto const row, row_of(use, 1, partition));
    return visitor(row);
  });
}

result<bool> pane_table::has_partitions() { return tables_.begin(sql::has_parts).step(); }

result<std::optional<std::int64_t>> pane_table::next(std::int64_t level, std::int64_t first) {
  auto use = tables_.begin(sql::next_pane);
  TOPK_ASSIGN(bool const has_row, use.bind(1, level).bind(2, first).step());
  if (!has_row) return std::optional<std::int64_t>{};
  TOPK_ASSIGN(std::int64_t const pane, tables_.integer(use, 0, "pane"));
  return std::optional(pane);
}

result<std::int64_t> pane_table::bytes(std::int64_t level, std::int64_t first, std::int64_t last,
                                       std::int64_t most) {
  auto use = tables_.begin(sql::pane_bytes);
  use.bind(1, level).bind(2, first).bind(3, last).bind(4, most).bind(5, level + unpartitioned);
  TOPK_TRY(use.step());
  return tables_.integer(use, 0, "pane");
}

result<std::int64_t> pane_table::expire(std::int64_t level, std::int64_t last, std::int64_t limit) {
  std::int64_t rows = 0;
  auto const expire_in = [&](auto statement, std::int64_t at) -> status {
    TOPK_TRY(tables_.stop_if_interrupted());
    auto use = tables_.begin(statement);
    use.bind(1, at).bind(2, last).bind(3, limit);
    TOPK_ASSIGN(auto const deleted, tables_.changed(use));
    rows += deleted;
    return {};
  };
  TOPK_TRY(expire_in(sql::expire_panes, level));
  TOPK_TRY(expire_in(sql::expire_panes, level + unpartitioned));
  TOPK_TRY(expire_in(sql::expire_parts, level));
  return rows;
}

status pane_table::figures(std::int64_t& panes, std::int64_t& bytes) {
  auto use = tables_.begin(sql::pane_figures);
  TOPK_TRY(use.step());
  panes = use.integer(0);
  bytes = use.integer(1);
  return {};
}

status pane_table::clear() { return tables_.run(sql::clear_panes); }

}  // namespace topk::storage
