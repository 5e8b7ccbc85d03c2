// Each folded event lies in one pane of the cover of all that is kept, whatever was cut from that
// pane since: a pane's number of events stays when its entries go, when an item is forgotten, and
// when panes are rolled up. So what is missing from the sum has expired, and nothing need be
// counted as it expires.
#include "stream/retained_events.hpp"

#include <algorithm>

#include "base/saturate.hpp"
#include "stream/window_cover.hpp"

namespace topk::stream {

result<std::int64_t> retained_events(std::vector<pane_level> const& levels,
                                     stream_head const& stored, pane_store& panes,
                                     event_batch const& tail, micros after) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < tail.size(); ++i) sum += tail.ts_of(i) > after ? 1 : 0;
  if (stored.newest == no_time || after == no_time) return sum;
  time_span const span = {round_down(after, levels.back().width),
                          round_up(stored.newest, levels.front().width)};
  if (span.since >= span.until) return sum;
  auto const covered = cover_window(levels, stored, span);
  for (auto const* ranges : {&covered.inside, &covered.edges}) {
    for (auto const& range : *ranges) {
      TOPK_TRY(panes.each(range.level, range.first, range.last, [&](pane_row const& row) -> status {
        TOPK_ASSIGN(auto const pane, parse_pane(row.body, row.pane, levels[range.level].width));
        sum = add_saturated(sum, pane.totals().events);
        return {};
      }));
    }
  }
  return sum;
}

}  // namespace topk::stream
