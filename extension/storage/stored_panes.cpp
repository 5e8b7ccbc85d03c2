// A pane of a level, as stream/ sees it, is one row of stream_pane, or one of stream_part for one
// partition. Numbers and versions are checked on the way out of the file: stream/ computes times
// from them, which a damaged row would let overflow. An error about a row names it, whether this
// file finds it or the visitor that decodes the body.
#include "storage/stored_panes.hpp"

namespace topk::storage {
namespace {

std::int64_t number(std::size_t level) noexcept { return static_cast<std::int64_t>(level); }

// A damaged pane is named in the message.
status named(shadow_store const& store, std::size_t level, std::int64_t pane, bool is_whole,
             status of) {
  if (of.code == errc::corrupt || of.code == errc::unsupported_version) {
    of.message = store.shadow(is_whole ? "pane" : "part") + " level " + std::to_string(level) +
                 " pane " + std::to_string(pane) + ": " + of.message;
  }
  return of;
}

}  // namespace

status stored_panes::check(std::size_t level, std::int64_t pane, std::int64_t version,
                           bool is_whole) const {
  micros const width = levels_[level].width;
  bool const is_sound = pane >= stream::pane_of(earliest_time, width) &&
                        pane <= stream::pane_of(latest_time, width) && version >= 1 &&
                        version <= greatest_stored;
  if (is_sound) return {};
  return named(store_, level, pane, is_whole,
               failure(errc::corrupt, "its number or version is out of range"));
}

// Passes each row on as stream/ knows it.
pane_table::body_visitor stored_panes::forwarded(std::size_t level, visit const& visitor) const {
  return [this, level, &visitor](body_row const& row) -> status {
    item_view const* const partition = row.partition ? &*row.partition : nullptr;
    bool const is_whole = partition == nullptr;
    TOPK_TRY(check(level, row.pane, row.version, is_whole));
    if (reads_ != nullptr) ++*reads_;
    return named(store_, level, row.pane, is_whole,
                 visitor({row.pane, partition, row.version, row.body}));
  };
}

result<std::optional<stream::stored_pane>> stored_panes::load(std::size_t level, std::int64_t pane,
                                                              item_view const* partition) {
  stream::stored_pane found;
  TOPK_ASSIGN(bool const has_row,
              store_.panes().get(number(level), pane, partition, found.version, found.body));
  if (!has_row) return std::optional<stream::stored_pane>{};
  TOPK_TRY(check(level, pane, found.version, partition == nullptr));
  return std::optional(std::move(found));
}

status stored_panes::save(std::size_t level, stream::pane_row const& row) {
  body_row out{row.pane, row.version, row.body, std::nullopt};
  if (row.partition != nullptr) out.partition = *row.partition;
  return store_.panes().put(number(level), out);
}

status stored_panes::each(std::size_t level, std::int64_t first, std::int64_t last,
                          visit const& visitor) {
  return store_.panes().each(number(level), first, last, forwarded(level, visitor));
}

status stored_panes::each_of(item_view const& partition, std::size_t level, std::int64_t first,
                             std::int64_t last, visit const& visitor) {
  return store_.panes().each_of(partition, number(level), first, last, forwarded(level, visitor));
}

status stored_panes::each_partition(std::size_t level, std::int64_t first, std::int64_t last,
                                    visit const& visitor) {
  return store_.panes().each_partition(number(level), first, last, forwarded(level, visitor));
}

result<bool> stored_panes::has_partitions() { return store_.panes().has_partitions(); }

result<std::optional<std::int64_t>> stored_panes::next_pane(std::size_t level, std::int64_t first) {
  TOPK_ASSIGN(auto const next, store_.panes().next(number(level), first));
  if (next) TOPK_TRY(check(level, *next, 1, true));
  return next;
}

result<std::int64_t> stored_panes::bytes(std::size_t level, std::int64_t first, std::int64_t last,
                                         std::int64_t most) {
  return store_.panes().bytes(number(level), first, last, most);
}

result<std::int64_t> stored_panes::expire(std::size_t level, std::int64_t last,
                                          std::int64_t limit) {
  return store_.panes().expire(number(level), last, limit);
}

}  // namespace topk::storage
