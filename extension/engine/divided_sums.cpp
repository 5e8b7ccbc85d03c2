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
  using counts = stream::item_map<divided_sums>;
  divided_sums all;
  return stream::for_each_slice<divided_sums>(
      state_.answer_budget(), stream::hash_slice(0),
      [&](stream::hash_range range, counts& into) {
        all = {};
        return count_divided(of, partition, range, into, all);
      },
      [&](counts const& of_slice) {
        if (totals != nullptr) *totals = all;
        for (auto const& one : of_slice.entries()) visit(one.key, one.value);
      });
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
