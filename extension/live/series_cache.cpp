//   asked                  what is read
//   for the first time     the entries of that item, and of those that answers have shown of late
//   again, another item    the entries of all items: more are likely to follow
//   all take too much      as for the first time, at each item that is not kept
//   even that does         the item alone, and nothing is kept
//
// So k items of a join cost the panes once, or twice. One series is kept, in half of the budget.
// While it is read the old one may be given up; it is in use by nobody then.
#include "live/series_cache.hpp"

#include <utility>

#include "base/hash.hpp"

namespace topk::live {

using stream::series_steps;
using stream::series_sum;
using stream::window_source;

bool series_cache::has(window_source const& source, series_steps const& steps,
                       std::optional<item> const& partition,
                       item_view const* wanted) const noexcept {
  if (kept_ == nullptr) return false;
  auto const& from = kept_->from;
  bool const is_it = from.generation == source.head.generation && from.steps == steps &&
                     from.partition == partition;
  return is_it &&
         (wanted == nullptr || kept_->panes.knows(*wanted, hash_item(*wanted, source.seed)));
}

status series_cache::add_panes(window_source const& source, std::optional<item> const& partition,
                               item_view const* wanted, std::vector<item> const& others,
                               series_sum& into) {
  auto const hash = wanted == nullptr ? 0 : hash_item(*wanted, source.seed);
  if (has(source, into.steps(), partition, wanted)) {
    kept_->panes.add_to(into, wanted, hash);
    return {};
  }
  origin const from{source.head.generation, into.steps(), partition};
  bool const is_again = kept_ != nullptr && kept_->from == from && too_large_ != from;
  std::unique_ptr<kept_series> next;
  if (is_again) {
    TOPK_ASSIGN(next, read(source, from, breadth::all, wanted, others));
    if (next == nullptr) too_large_ = from;
  }
  if (next == nullptr) {
    TOPK_ASSIGN(next, read(source, from, breadth::few, wanted, others));
  }
  if (next == nullptr) return stream::add_panes(source, partition, wanted, into);
  kept_ = std::move(next);
  kept_->panes.add_to(into, wanted, hash);
  return {};
}

// Null: it does not fit.
result<std::unique_ptr<series_cache::kept_series>> series_cache::read(
    window_source const& source, origin const& from, breadth of, item_view const* wanted,
    std::vector<item> const& others) {
  try {
    auto next = std::make_unique<kept_series>(from, budget_.limit() / 2, budget_);
    auto& panes = next->panes;
    if (of == breadth::all) panes.want_all();
    if (wanted != nullptr) panes.want(*wanted, hash_item(*wanted, source.seed));
    for (auto const& each : others) panes.want(each.view(), hash_item(each.view(), source.seed));
    TOPK_TRY(panes.read(source, from.steps, from.partition));
    return next;
  } catch (over_budget const&) {
    return std::unique_ptr<kept_series>{};
  }
}

}  // namespace topk::live
