// The stream room's pane_store over the storage room's shadow tables.
#pragma once

#include "storage/shadow_store.hpp"
#include "stream/pane_store.hpp"

namespace topk::surface {

class stored_panes final : public stream::pane_store {
 public:
  // The store must outlive this object.
  explicit stored_panes(storage::shadow_store& store) noexcept : store_(store) {}

  result<std::optional<stream::stored_pane>> load(std::size_t level, std::int64_t pane,
                                                  item_view const* partition) override;
  status save(std::size_t level, stream::pane_row const& row) override;
  status each(std::size_t level, std::int64_t first, std::int64_t last,
              visit const& visitor) override;
  status each_of(item_view const& partition, std::size_t level, std::int64_t first,
                 std::int64_t last, visit const& visitor) override;
  status each_partition(std::size_t level, std::int64_t first, std::int64_t last,
                        visit const& visitor) override;
  result<std::optional<std::int64_t>> next_pane(std::size_t level, std::int64_t first) override;
  result<std::int64_t> expire(std::size_t level, std::int64_t last, std::int64_t limit) override;

 private:
  storage::shadow_store& store_;
};

}  // namespace topk::surface
