// Reads events from the log or from the user's table, and counts them.
//
//   log        a GROUP BY over rows of one span of time; where all weights are 1 it counts rows
//   content=   numbers are compared by the index on ts; text times are read one by one, as SQLite
//              does not order them by time
#include "engine/event_source.hpp"

#include <algorithm>

#include "base/saturate.hpp"
#include "engine/content.hpp"
#include "sqlite/values.hpp"

namespace topk::engine {
namespace {

using sqlite::statement;
using stream::event_fields;
using stream::item_map;
using stream::ranked_item;
using stream::time_span;

}  // namespace

// The rows of the log in a span, those that wait in the tail included.
// Parameters: 1, 2 the span in seconds; 3, 4 the same in microseconds; 5 the partition.
std::string event_source::log_sql(std::string_view head, std::string_view tail,
                                  bool has_partition) const {
  std::string sql(head);
  sql += " FROM (" + state_.store().log().rows_sql(state_.has_held()) + ")";
  if (has_partition) sql += " WHERE partition = ?5 AND typeof(partition) = typeof(?5)";
  return sql += tail;
}

void event_source::bind_span(sqlite::statement::execution& use, time_span span,
                             std::optional<item> const& partition) const {
  use.bind_time(1, span.since).bind_time(2, span.until);
  if (state_.has_held()) use.bind(3, span.since).bind(4, span.until);
  if (partition) use.bind(5, partition->view());
}

status event_source::each(time_span span, visitor const& visit) {
  return state_.options().content ? each_of_content(span, visit) : each_logged(span, visit);
}

status event_source::log_is_damaged() const {
  return failure(errc::corrupt, "a row of " + state_.store().shadow("log") + " is damaged");
}

status event_source::each_logged(time_span span, visitor const& visit) {
  auto rows = state_.store().over(log_sql("SELECT ts, item, weight, partition, seq", "", false));
  auto use = rows.begin();
  bind_span(use, span, std::nullopt);
  for (;;) {
    auto row = use.step();
    if (!row) return std::move(row).error();
    if (!*row) return {};
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
    if (auto seen = visit(event); !seen) return seen;
  }
}

// Numbers first, by an index on ts where there is one; then dates, which only we can compare.
status event_source::each_of_content(time_span span, visitor const& visit) {
  if (auto known = check_content(state_); !known) return known;
  auto const& content = *state_.options().content;
  auto const column = [](std::optional<std::string> const& name) {
    return name ? sqlite::quoted(*name) : std::string("NULL");
  };
  std::string const ts = sqlite::quoted(content.ts);
  std::string const select = "SELECT " + ts + ", " + sqlite::quoted(content.item) + ", " +
                             column(content.weight) + ", " + column(content.partition) + " FROM " +
                             sqlite::quoted(state_.store().schema()) + "." +
                             sqlite::quoted(content.table) + " WHERE ";
  // One second of slack on either side: the exact comparison is ours, on microseconds.
  sqlite::statement rows(state_.host().db(), select + ts + " >= ?1 AND " + ts +
                                                 " <= ?2 AND typeof(" + ts +
                                                 ") IN ('integer', 'real') UNION ALL " + select +
                                                 ts + " >= '' AND typeof(" + ts + ") = 'text'");
  auto use = rows.begin();
  use.bind(1, span.since / second - 1).bind(2, span.until / second + 1);
  for (;;) {
    auto row = use.step();
    if (!row) return std::move(row).error();
    if (!*row) return {};
    if (auto seen = visit_content_row(use, span, visit); !seen) return seen;
  }
}

status event_source::visit_content_row(sqlite::statement::execution& use, time_span span,
                                       visitor const& visit) {
  sqlite::item_buffer item_bytes;
  auto const item = state_.values().item(use.value(1), item_bytes);
  if (!item || static_cast<std::int64_t>(item->bytes.size()) > state_.options().max_item_bytes)
    return {};
  auto const ts = state_.values().time(use.value(0), std::nullopt, "ts");
  if (!ts || *ts <= span.since || *ts > span.until) return {};
  std::int64_t weight = 1;
  if (!use.is_null(2)) {
    auto const given = sqlite::value_reader::weight(use.value(2));
    if (!given) return {};
    weight = *given;
  }
  if (weight == 0) return {};
  event_fields event{.ts = *ts, .weight = weight, .item = *item};
  sqlite::item_buffer partition_bytes;
  if (auto const partition = state_.values().item(use.value(3), partition_bytes)) {
    event.partition = *partition;
    event.has_partition = true;
  }
  return visit(event);
}

result<std::int64_t> event_source::sums(time_span span, std::optional<item> const& partition,
                                        item_map<std::int64_t>& into) {
  std::int64_t rows = 0;
  auto seen = each(span, [&](event_fields const& event) -> status {
    ++rows;
    if (partition && !(event.has_partition && event.partition == partition->view())) return {};
    auto& sum = into.find_or_insert(event.item, state_.hash_of(event.item));
    sum = add_saturated(sum, event.weight);
    return {};
  });
  if (!seen) return seen;
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
    item_map<std::int64_t> counts;
    auto read = sums(span, partition, counts);
    if (!read) return std::move(read).error();
    for (auto const& one : counts.entries()) {
      if (one.value > 0 && best.may_take(one.value)) add(one.key, one.value);
    }
    return best.take();
  }
  // Which of equal counts come first is ours to say: in UTF-16, SQLite's order is not that of
  // UTF-8. Rows that are counted need not bring their weights along to be sorted. No event weighs
  // 0, so that as much gross weight as events means that each weighs 1 or -1.
  auto const& head = state_.head();
  bool const all_weigh_one = head.weight == head.events && head.gross == head.events;
  auto query = state_.store().over(
      log_sql(all_weigh_one ? "SELECT item, count(*) AS n" : "SELECT item, sum(weight) AS n",
              " GROUP BY item HAVING n > 0", partition.has_value()));
  auto use = query.begin();
  bind_span(use, span, partition);
  for (;;) {
    auto row = use.step();
    // sum() refuses to wrap; of weights that are no integers it makes no integer.
    if (!row && row.error().message == "integer overflow") return log_is_damaged();
    if (!row) return std::move(row).error();
    if (!*row) return best.take();
    auto const item = use.item(0);
    if (!item || use.type(1) != SQLITE_INTEGER) return log_is_damaged();
    if (best.may_take(use.integer(1))) add(*item, use.integer(1));
  }
}

result<std::int64_t> event_source::count(time_span span, std::optional<item> const& partition,
                                         item_view const& wanted) {
  std::int64_t sum = 0;
  auto seen = each(span, [&](event_fields const& event) -> status {
    bool const counts =
        event.item == wanted &&
        (!partition || (event.has_partition && event.partition == partition->view()));
    if (counts) sum = add_saturated(sum, event.weight);
    return {};
  });
  if (!seen) return seen;
  return std::max<std::int64_t>(sum, 0);
}

result<std::int64_t> event_source::total(time_span span, std::optional<item> const& partition) {
  std::int64_t sum = 0;
  auto seen = each(span, [&](event_fields const& event) -> status {
    if (!partition || (event.has_partition && event.partition == partition->view())) {
      sum = add_saturated(sum, event.weight);
    }
    return {};
  });
  if (!seen) return seen;
  return std::max<std::int64_t>(sum, 0);
}

}  // namespace topk::engine
