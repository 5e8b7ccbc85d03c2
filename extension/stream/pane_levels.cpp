// For the default windows 1min, 5min, 1hour, 1day, retain 1day, k 100 and 16 MiB of memory:
//
//   level   width   kept    keep   live    for the window
//   0       1s      2min    130    2072    1min, of 60 panes
//   1       5s      10min   260    4144    5min, of 60 panes
//   2       1min    2hour   520    8288    1hour, of 60 panes
//   3       20min   1day    1040   33152   1day, of 72 panes
//
// Twice the window is kept, so that a question about the recent past finds fine panes too. A level
// more costs rolling up once more; a wider grain costs accuracy at the edges of a window. These
// numbers are part of the format: stored panes of a stream have them.
#include "stream/pane_levels.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <limits>

namespace topk::stream {
namespace {

constexpr micros millisecond = 1000;

// Widths people read at a glance, each a divisor of some later one, so that levels nest.
constexpr std::array<micros, 40> round_widths = {millisecond,
                                                 2 * millisecond,
                                                 5 * millisecond,
                                                 10 * millisecond,
                                                 20 * millisecond,
                                                 50 * millisecond,
                                                 100 * millisecond,
                                                 200 * millisecond,
                                                 500 * millisecond,
                                                 second,
                                                 2 * second,
                                                 5 * second,
                                                 10 * second,
                                                 15 * second,
                                                 20 * second,
                                                 30 * second,
                                                 minute,
                                                 2 * minute,
                                                 5 * minute,
                                                 10 * minute,
                                                 15 * minute,
                                                 20 * minute,
                                                 30 * minute,
                                                 hour,
                                                 2 * hour,
                                                 3 * hour,
                                                 4 * hour,
                                                 6 * hour,
                                                 8 * hour,
                                                 12 * hour,
                                                 day,
                                                 2 * day,
                                                 3 * day,
                                                 5 * day,
                                                 7 * day,
                                                 10 * day,
                                                 14 * day,
                                                 15 * day,
                                                 28 * day,
                                                 30 * day};

constexpr std::int64_t grain = 60;  // a window is answered from at least this many panes

micros widest_round_width(micros at_most, micros multiple_of) {
  micros best = 0;
  for (micros const width : round_widths) {
    if (width <= at_most && width % multiple_of == 0) best = std::max(best, width);
  }
  return best;
}

// From sketch measurements at k <= 10 and k <= 100: fewer entries in a second's pane lose true
// items of the top k; beyond, 1.3 k. The top level holds 8 times as much, each below half of the
// one above, but not less than this (1040, 520, 260, 130 for the default windows and k).
std::uint32_t least_keep(std::int64_t k) {
  if (k <= 10) return 64;
  return static_cast<std::uint32_t>(std::max<std::int64_t>(128, k + (3 * k + 9) / 10));
}

// What every stream takes, whatever its options: the objects themselves, latencies, options, names.
constexpr std::size_t fixed_bytes = 32 * 1024;
constexpr std::uint64_t bytes_per_entry = 64;  // a charged entry with an item of 32 bytes
constexpr std::uint64_t least_entries = 4;

}  // namespace

std::vector<pane_level> plan_levels(stream_options const& options) {
  auto windows = options.windows;
  if (options.retain > windows.back()) windows.push_back(options.retain);

  std::vector<pane_level> levels;
  for (micros const window : windows) {
    micros const below = levels.empty() ? millisecond : levels.back().width;
    micros const width = widest_round_width(window / grain, below);
    if (!levels.empty() && width <= levels.back().width) {
      levels.back().kept = 2 * window;
    } else {
      levels.push_back({.width = width, .kept = 2 * window});
    }
  }
  levels.back().kept = options.retain;
  for (auto& level : levels) level.kept = std::min(level.kept, options.retain);

  // The top level has the most entries, the level below a quarter of them, each further one half of
  // the one above (33152, 8288, 4144, 2072 at 16 MiB). A fold needs several times what one pane of
  // the top level takes, for its index and filters, the events of the batch by pane, and the pane
  // as stored: so that pane gets an eighth of the memory. With little memory it gets half, since
  // beyond_memory is added.
  auto const memory = static_cast<std::uint64_t>(options.memory);
  std::uint64_t const top = std::clamp<std::uint64_t>(
      std::min(memory / 2, (memory + beyond_memory / 4 * 3) / 8) / bytes_per_entry, 16,
      std::uint64_t{1} << 20);
  std::uint32_t const base = least_keep(options.k);
  for (std::size_t l = 0; l < levels.size(); ++l) {
    std::size_t const above = levels.size() - 1 - l;
    std::uint64_t const entries =
        above == 0 ? top : std::max(least_entries, top >> std::min<std::size_t>(above + 1, 12));
    std::uint64_t const wanted = std::uint64_t{base} << (3 - std::min<std::size_t>(above, 3));
    levels[l].live = {.entries = static_cast<std::uint32_t>(entries),
                      .bytes = entries * bytes_per_entry};
    levels[l].keep =
        static_cast<std::uint32_t>(std::min(wanted, std::max(least_entries, entries / 2)));
    levels[l].spare = levels[l].keep < base / 2 ? 0 : std::min(2 * base, levels[l].keep);
  }
  return levels;
}

micros horizon_at(std::vector<pane_level> const& levels, std::size_t level,
                  micros reference) noexcept {
  std::size_t const above = std::min(level + 1, levels.size() - 1);
  return round_down(reference - levels[level].kept, levels[above].width);
}

status check_times(sketch::pane_totals const& totals, std::int64_t pane, micros width) {
  bool const is_elsewhere = totals.first <= (pane - 1) * width || totals.last > pane * width;
  if (totals.events == 0 || !is_elsewhere) return {};
  return failure(errc::corrupt, "stored pane: it holds events outside its time");
}

result<sketch::stored_summary> parse_pane(byte_view body, std::int64_t pane, micros width) {
  TOPK_ASSIGN(auto parsed, sketch::stored_summary::parse(body));
  TOPK_TRY(check_times(parsed.totals(), pane, width));
  return parsed;
}

memory_plan plan_memory(stream_options const& options) noexcept {
  // A process of 32 bits has no more than a part of it.
  constexpr std::uint64_t most = std::numeric_limits<std::size_t>::max() / 4;
  auto const memory =
      static_cast<std::size_t>(std::min(static_cast<std::uint64_t>(options.memory), most));
  std::size_t const all = memory + beyond_memory - fixed_bytes;
  return {.batch_bytes = all / 8,
          .tail_rows = std::clamp<std::size_t>(memory / 1024, 16, 4096),
          .partition_bytes = all / 32,
          .answer_bytes = all / 8 * 5,
          .few_events = all / 24,
          .more_answer_bytes = all / 8 * 7 - all / 32};
}

}  // namespace topk::stream
