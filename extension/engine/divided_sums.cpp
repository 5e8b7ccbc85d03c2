// Sums by item of two spans that follow each other, in one pass over both.
//
// Each event is counted in one sum or the other by its ts. Where there are more items than memory
// allows, they are counted slice by slice.
#include "base/saturate.hpp"
#include "engine/event_source.hpp"
#include "stream/hash_slice.hpp"

namespace topk::engine {
status event_source::each_divided(divided_span const& of, std::optional<item> const& partition,
                                  divided_sums* totals, divided_visitor const& visit) {
  auto& budget = state_.answer_budget();
  for (stream::hash_slice slice(0);;) {
    stream::item_map<divided_sums> counts(slice.is_narrowest() ? nullptr : &budget);
    divided_sums all;
    try {
      TOPK_TRY(count_divided(of, partition, slice.range(), counts, all));
    } catch (over_budget const&) {
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

}  // namespace topk::engine
