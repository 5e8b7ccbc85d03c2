// Where panes are stored, as this layer sees it: bytes by level, pane and partition.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "base/item.hpp"
#include "base/status.hpp"

namespace topk::stream {

// Whether an event of this partition counts where `asked` is asked for: no value asks for all.
[[nodiscard]] inline bool is_of(item_view const& partition,
                                std::optional<item> const& asked) noexcept {
  return !asked || partition == asked->view();
}

// One stored pane. `partition` is null for the pane over all partitions. The events without a
// partition have a pane of their own, of no_partition, only where some partition has one: in any
// other, the pane over all partitions is theirs. Views borrow: they are valid during the visit
// only.
struct pane_row {
  std::int64_t pane = 0;
  item_view const* partition = nullptr;
  std::int64_t version = 0;
  byte_view body;
};

struct stored_pane {
  std::int64_t version = 0;
  std::vector<std::byte> body;
};

class pane_store {
 public:
  using visit = std::function<status(pane_row const&)>;

  virtual ~pane_store() = default;

  // For no_partition: a pane of their own.
  virtual result<std::optional<stored_pane>> load(std::size_t level, std::int64_t pane,
                                                  item_view const* partition) = 0;
  virtual status save(std::size_t level, pane_row const& row) = 0;
  // The panes first..last of all partitions together, in order of time. `save` must not be called
  // during the visit.
  virtual status each(std::size_t level, std::int64_t first, std::int64_t last,
                      visit const& visitor) = 0;
  // The panes first..last of one partition, in order of time. For no_partition: their own, or the
  // pane over all partitions if they have none.
  virtual status each_of(item_view const& partition, std::size_t level, std::int64_t first,
                         std::int64_t last, visit const& visitor) = 0;
  // The panes first..last of every partition, in order of partition, then time; those of
  // no_partition first, their own only. `save` may be called during the visit: the rows are
  // gathered first.
  virtual status each_partition(std::size_t level, std::int64_t first, std::int64_t last,
                                visit const& visitor) = 0;
  // Whether any partition has a pane.
  virtual result<bool> has_partitions() = 0;
  // The least pane >= first of this level that is stored, of all partitions together.
  virtual result<std::optional<std::int64_t>> next_pane(std::size_t level, std::int64_t first) = 0;
  // Bytes on disk of the panes first..last, with those of partitions; no row counts for more than
  // `most`.
  virtual result<std::int64_t> bytes(std::size_t level, std::int64_t first, std::int64_t last,
                                     std::int64_t most) = 0;
  // Erases at most `limit` rows with pane <= last; returns how many it erased.
  virtual result<std::int64_t> expire(std::size_t level, std::int64_t last, std::int64_t limit) = 0;
};

}  // namespace topk::stream
