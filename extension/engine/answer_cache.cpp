// Two lists, most recently used first, with one clock of uses between them:
//
//   windows   [12h, all] [1h, all] [1h, 'de'] [24h, all]     found by length and partition: the
//   used           9          8         6          2         window of now is that of a second
//                                                            ago, moved on
//   answers   [12h, k=10] [1h, k=5]                          found by span, partition and k, and
//   used           9          7                              gone as soon as an event comes
//
// What was used longest ago goes first, of either list, until the rest fits:
//
//   bytes held      0 ............ share ............ most ............
//   what stays      everything     |  four of each    |  one of each: those in use
//
// A window's bytes are counted when its panes were merged, and not at each question: counting walks
// over its items.
#include "engine/answer_cache.hpp"

#include <algorithm>

namespace topk::engine {
namespace {

constexpr std::size_t kept_beyond_share = 4;

std::size_t bytes_of(std::vector<stream::ranked_item> const& rows) noexcept {
  std::size_t bytes =
      sizeof(std::vector<stream::ranked_item>) + rows.capacity() * sizeof(stream::ranked_item);
  for (auto const& row : rows) bytes += row.key.heap_bytes();
  return bytes;
}

std::size_t heap_bytes(std::optional<item> const& partition) noexcept {
  return partition ? partition->heap_bytes() : 0;
}

}  // namespace

result<stream::window_sum const*> answer_cache::sum_of(stream::window_source const& source,
                                                       stream::time_span span,
                                                       std::optional<item> const& partition) {
  // Windows of one partition differ in length: the same one moves on cheaply, another is merged.
  auto const at = std::find_if(windows_.begin(), windows_.end(), [&](kept_window const& kept) {
    return kept.window.length() == span.until - span.since && kept.window.partition() == partition;
  });
  // Out of reach while it is filled: a read that fails may roll back the host's transaction, and
  // with it all that is in windows_.
  std::list<kept_window> mine;
  bool const is_new = at == windows_.end();
  if (is_new) {
    mine.push_front({.window = stream::window_cache(partition)});
  } else {
    mine.splice(mine.begin(), windows_, at);
  }
  auto& kept = mine.front();
  TOPK_ASSIGN(auto const* sum, kept.window.sum_of(source, span));
  kept.used = ++uses_;
  bool const is_merged = is_new || kept.generation != source.head.generation;
  if (is_merged) {
    kept.generation = source.head.generation;
    kept.bytes = sizeof(kept) + heap_bytes(partition) + kept.window.memory_bytes();
  }
  windows_.splice(windows_.begin(), mine);
  if (is_merged) evict();
  return sum;
}

ranked_rows answer_cache::kept_top(stream::window_source const& source, stream::time_span span,
                                   std::optional<item> const& partition, std::size_t k,
                                   stream::window_sum const& sum) {
  answers_.remove_if([&](kept_answer const& kept) {
    return kept.generation != source.head.generation || kept.events_epoch != source.events_epoch ||
           kept.events != source.events.size();
  });
  for (auto at = answers_.begin(); at != answers_.end(); ++at) {
    if (at->span != span || at->k != k || at->partition != partition) continue;
    at->used = ++uses_;
    answers_.splice(answers_.begin(), answers_, at);
    return answers_.front().rows;
  }
  auto rows = std::make_shared<std::vector<stream::ranked_item> const>(sum.top(k));
  answers_.push_front({.span = span,
                       .partition = partition,
                       .k = k,
                       .generation = source.head.generation,
                       .events_epoch = source.events_epoch,
                       .events = source.events.size(),
                       .rows = rows,
                       .bytes = sizeof(kept_answer) + heap_bytes(partition) + bytes_of(*rows),
                       .used = ++uses_});
  evict();
  return rows;
}

void answer_cache::clear() noexcept {
  windows_.clear();
  answers_.clear();
}

std::size_t answer_cache::counted_bytes() const noexcept {
  std::size_t bytes = 0;
  for (auto const& kept : windows_) bytes += kept.bytes;
  for (auto const& kept : answers_) bytes += kept.bytes;
  return bytes;
}

// The first of a list never goes: it is in use.
void answer_cache::evict() noexcept {
  for (std::size_t bytes = counted_bytes(); bytes > limits_.share;) {
    std::size_t const least = bytes > limits_.most ? 1 : kept_beyond_share;
    bool const window_goes = windows_.size() > least;
    bool const answer_goes = answers_.size() > least;
    if (!window_goes && !answer_goes) return;
    if (window_goes && (!answer_goes || windows_.back().used < answers_.back().used)) {
      bytes -= windows_.back().bytes;
      windows_.pop_back();
    } else {
      bytes -= answers_.back().bytes;
      answers_.pop_back();
    }
  }
}

std::size_t answer_cache::memory_bytes() const noexcept {
  std::size_t bytes = 0;
  for (auto const& kept : windows_) {
    bytes += sizeof(kept) + heap_bytes(kept.window.partition()) + kept.window.memory_bytes();
  }
  for (auto const& kept : answers_) bytes += kept.bytes;
  return bytes;
}

}  // namespace topk::engine
