// Reads events from the log or from the user's table, one by one, and counts them.
//
//   blocks     of the log, and the events of the tail (live/event_log)
//   rows       of a log of format 1
//   content=   rows of the user's table: see content_source
#include "engine/event_source.hpp"

#include <algorithm>

#include "base/saturate.hpp"
#include "engine/content_source.hpp"
#include "sqlite/values.hpp"

namespace topk::engine {
namespace {

using stream::event_fields;
using stream::item_map;
using stream::time_span;

}  // namespace

status event_source::each(time_span span, visitor const& visit) {
  if (state_.options().content) return content_source(state_).each(span, visit);
  return state_.log().is_in_blocks() ? each_in_blocks(span, visit) : each_row(span, visit);
}

// Those of blocks, then those that no fold has taken.
status event_source::each_in_blocks(time_span span, visitor const& visit) {
  live::event_cursor cursor(state_.store(), state_.events(), span, greatest_sum);
  for (event_fields event;;) {
    TOPK_ASSIGN(bool const has_event, cursor.next(event));
    if (!has_event) return {};
    TOPK_TRY(visit(event));
  }
}

status event_source::log_is_damaged() const {
  return failure(errc::corrupt, "a row of " + state_.store().shadow("log") + " is damaged");
}

// The rows of a log of format 1, those that wait in the tail included.
status event_source::each_row(time_span span, visitor const& visit) {
  bool const has_held = state_.has_held();
  auto rows = state_.store().over("SELECT ts, item, weight, partition, seq FROM (" +
                                  state_.store().rows().rows_sql(has_held) + ")");
  auto use = rows.begin();
  storage::log_table::bind_span(use, span.since, span.until, has_held);
  return visit_rows(use, visit);
}

status event_source::each_by_seq(visitor const& visit) {
  auto rows = state_.store().over(state_.store().rows().by_seq_sql());
  auto use = rows.begin();
  return visit_rows(use, visit);
}

// Columns: ts, item, weight, partition, seq.
status event_source::visit_rows(sqlite::statement::execution& use, visitor const& visit) {
  for (;;) {
    TOPK_ASSIGN(auto row, use.step());
    if (!row) return {};
    char number[8];
    auto const item = sqlite::stored_item_of(use.value(1), number);
    auto const ts = state_.values().time(use.value(0), std::nullopt, "ts");
    bool const is_sound = item && ts && use.type(2) == SQLITE_INTEGER &&
                          use.integer(2) >= -greatest_weight && use.integer(2) <= greatest_weight &&
                          use.integer(4) < greatest_sum;
    if (!is_sound) return log_is_damaged();
    event_fields event{.seq = use.integer(4), .ts = *ts, .weight = use.integer(2), .item = *item};
    if (auto const partition = use.item(3)) {
      event.partition = *partition;
      event.has_partition = true;
    }
    TOPK_TRY(visit(event));
  }
}

status event_source::each_weight(time_span span, std::optional<item> const& partition,
                                 item_view const* wanted, weight_visitor const& visit) {
  return each(span, [&](event_fields const& event) -> status {
    if (wanted != nullptr && !(event.item == *wanted)) return {};
    if (!stream::is_of(event.partition_or_none(), partition)) return {};
    visit(event.ts, event.weight);
    return {};
  });
}

result<std::int64_t> event_source::each_sum(time_span span, std::optional<item> const& partition,
                                            sum_visitor const& visit) {
  if (state_.log().is_in_blocks()) return each_block_sum(span, partition, visit);
  std::int64_t rows = 0;
  TOPK_TRY(each(span, [&](event_fields const& event) -> status {
    ++rows;
    if (stream::is_of(event.partition_or_none(), partition)) {
      visit(event.item, state_.hash_of(event.item), event.weight);
    }
    return {};
  }));
  return rows;
}

// An item is hashed once for all its events in a block.
result<std::int64_t> event_source::each_block_sum(time_span span,
                                                  std::optional<item> const& partition,
                                                  sum_visitor const& visit) {
  std::int64_t rows = 0;
  live::event_cursor cursor(state_.store(), state_.events(), span, greatest_sum);
  std::vector<std::int64_t> sums;  // by number in the block; no sum of one block can wrap
  event_fields event;
  for (;;) {
    TOPK_ASSIGN(auto* const block, cursor.next_block());
    if (block == nullptr) break;
    sums.clear();
    while (block->next(event)) {
      if (event.ts <= span.since || event.ts > span.until) continue;
      ++rows;
      if (!stream::is_of(event.partition_or_none(), partition)) continue;
      if (block->item_number() >= sums.size()) sums.resize(block->items().size(), 0);
      sums[block->item_number()] += event.weight;
    }
    for (std::size_t i = 0; i < sums.size(); ++i) {
      auto const& item = block->items()[i];
      if (sums[i] != 0) visit(item, state_.hash_of(item), sums[i]);
    }
  }
  for (;;) {
    TOPK_ASSIGN(bool const has_event, cursor.next(event));
    if (!has_event) return rows;
    ++rows;
    if (!stream::is_of(event.partition_or_none(), partition)) continue;
    visit(event.item, state_.hash_of(event.item), event.weight);
  }
}

result<std::int64_t> event_source::sums(time_span span, std::optional<item> const& partition,
                                        item_map<std::int64_t>& into, stream::hash_range range) {
  return each_sum(span, partition,
                  [&](item_view const& item, std::uint64_t hash, std::int64_t sum) {
                    if (range.contains(hash)) raise(into.find_or_insert(item, hash), sum);
                  });
}

result<std::int64_t> event_source::count(time_span span, std::optional<item> const& partition,
                                         item_view const& wanted) {
  std::int64_t sum = 0;
  TOPK_TRY(each(span, [&](event_fields const& event) -> status {
    bool const counts = event.item == wanted && stream::is_of(event.partition_or_none(), partition);
    if (counts) sum = add_saturated(sum, event.weight);
    return {};
  }));
  return std::max<std::int64_t>(sum, 0);
}

result<std::int64_t> event_source::total(time_span span, std::optional<item> const& partition) {
  std::int64_t sum = 0;
  TOPK_TRY(each(span, [&](event_fields const& event) -> status {
    bool const counts = stream::is_of(event.partition_or_none(), partition);
    if (counts) sum = add_saturated(sum, event.weight);
    return {};
  }));
  return std::max<std::int64_t>(sum, 0);
}

}  // namespace topk::engine
