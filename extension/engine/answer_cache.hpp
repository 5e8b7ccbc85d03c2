// Windows kept merged and answers kept ranked, for the questions that come again; bounded by bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <vector>

#include "base/item.hpp"
#include "base/status.hpp"
#include "stream/window_cache.hpp"

namespace topk::engine {

using ranked_rows = std::shared_ptr<std::vector<stream::ranked_item> const>;

class answer_cache {
 public:
  // In bytes. Up to `share` everything stays; up to `most` the four windows and four answers used
  // last; beyond it the ones in use.
  struct limits {
    std::size_t share = 0;
    std::size_t most = 0;
  };
  explicit answer_cache(limits bytes) noexcept : limits_(bytes) {}

  // The sum over a window. Valid until the next call of sum_of() or clear().
  result<stream::window_sum const*> sum_of(stream::window_source const& source,
                                           stream::time_span span,
                                           std::optional<item> const& partition);
  // The rows of sum.top(k), ranked once while nothing changes. Requires: `sum` is the sum of span
  // and partition, just returned by sum_of().
  ranked_rows kept_top(stream::window_source const& source, stream::time_span span,
                       std::optional<item> const& partition, std::size_t k,
                       stream::window_sum const& sum);
  void clear() noexcept;

  // What is held now, counted entry by entry.
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  struct kept_window {
    stream::window_cache window;
    std::uint64_t generation = 0;
    std::size_t bytes = 0;  // as merged; counted when the generation changed
    std::uint64_t used = 0;
  };
  // Holds as long as panes and events are those it was computed from.
  struct kept_answer {
    stream::time_span span;
    std::optional<item> partition;
    std::size_t k = 0;
    std::uint64_t generation = 0;
    std::uint64_t events_epoch = 0;
    std::size_t events = 0;
    ranked_rows rows;
    std::size_t bytes = 0;
    std::uint64_t used = 0;
  };

  [[nodiscard]] std::size_t counted_bytes() const noexcept;
  void evict() noexcept;

  limits limits_;
  std::uint64_t uses_ = 0;
  std::list<kept_window> windows_;  // most recently used first
  std::list<kept_answer> answers_;
};

}  // namespace topk::engine
