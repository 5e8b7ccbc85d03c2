// stream's pane_store over the shadow tables.
#pragma once

#include "storage/shadow_store.hpp"
#include "stream/pane_levels.hpp"
#include "stream/pane_store.hpp"

namespace topk::storage {

class stored_panes final : public stream::pane_store {
 public:
  // All must outlive this object; `levels` may be filled later. `reads` counts the panes that are
  // visited.
  stored_panes(shadow_store& store, std::vector<stream::pane_level> const& levels,
               std::int64_t* reads = nullptr) noexcept
      : store_(store), levels_(levels), reads_(reads) {}

  result<std::optional<stream::stored_pane>> load(std::size_t level, std::int64_t pane,
                                                  item_view const* partition) override;
  status save(std::size_t level, stream::pane_row const& row) override;
  status each(std::size_t level, std::int64_t first, std::int64_t last,
              visit const& visitor) override;
  status each_of(item_view const& partition, std::size_t level, std::int64_t first,
                 std::int64_t last, visit const& visitor) override;
  status each_partition(std::size_t level, std::int64_t first, std::int64_t last,
                        visit const& visitor) override;
  result<bool> has_partitions() override;
  result<std::optional<std::int64_t>> next_pane(std::size_t level, std::int64_t first) override;
  result<std::int64_t> bytes(std::size_t level, std::int64_t first, std::int64_t last,
                             std::int64_t most) override;
  result<std::int64_t> expire(std::size_t level, std::int64_t last, std::int64_t limit) override;

 private:
  [[nodiscard]] pane_table::body_visitor forwarded(std::size_t level, visit const& visitor) const;
  // errc::corrupt for a row that no time and no number of rewrites can have made.
  [[nodiscard]] status check(std::size_t level, std::int64_t pane, std::int64_t version,
                             bool is_whole) const;

  shadow_store& store_;
  std::vector<stream::pane_level> const& levels_;
  std::int64_t* reads_;
};

}  // namespace topk::storage
