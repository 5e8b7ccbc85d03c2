// A row counts if it has an item, a time and a weight that can be read, none of them too long, and
// a partition that is not beyond max_partitions. What is older than `retain` is left to the span
// that each caller asks for; what is dated ahead of the clock counts like any other.
//
// 'now' as a stored ts would be another time at each reading: it is not accepted here.
#include "engine/content_row.hpp"

#include "base/date.hpp"
#include "sqlite/values.hpp"

namespace topk::engine {
namespace {

constexpr char const* closed_key = "partitions_closed";

// False for a value that the reading refuses; an error where SQLite fails.
template <class T>
result<bool> taken(result<T> read, T& into) {
  if (read) {
    into = *read;
    return true;
  }
  if (read.error().code == errc::constraint) return false;
  return std::move(read).error();
}

// How a time is written that was read as `time`.
std::uint8_t form_bits_of(sqlite3_value* ts, micros time) noexcept {
  if (sqlite3_value_type(ts) != SQLITE_TEXT) return 0;
  switch (form_of_date(sqlite::text_of(ts), time)) {
    case date_form::spaced: return stream::content_times::spaced;
    case date_form::with_t: return stream::content_times::with_t;
    case date_form::other: break;
  }
  return stream::content_times::other_text;
}

}  // namespace

result<row_kind> read_content_row(live::open_stream& state, column_values const& of,
                                  content_row& out) {
  auto const longest = static_cast<std::size_t>(state.options().max_item_bytes);
  auto const item = state.values().item(of.item, out.item_bytes);
  if (!item || sqlite::is_null(of.ts)) return row_kind::empty;
  out.event.item = *item;
  TOPK_ASSIGN(bool const has_time,
              taken(state.values().time(of.ts, std::nullopt, "ts"), out.event.ts));
  if (!has_time) return row_kind::unreadable;
  out.times = form_bits_of(of.ts, out.event.ts);
  if (item->bytes.size() > longest) return row_kind::refused;
  out.event.weight = 1;
  if (!sqlite::is_null(of.weight)) {
    TOPK_ASSIGN(bool const has_weight,
                taken(sqlite::value_reader::weight(of.weight), out.event.weight));
    if (!has_weight) return row_kind::refused;
    if (out.event.weight == 0) return row_kind::empty;
  }
  out.event.partition = state.values().item(of.partition, out.partition_bytes);
  if (out.event.partition && out.event.partition->bytes.size() > longest) return row_kind::refused;
  return row_kind::counts;
}

result<bool> has_closed_partitions(live::open_stream& state) {
  TOPK_ASSIGN(auto const closed, state.store().config().integer(closed_key));
  return closed.value_or(0) != 0;
}

status close_partitions(live::open_stream& state, bool closed) {
  return state.store().config().put(closed_key, std::int64_t{closed ? 1 : 0});
}

result<bool> counts_partition_of(live::open_stream& state, live::new_event const& event,
                                 bool is_closed) {
  if (!is_closed || !event.partition) return true;
  return state.knows_partition(*event.partition);
}

result<bool> admits_partition(live::open_stream& state, item_view const& partition) {
  TOPK_ASSIGN(bool const is_known, state.knows_partition(partition));
  if (is_known) return true;
  TOPK_ASSIGN(bool const is_closed, has_closed_partitions(state));
  if (is_closed) return false;
  TOPK_ASSIGN(bool const is_admitted, state.admit_partition(partition));
  if (!is_admitted) TOPK_TRY(close_partitions(state, true));
  return is_admitted;
}

}  // namespace topk::engine
