// The panes of the last series asked for, kept for the items that are asked for next: a join asks
// for one series after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/memory_budget.hpp"
#include "stream/series_panes.hpp"

namespace topk::live {

class series_cache {
 public:
  explicit series_cache(memory_budget& budget) noexcept : budget_(budget) {}

  // Adds what the panes hold of one item, or of all together (null). `others`: items that are
  // likely to be asked for next. Answers do not depend on what is kept.
  status add_panes(stream::window_source const& source, std::optional<item> const& partition,
                   item_view const* wanted, std::vector<item> const& others,
                   stream::series_sum& into);
  // Whether add_panes() would read panes, and so has a use for others.
  [[nodiscard]] bool has(stream::window_source const& source, stream::series_steps const& steps,
                         std::optional<item> const& partition,
                         item_view const* wanted) const noexcept;

  [[nodiscard]] bool is_empty() const noexcept { return kept_ == nullptr; }
  void clear() noexcept { kept_.reset(); }

 private:
  // What a series is read from.
  struct origin {
    std::uint64_t generation = 0;
    stream::series_steps steps;
    std::optional<item> partition;
    friend bool operator==(origin const&, origin const&) = default;
  };
  struct kept_series {
    kept_series(origin of, std::size_t limit, memory_budget& budget)
        : part(limit, &budget), charge(&part), from(std::move(of)), panes(&part) {
      charge.add(sizeof(*this) + (from.partition ? from.partition->heap_bytes() : 0));
    }
    memory_budget part;
    memory_charge charge;
    origin from;
    stream::series_panes panes;
  };
  enum class breadth : std::uint8_t { few, all };

  result<std::unique_ptr<kept_series>> read(stream::window_source const& source, origin const& from,
                                            breadth of, item_view const* wanted,
                                            std::vector<item> const& others);

  memory_budget& budget_;
  std::unique_ptr<kept_series> kept_;
  // That of which all items take more than may be kept.
  std::optional<origin> too_large_;
};

}  // namespace topk::live
