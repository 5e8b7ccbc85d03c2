// Reads events from the log or from the user's table, and counts them.
//
//   log        a GROUP BY over rows of one span of time; where all weights are 1 it counts rows
//   content=   rows are read one by one and counted here: see content_source
#include "engine/event_source.hpp"

#include <algorithm>

#include "base/saturate.hpp"
#include "engine/content_source.hpp"
#include "sqlite/values.hpp"
#include "stream/hash_slice.hpp"
#include "stream/row_selection.hpp"

namespace topk::engine {
namespace {

using sqlite::statement;
using stream::event_fields;
using stream::item_map;
using stream::ranked_item;
using stream::time_span;

bool is_value(std::optional<item> const& partition) noexcept {
  return partition && partition->view() != no_partition;
}

}  // namespace

// The rows of the log in a span, those that wait in the tail included.
// Parameters: 1, 2 the span in seconds; 3, 4 the same in microseconds; 5 the partition; 6 the item.
std::string event_source::log_sql(std::string_view head, std::string_view tail,
                                  std::optional<item> const& partition, bool has_item) const {
  std::string sql(head);
  sql += " FROM (" + state_.store().log().rows_sql(state_.has_held()) + ")";
  if (is_value(partition)) {
    sql += " WHERE partition = ?5 AND typeof(partition) = typeof(?5)";
  } else if (partition) {
    sql += " WHERE partition IS NULL";
  }
  if (has_item) {
    sql += partition ? " AND" : " WHERE";
    sql += " item = ?6 AND typeof(item) = typeof(?6)";
  }
  return sql += tail;
}

void event_source::bind_span(sqlite::statement::execution& use, time_span span,
                             std::optional<item> const& partition) const {
  use.bind_time(1, span.since).bind_time(2, span.until);
  if (state_.has_held()) use.bind(3, span.since).bind(4, span.until);
  if (is_value(partition)) use.bind(5, partition->view());
}

status event_source::each(time_span span, visitor const& visit) {
  return state_.options().content ? content_source(state_).each(span, visit)
                                  : each_logged(span, visit);
}

status event_source::log_is_damaged() const {
  return failure(errc::corrupt, "a row of " + state_.store().shadow("log") + " is damaged");
}

status event_source::each_logged(time_span span, visitor const& visit) {
  auto rows =
      state_.store().over(log_sql("SELECT ts, item, weight, partition, seq", "", std::nullopt));
  auto use = rows.begin();
  bind_span(use, span, std::nullopt);
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
  if (state_.options().content) {
    return each(span, [&](event_fields const& event) -> status {
      if (wanted != nullptr && !(event.item == *wanted)) return {};
      if (!stream::is_of(event.partition_or_none(), partition)) return {};
      visit(event.ts, event.weight);
      return {};
    });
  }
  auto rows = state_.store().over(log_sql("SELECT ts, weight", "", partition, wanted != nullptr));
  auto use = rows.begin();
  bind_span(use, span, partition);
  if (wanted != nullptr) use.bind(6, *wanted);
  for (;;) {
    TOPK_ASSIGN(bool const has_row, use.step());
    if (!has_row) return {};
    auto const ts = state_.values().time(use.value(0), std::nullopt, "ts");
    std::int64_t const weight = use.integer(1);
    bool const is_sound = ts && use.type(1) == SQLITE_INTEGER && weight >= -greatest_weight &&
                          weight <= greatest_weight;
    if (!is_sound) return log_is_damaged();
    visit(*ts, weight);
  }
}

result<std::int64_t> event_source::sums(time_span span, std::optional<item> const& partition,
                                        item_map<std::int64_t>& into, stream::hash_range range) {
  std::int64_t rows = 0;
  TOPK_TRY(each(span, [&](event_fields const& event) -> status {
    ++rows;
    if (!stream::is_of(event.partition_or_none(), partition)) return {};
    auto const hash = state_.hash_of(event.item);
    if (!range.contains(hash)) return {};
    auto& sum = into.find_or_insert(event.item, hash);
    sum = add_saturated(sum, event.weight);
    return {};
  }));
  return rows;
}

result<std::vector<ranked_item>> event_source::top(time_span span,
                                                   std::optional<item> const& partition,
                                                   std::size_t k) {
  sketch::best_rows<ranked_item> best(k);
  auto const add = [&](item_view const& item, std::int64_t count) {
    best.offer({topk::item(item), count, count, count, true});
  };
  if (state_.options().content) {
    return top_of_content(span, partition, k);
  }
  // We order equal counts ourselves: in UTF-16, SQLite's order is not that of UTF-8. Rows that are
  // only counted need not carry their weights through the sort. No event weighs 0, so if the gross
  // weight equals the number of events, each weighs 1 or -1.
  auto const& head = state_.head();
  bool const all_weigh_one = head.weight == head.events && head.gross == head.events;
  auto query = state_.store().over(
      log_sql(all_weigh_one ? "SELECT item, count(*) AS n" : "SELECT item, sum(weight) AS n",
              " GROUP BY item HAVING n > 0", partition));
  auto use = query.begin();
  bind_span(use, span, partition);
  for (;;) {
    auto row = use.step();
    // sum() refuses to wrap, and returns no integer if some weights are not integers.
    if (!row && row.error().message == "integer overflow") return log_is_damaged();
    if (!row) return std::move(row).error();
    if (!*row) return best.take();
    auto const item = use.item(0);
    if (!item || use.type(1) != SQLITE_INTEGER) return log_is_damaged();
    if (best.may_take(use.integer(1))) add(*item, use.integer(1));
  }
}

// Rows are counted here, as ts and weight need our reading: in one pass over the table, or, where
// there are more items than memory allows, in one pass for each slice of them.
result<std::vector<ranked_item>> event_source::top_of_content(time_span span,
                                                              std::optional<item> const& partition,
                                                              std::size_t k) {
  auto& budget = state_.answer_budget();
  stream::row_selection best(k);
  for (stream::hash_slice slice(0);;) {
    item_map<std::int64_t> counts(slice.is_narrowest() ? nullptr : &budget);
    try {
      TOPK_TRY(sums(span, partition, counts, slice.range()));
    } catch (over_budget const&) {
      slice.halve();
      continue;
    }
    for (auto const& one : counts.entries()) {
      best.offer({one.key, one.hash, one.value, one.value, one.value});
    }
    if (!slice.next(4 * counts.size() * sizeof(counts.entries()[0]) < budget.limit() / 2)) break;
  }
  return best.take(0);
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
