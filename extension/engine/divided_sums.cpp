// Sums by item of two spans that follow each other, in one pass over both.
//
// Rows are read one by one and counted here, each in one sum or the other by its ts. Where the
// items are more than memory allows, a log is left to SQLite, which sorts on disk: a GROUP BY, and
// a scan for the totals. A table of the user's is counted slice by slice, as its rows need our
// reading.
#include "base/saturate.hpp"
#include "engine/event_source.hpp"
#include "sqlite/values.hpp"
#include "stream/hash_slice.hpp"

namespace topk::engine {
namespace {

// ?7 is the time that divides the span.
constexpr std::string_view both_sums =
    "sum(iif(ts > ?7, 0, weight)) AS before, sum(iif(ts > ?7, weight, 0)) AS after";

}  // namespace

status event_source::each_of_log(
    std::string const& sql, divided_span const& of, std::optional<item> const& partition,
    std::function<status(sqlite::statement::execution&)> const& visit) {
  auto query = state_.store().over(sql);
  auto use = query.begin();
  bind_span(use, of.span, partition);
  use.bind_time(7, of.cut);
  for (;;) {
    auto row = use.step();
    // sum() refuses to wrap, and returns no integer if some weights are not integers.
    if (!row && row.error().message == "integer overflow") return log_is_damaged();
    if (!row) return std::move(row).error();
    if (!*row) return {};
    TOPK_TRY(visit(use));
  }
}

status event_source::each_divided(divided_span const& of, std::optional<item> const& partition,
                                  divided_sums* totals, divided_visitor const& visit) {
  auto& budget = state_.answer_budget();
  for (stream::hash_slice slice(0);;) {
    stream::item_map<divided_sums> counts(slice.is_narrowest() ? nullptr : &budget);
    divided_sums all;
    try {
      TOPK_TRY(count_divided(of, partition, slice.range(), counts, all));
    } catch (over_budget const&) {
      if (!state_.options().content) return group_divided(of, partition, totals, visit);
      slice.halve();
      continue;
    }
    if (totals != nullptr) *totals = all;
    for (auto const& one : counts.entries()) visit(one.key, one.value);
    if (!slice.next(4 * counts.size() * sizeof(counts.entries()[0]) < budget.limit() / 2)) break;
  }
  return {};
}

status event_source::count_divided(divided_span const& of, std::optional<item> const& partition,
                                   stream::hash_range range, stream::item_map<divided_sums>& counts,
                                   divided_sums& all) {
  return each(of.span, [&](stream::event_fields const& event) -> status {
    if (!stream::is_of(event.partition_or_none(), partition)) return {};
    auto const count = [&](divided_sums& into) {
      raise(event.ts > of.cut ? into.after : into.before, event.weight);
    };
    count(all);
    auto const hash = state_.hash_of(event.item);
    if (range.contains(hash)) count(counts.find_or_insert(event.item, hash));
    return {};
  });
}

status event_source::group_divided(divided_span const& of, std::optional<item> const& partition,
                                   divided_sums* totals, divided_visitor const& visit) {
  auto const read = [&](sqlite::statement::execution& row, int at) -> result<divided_sums> {
    if (row.type(at) != SQLITE_INTEGER || row.type(at + 1) != SQLITE_INTEGER) {
      return log_is_damaged();
    }
    return divided_sums{row.integer(at), row.integer(at + 1)};
  };
  if (totals != nullptr) {
    auto const sql = log_sql("SELECT count(*), " + std::string(both_sums), "", partition);
    TOPK_TRY(each_of_log(sql, of, partition, [&](sqlite::statement::execution& row) -> status {
      if (row.integer(0) == 0) return {};  // sums of no rows are NULL
      TOPK_ASSIGN(*totals, read(row, 1));
      return {};
    }));
  }
  auto const sql = log_sql("SELECT item, " + std::string(both_sums),
                           " GROUP BY item HAVING before > 0 OR after > 0", partition);
  return each_of_log(sql, of, partition, [&](sqlite::statement::execution& row) -> status {
    auto const item = row.item(0);
    if (!item) return log_is_damaged();
    TOPK_ASSIGN(auto const counts, read(row, 1));
    visit(*item, counts);
    return {};
  });
}

}  // namespace topk::engine
