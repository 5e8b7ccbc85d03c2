// One pass over the window's panes and events for each slice of the range of hashes:
//
//   hashes    0 |-----------|-----------|-----------|-----------| 2^64
//   pass 1      [ all items of this slice, from every pane ]  -> offered to the rows -> forgotten
//   pass 2                  [ ...                   ]
//
// A slice holds all that the panes say of its items, so its sums are those of the whole window,
// nothing is cut, and the rows are the same whatever the number of slices. What belongs to the
// window as a whole (the bounds of absent items, the total) is the same in each of them.
//
// A slice that outgrows the budget is given up and halved, so that sizes need not be known
// beforehand: n slices cost about n + 1 passes. One that leaves most of the budget unused is
// followed by a wider one. Once only a few hashes are left, one item must be allowed, however long.
#include "stream/window_slices.hpp"

#include <bit>

#include "stream/row_selection.hpp"

namespace topk::stream {

result<window_answer> top_by_slices(window_source const& source, time_span span,
                                    std::optional<item> const& partition, std::size_t k,
                                    memory_budget& budget, unsigned& halvings) {
  window_answer out;
  row_selection best(k);
  std::uint64_t slices = 0;
  TOPK_TRY(each_slice_sum(source, span, partition, budget, hash_slice(halvings),
                          [&](window_sum const& sum, memory_budget*) -> result<bool> {
                            if (slices++ == 0) {
                              out.total = sum.total();
                              out.unknown_upper = sum.unknown_upper();
                            }
                            out.items += sum.inside.items().size();
                            sum.each([&](candidate const& one) { best.offer(one); });
                            return true;
                          }));
  halvings = static_cast<unsigned>(std::bit_width(slices - 1));
  out.rows = best.take(out.unknown_upper);
  return out;
}

result<ranked_item> estimate_alone(window_source const& source, time_span span,
                                   std::optional<item> const& partition, item_view const& item,
                                   std::uint64_t hash) {
  window_cache merged(partition, nullptr, {hash, hash});
  TOPK_ASSIGN(auto const* const sum, merged.sum_of(source, span));
  return sum->estimate(item, hash);
}

// Any slice knows the total: one of a single hash is the smallest.
result<sketch::bounds> total_alone(window_source const& source, time_span span,
                                   std::optional<item> const& partition) {
  window_cache merged(partition, nullptr, {0, 0});
  TOPK_ASSIGN(auto const* const sum, merged.sum_of(source, span));
  return sum->total();
}

}  // namespace topk::stream
