// States are added up as the panes of a window are (sketch/relative_bounds): exactly, so that the
// order does not count and a frame can take one out again.
#include "surface/approx_top_k_combine.hpp"

#include <optional>
#include <vector>

#include "sqlite/json.hpp"
#include "sqlite/values.hpp"
#include "stream/panes_sum.hpp"
#include "surface/ranking_json.hpp"
#include "surface/top_arguments.hpp"

namespace topk::surface {
namespace {

using sketch::bounds;
using sketch::entry_view;
using sketch::stored_summary;

// Adds blobs up exactly, as the panes of a window (stream/panes_sum.hpp), so that any order
// gives the same and a frame can take one out. Beyond eight times `counters` items the smallest are
// cut, unless a frame moves: bounds stay true, and memory bounded.
class combine_aggregate {
 public:
  explicit combine_aggregate(live::connection& host) : host_(host), seed_(host.aggregate_seed()) {}

  status step(std::span<sqlite3_value* const> arguments) {
    if (arguments.size() > 1 && !sqlite::is_null(arguments[1])) {
      TOPK_TRY(counters_.take(arguments[1], "counters", counters_of));
    }
    if (sqlite::is_null(arguments[0])) return {};
    TOPK_ASSIGN(auto const stored, summary_of(arguments[0], "approx_top_k_combine"));
    auto after = sum_.totals();
    add_counts(after, stored.totals());
    if (add_saturated(after.gross_in, after.gross_out) >= greatest_sum ||
        after.events >= greatest_sum) {
      return too_much();
    }
    sum_.add(stored, seed_);
    if (sum_.items().size() > 8 * counters() && !slides()) cut();
    return {};
  }

  status inverse(std::span<sqlite3_value* const> arguments) {
    if (sqlite::is_null(arguments[0])) return {};
    TOPK_ASSIGN(auto const stored, summary_of(arguments[0], "approx_top_k_combine"));
    sum_.subtract(stored, seed_);
    return {};
  }

  status value(sqlite3_context* context) const {
    result_blob(context, encode(counters()));
    return {};
  }
  status finish(sqlite3_context* context) const { return value(context); }
  static void empty(sqlite3_context* context) {
    result_blob(context, sketch::encode_closed({}, {}, {}, 0));
  }

 private:
  [[nodiscard]] std::size_t counters() const noexcept { return counters_.get_or(default_counters); }
  bool slides() {
    if (!slides_) slides_ = host_.slides_a_frame_of("approx_top_k_combine(");
    return *slides_;
  }
  [[nodiscard]] std::vector<std::byte> encode(std::size_t keep) const {
    bounds const absent = sum_.absent();
    std::vector<entry_view> entries;
    entries.reserve(sum_.items().size());
    for (auto const& one : sum_.items().entries()) {
      bounds const all = one.value.bounds.over(absent);
      entries.push_back({one.key, all.upper, all.lower});
    }
    return sketch::encode_closed(entries, absent, sum_.totals(), keep);
  }
  void cut() {
    auto const kept = encode(4 * counters());
    auto const parsed = stored_summary::parse(kept);
    stream::panes_sum smaller;
    smaller.add(*parsed, seed_);
    sum_ = std::move(smaller);
  }

  live::connection& host_;
  std::uint64_t seed_;
  stream::panes_sum sum_;
  constant_argument counters_;
  std::optional<bool> slides_;
};

}  // namespace

window_function const approx_top_k_combine = window_function_of<combine_aggregate>;

void approx_top_k_estimate(sqlite3_context* context, int count,
                           sqlite3_value** arguments) noexcept {
  sqlite::guard(context, [&]() -> status {
    if (sqlite::is_null(arguments[0])) return {};
    TOPK_ASSIGN(std::size_t const k, k_or_default(count > 1 ? arguments[1] : nullptr));
    TOPK_ASSIGN(auto const stored, summary_of(arguments[0], "approx_top_k_estimate"));
    sqlite::result_json(context,
                        bounds_json(sketch::rank(stored.entries(), stored.absent().upper, k)));
    return {};
  });
}

}  // namespace topk::surface
