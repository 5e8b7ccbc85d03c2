// From the coarsest level down, towards both edges:
//
//              since                                                    until
//                v                                                        v
//   level 2   [......|===================|...................]                 whole panes inside
//   level 1          ^         then  [===][===][===][==..                      where it is kept
//   level 0      edge: the level below has                  [=][=][=][.]       the newest panes
//                dropped that time, so the
//                coarse pane is cut
//
// At the older edge a finer level may have dropped the time already (its horizon): the pane that
// the edge meets is then taken as an edge pane of the coarse level. At the newer edge parents do
// not exist yet (`formed`), so the finer levels answer, down to level 0, whose last pane may be
// cut by `until`. Each level recurses into at most two gaps, so the depth is that of the levels.
#include "stream/window_cover.hpp"

#include <algorithm>

namespace topk::stream {
namespace {

class cover_builder {
 public:
  cover_builder(std::vector<pane_level> const& levels, stream_head const& head)
      : levels_(levels), head_(head) {}

  // Covers (since, until] with panes of `level` and below. Requires: since >= the level's horizon.
  void cover(std::size_t level, micros since, micros until) {
    if (since >= until) return;
    micros const width = levels_[level].width;
    micros const end = level == 0 ? until : std::min(until, head_.levels[level].formed);
    micros const inside_from = round_up(since, width);
    micros const inside_to = round_down(std::max(end, since), width);
    if (inside_from > inside_to) {  // since and until meet one pane of this level
      edge(level, since, until);
      return;
    }
    if (since < inside_from) edge(level, since, inside_from);
    if (inside_from < inside_to) {
      panes_.inside.push_back({level, inside_from / width + 1, inside_to / width});
    }
    if (inside_to < until) edge(level, inside_to, until);
  }

  [[nodiscard]] window_panes take() { return std::move(panes_); }

 private:
  // A part of one pane: finer panes where they are kept; else the pane itself, which may be cut.
  void edge(std::size_t level, micros since, micros until) {
    if (level > 0 && since >= head_.levels[level - 1].horizon) {
      cover(level - 1, since, until);
      return;
    }
    std::int64_t const pane = pane_of(until, levels_[level].width);
    panes_.edges.push_back({level, pane, pane});
  }

  std::vector<pane_level> const& levels_;
  stream_head const& head_;
  window_panes panes_;
};

}  // namespace

window_panes cover_window(std::vector<pane_level> const& levels, stream_head const& head,
                          time_span span) {
  cover_builder builder(levels, head);
  micros const kept = head.levels.back().horizon;
  if (kept == no_time) return {};  // nothing was folded yet
  builder.cover(levels.size() - 1, std::max(span.since, kept), span.until);
  return builder.take();
}

}  // namespace topk::stream
