#include "surface/stored_panes.hpp"

namespace topk::surface {
namespace {

// Hands each row on in the stream room's words; a damaged pane is named in the message.
storage::shadow_store::body_visitor forwarded(storage::shadow_store const& store, std::size_t level,
                                              stream::pane_store::visit const& visitor) {
  return [&store, level, &visitor](storage::body_row const& row) -> status {
    item_view const* const partition = row.partition ? &*row.partition : nullptr;
    status seen = visitor({row.pane, partition, row.version, row.body});
    if (seen.code == errc::corrupt || seen.code == errc::unsupported_version) {
      seen.message = store.shadow(partition == nullptr ? "pane" : "part") + " level " +
                     std::to_string(level) + " pane " + std::to_string(row.pane) + ": " + seen.message;
    }
    return seen;
  };
}

std::int64_t number(std::size_t level) noexcept { return static_cast<std::int64_t>(level); }

}  // namespace

result<std::optional<stream::stored_pane>> stored_panes::load(std::size_t level, std::int64_t pane,
                                                              item_view const* partition) {
  stream::stored_pane found;
  auto row = store_.get_pane(number(level), pane, partition, found.version, found.body);
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<stream::stored_pane>{};
  return std::optional(std::move(found));
}

status stored_panes::save(std::size_t level, stream::pane_row const& row) {
  storage::body_row out{row.pane, row.version, row.body, std::nullopt};
  if (row.partition != nullptr) out.partition = *row.partition;
  return store_.put_pane(number(level), out);
}

status stored_panes::each(std::size_t level, std::int64_t first, std::int64_t last,
                          visit const& visitor) {
  return store_.each_pane(number(level), first, last, forwarded(store_, level, visitor));
}

status stored_panes::each_of(item_view const& partition, std::size_t level, std::int64_t first,
                             std::int64_t last, visit const& visitor) {
  return store_.each_part_of(partition, number(level), first, last,
                             forwarded(store_, level, visitor));
}

status stored_panes::each_partition(std::size_t level, std::int64_t first, std::int64_t last,
                                    visit const& visitor) {
  return store_.each_part(number(level), first, last, forwarded(store_, level, visitor));
}

result<std::optional<std::int64_t>> stored_panes::next_pane(std::size_t level, std::int64_t first) {
  return store_.next_pane(number(level), first);
}

result<std::int64_t> stored_panes::expire(std::size_t level, std::int64_t last, std::int64_t limit) {
  return store_.expire(number(level), last, limit);
}

}  // namespace topk::surface
