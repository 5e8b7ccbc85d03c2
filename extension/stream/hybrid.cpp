// Threshold refinement: exact rows, at a part of what counting the whole log costs.
//
//   count the panes that an edge of the window cuts
//   while some item may still be in the answer and has a gap between its bounds:
//     take the pane that leaves most open about those items out of the sums, count it in the log
//
// An item's upper bound is compared with the K-th lower bound (the threshold): below it, the item
// is out for good. Each pane that is counted narrows the gaps; when the top K has none left and
// nothing else reaches the threshold, the rows are those of `exact`. If that would read more than
// half of the window's events, `exact` itself costs less, and the answer is left to it; so it is if
// the items to be known at once outgrow the budget.
#include "stream/hybrid.hpp"

#include <algorithm>

#include "base/saturate.hpp"

namespace topk::stream {
namespace {

class refinement {
 public:
  refinement(window_source const& source, time_span span, std::optional<item> const& partition,
             std::size_t k, log_reader const& read, memory_budget& budget)
      : window_(source, span, partition, read, budget), k_(k), budget_(budget) {}

  result<hybrid_answer> run() {
    TOPK_TRY(window_.load_panes());
    if (is_too_costly(window_.cut_events())) return hybrid_answer{};
    TOPK_TRY(window_.count_cuts());
    for (;;) {
      if (is_settled()) {
        return hybrid_answer{true, std::move(rows_), window_.rows_read(), window_.panes_read()};
      }
      // While an unknown item could reach the threshold, the bound of absent items is what counts.
      bool const unknown_may_enter =
          std::max<std::int64_t>(window_.unknown().upper, 0) >= threshold_;
      TOPK_ASSIGN(auto const gap, window_.widest_gap(unknown_may_enter ? nullptr : &open_));
      if (gap.size == 0) return hybrid_answer{};
      if (is_too_costly(add_saturated(window_.rows_read(), window_.events_of(gap)))) {
        return hybrid_answer{};
      }
      TOPK_TRY(window_.count_pane(gap));
    }
  }

 private:
  [[nodiscard]] bool is_too_costly(std::int64_t rows) const noexcept {
    return rows > window_.events() / 2;
  }

  // One item's bounds, to be sorted by.
  struct place {
    std::int64_t lower;
    std::int64_t upper;
    std::uint32_t number;  // in items()
  };
  [[nodiscard]] auto const& entry_of(place const& of) const {
    return window_.items().entries()[of.number];
  }

  // The items that may have a count above 0.
  [[nodiscard]] budgeted<place> possible() const {
    budgeted<place> all{budget_allocator<place>(&budget_)};
    all.reserve(window_.items().size());
    for (std::uint32_t n = 0; n < window_.items().size(); ++n) {
      auto const [lower, upper] = window_.bounds_of(window_.items().entries()[n].value);
      if (upper > 0) all.push_back({std::max<std::int64_t>(lower, 0), upper, n});
    }
    return all;
  }

  // The top K by (lower desc, item), kept in rows_; true when it is exact and nothing can enter it.
  bool is_settled() {
    auto const key_of = [&](place const& of) -> item_view { return entry_of(of).key; };
    auto all = possible();
    std::size_t const wanted = std::min(k_, all.size());
    auto const border = all.begin() + static_cast<std::ptrdiff_t>(wanted);
    std::partial_sort(all.begin(), border, all.end(), [&](place const& a, place const& b) {
      return a.lower != b.lower ? a.lower > b.lower : item_before(key_of(a), key_of(b));
    });
    threshold_ = wanted == k_ ? std::max<std::int64_t>(all[k_ - 1].lower, 1) : 1;

    auto const is_exact = [](place const& one) { return one.lower == one.upper; };
    auto const is_out = [&](place const& one) {  // not asked of any unless there are k before it
      return sketch::is_surely_before(all[k_ - 1], one, key_of);
    };
    bool const settled = std::max<std::int64_t>(window_.unknown().upper, 0) < threshold_ &&
                         std::all_of(all.begin(), border, is_exact) &&
                         std::all_of(border, all.end(), is_out);
    if (settled) {
      for (auto one = all.begin(); one != border; ++one) {
        rows_.push_back({entry_of(*one).key, one->lower, one->lower, one->upper, true});
      }
    } else {
      note_open(all);
    }
    return settled;
  }

  // Keeps the items that may be in the top K.
  void note_open(budgeted<place> const& all) {
    open_.clear();
    for (auto const& one : all) {
      auto const& known = entry_of(one);
      if (one.upper >= threshold_) open_.find_or_insert(known.key, known.hash);
    }
  }

  counted_window window_;
  std::size_t k_;
  memory_budget& budget_;
  std::vector<ranked_item> rows_;
  item_map<char> open_{&budget_};  // items that may be in the top K
  std::int64_t threshold_ = 1;
};

}  // namespace

result<hybrid_answer> settle_top(window_source const& source, time_span span,
                                 std::optional<item> const& partition, std::size_t k,
                                 log_reader const& read, memory_budget& budget) {
  try {
    return refinement(source, span, partition, k, read, budget).run();
  } catch (over_budget const&) {
    return hybrid_answer{};
  }
}

}  // namespace topk::stream
