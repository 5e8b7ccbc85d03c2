// The exact top K of the log or of the user's table, within the memory for answers. Three ways,
// each for what the one before could not hold:
//
//   at once   the sums of all items. One pass.
//   buckets   sums of hash buckets, which no item in them exceeds; then the items of the fullest
//             buckets, until the K-th of these has more than any bucket that is left. Two passes
//             where some items are frequent, however many there are in all.
//
//               bucket   | 9041 | 12 | 871 | 3 | 40 | ...        K = 2
//               items       ^             ^                      9040, 862: above 40, so done
//
//   slices    the items of one range of hashes after another, as narrow as memory asks.
#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

#include "base/saturate.hpp"
#include "engine/event_source.hpp"
#include "stream/hash_slice.hpp"
#include "stream/row_selection.hpp"

namespace topk::engine {
namespace {

using stream::item_map;
using stream::ranked_item;
using stream::row_selection;
using stream::time_span;

void offer_all(item_map<std::int64_t> const& counts, row_selection& best) {
  for (auto const& one : counts.entries()) {
    best.offer({one.key, one.hash, one.value, one.value, one.value});
  }
}

// Sums by hash. What comes in raises them, and what is taken back does not lower them: so an item
// has at most what its bucket has.
class bucket_sums {
 public:
  explicit bucket_sums(memory_budget& budget)
      : sums_(std::bit_floor(std::max<std::size_t>(budget.limit() / 4 / sizeof(std::int64_t), 2)),
              0, budget_allocator<std::int64_t>(&budget)),
        shift_(64 - std::countr_zero(sums_.size())) {}

  void add(std::uint64_t hash, std::int64_t sum) noexcept {
    if (sum > 0) raise(sums_[static_cast<std::size_t>(hash >> shift_)], sum);
  }
  [[nodiscard]] std::int64_t of(std::uint64_t hash) const noexcept {
    return sums_[static_cast<std::size_t>(hash >> shift_)];
  }
  [[nodiscard]] std::size_t size() const noexcept { return sums_.size(); }

  struct chosen {
    std::int64_t floor = 0;  // 0: none is left
    std::size_t buckets = 0;
  };
  // The fullest buckets below `limit`: `most` of them, and those that tie with the last.
  [[nodiscard]] chosen fullest(std::size_t most, std::int64_t limit) const {
    auto below = sums_;  // charged as the sums are
    below.erase(std::remove_if(below.begin(), below.end(),
                               [&](std::int64_t sum) { return sum <= 0 || sum >= limit; }),
                below.end());
    if (below.empty()) return {};
    auto const last = below.begin() + static_cast<std::ptrdiff_t>(std::min(most, below.size()) - 1);
    std::nth_element(below.begin(), last, below.end(), std::greater<>());
    std::int64_t const floor = *last;
    auto const count =
        std::count_if(below.begin(), below.end(), [&](std::int64_t sum) { return sum >= floor; });
    return {floor, static_cast<std::size_t>(count)};
  }

 private:
  budgeted<std::int64_t> sums_;
  int shift_;
};

}  // namespace

result<event_source::rows> event_source::top(time_span span, std::optional<item> const& partition,
                                             std::size_t k) {
  TOPK_ASSIGN(auto all, top_at_once(span, partition, k));
  if (all) return *std::move(all);
  TOPK_ASSIGN(auto frequent, top_by_buckets(span, partition, k));
  if (frequent) return *std::move(frequent);
  return top_by_slices(span, partition, k);
}

// nullopt, here and below: it did not fit.
result<std::optional<event_source::rows>> event_source::top_at_once(
    time_span span, std::optional<item> const& partition, std::size_t k) {
  item_map<std::int64_t> counts(&state_.answer_budget());
  try {
    TOPK_TRY(sums(span, partition, counts));
  } catch (over_budget const&) {
    return std::optional<rows>();
  }
  row_selection best(k);
  offer_all(counts, best);
  return std::optional<rows>(best.take(0));
}

result<std::optional<event_source::rows>> event_source::top_by_buckets(
    time_span span, std::optional<item> const& partition, std::size_t k) {
  auto& budget = state_.answer_budget();
  row_selection best(k);
  try {
    bucket_sums buckets(budget);
    TOPK_TRY(each_sum(span, partition, [&](item_view const&, std::uint64_t hash, std::int64_t sum) {
      buckets.add(hash, sum);
    }));
    std::size_t const most = std::max(k, buckets.size() / 64);
    for (std::int64_t limit = std::numeric_limits<std::int64_t>::max();;) {
      auto const chosen = buckets.fullest(most, limit);
      if (chosen.floor == 0) break;
      // Where so many tie, there is no end to the items of this count.
      if (chosen.buckets > 2 * most) return std::optional<rows>();
      item_map<std::int64_t> counts(&budget);
      TOPK_TRY(each_sum(span, partition,
                        [&](item_view const& item, std::uint64_t hash, std::int64_t sum) {
                          auto const bound = buckets.of(hash);
                          if (bound < chosen.floor || bound >= limit) return;
                          raise(counts.find_or_insert(item, hash), sum);
                        }));
      offer_all(counts, best);
      if (best.threshold() >= chosen.floor) break;  // all that is left has less
      limit = chosen.floor;
    }
  } catch (over_budget const&) {
    return std::optional<rows>();
  }
  return std::optional<rows>(best.take(0));
}

// The first slice is half of the hashes: all of them did not fit at once.
result<event_source::rows> event_source::top_by_slices(time_span span,
                                                       std::optional<item> const& partition,
                                                       std::size_t k) {
  using counts = item_map<std::int64_t>;
  row_selection best(k);
  TOPK_TRY(stream::for_each_slice<std::int64_t>(
      state_.answer_budget(), stream::hash_slice(1),
      [&](stream::hash_range range, counts& into) -> status {
        TOPK_TRY(sums(span, partition, into, range));
        return {};
      },
      [&](counts const& of) { offer_all(of, best); }));
  return best.take(0);
}

}  // namespace topk::engine
