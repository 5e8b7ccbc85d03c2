// States are added up as the panes of a window are (sketch/relative_bounds): exactly, so that the
// order does not count and a frame can take one out again. With 'disjoint' (stream/disjoint_sum)
// none can be taken out: a moving frame keeps its states, and merges them for each row.
#include "surface/approx_top_k_combine.hpp"

#include <deque>
#include <optional>
#include <vector>

#include "sqlite/json.hpp"
#include "sqlite/values.hpp"
#include "stream/disjoint_sum.hpp"
#include "stream/panes_sum.hpp"
#include "surface/ranking_json.hpp"
#include "surface/top_arguments.hpp"

namespace topk::surface {
namespace {

using sketch::bounds;
using sketch::entry_view;
using sketch::stored_summary;

enum class rule : std::uint8_t { sum, disjoint };

result<rule> rule_of(sqlite3_value* value) {
  if (sqlite3_value_type(value) == SQLITE_TEXT) {
    auto const name = lowercase(sqlite::text_of(value));
    if (name == "sum") return rule::sum;
    if (name == "disjoint") return rule::disjoint;
  }
  return failure(errc::invalid_argument, "approx_top_k_combine: rule=" + sqlite::shown(value) +
                                             ": expected 'sum' or 'disjoint'");
}

// Beyond eight times `counters` items the smallest are cut, unless a frame moves: bounds stay true,
// and memory bounded.
class combine_aggregate {
 public:
  explicit combine_aggregate(live::connection& host) : host_(host), seed_(host.aggregate_seed()) {}

  status step(std::span<sqlite3_value* const> arguments) {
    TOPK_TRY(take_rule(arguments));
    if (arguments.size() > 1 && !sqlite::is_null(arguments[1])) {
      TOPK_TRY(counters_.take(arguments[1], "counters", counters_of));
    }
    if (sqlite::is_null(arguments[0])) return {};
    TOPK_ASSIGN(auto const stored, summary_of(arguments[0], "approx_top_k_combine"));
    auto after = totals_;
    add_counts(after, stored.totals());
    if (add_saturated(after.gross_in, after.gross_out) >= greatest_sum ||
        after.events >= greatest_sum) {
      return too_much();
    }
    totals_ = after;
    if (*rule_ == rule::disjoint) return add_disjoint(arguments[0], stored);
    sum_.add(stored, seed_);
    return is_too_large(sum_.items().size()) ? cut(sum_) : status{};
  }

  // The first state of the frame leaves it.
  status inverse(std::span<sqlite3_value* const> arguments) {
    if (sqlite::is_null(arguments[0])) return {};
    TOPK_ASSIGN(auto const stored, summary_of(arguments[0], "approx_top_k_combine"));
    subtract_counts(totals_, stored.totals());
    if (*rule_ == rule::disjoint) {
      frame_.pop_front();
    } else {
      sum_.subtract(stored, seed_);
    }
    return {};
  }

  status value(sqlite3_context* context) {
    if (*rule_ == rule::disjoint && slides()) {
      disjoint_ = stream::disjoint_sum();
      for (auto const& state : frame_) disjoint_.add(*stored_summary::parse(state), seed_);
    }
    result_blob(context, encode(counters()));
    return {};
  }
  status finish(sqlite3_context* context) { return value(context); }
  static void empty(sqlite3_context* context) {
    result_blob(context, sketch::encode_closed({}, {}, {}, 0));
  }

 private:
  [[nodiscard]] std::size_t counters() const noexcept { return counters_.get_or(default_counters); }
  // How many items are left of too many.
  [[nodiscard]] std::size_t most() const noexcept { return 4 * counters(); }
  [[nodiscard]] bool is_too_large(std::size_t items) { return items > 2 * most() && !slides(); }
  bool slides() {
    if (!slides_) slides_ = host_.slides_a_frame_of("approx_top_k_combine(");
    return *slides_;
  }
  status take_rule(std::span<sqlite3_value* const> arguments) {
    rule now = rule::sum;
    if (arguments.size() > 2 && !sqlite::is_null(arguments[2])) {
      TOPK_ASSIGN(now, rule_of(arguments[2]));
    }
    if (rule_ && *rule_ != now) {
      return failure(errc::invalid_argument, "approx_top_k_combine: rule must be constant");
    }
    rule_ = now;
    return {};
  }
  status add_disjoint(sqlite3_value* state, stored_summary const& stored) {
    if (slides()) {
      auto const* bytes = static_cast<std::byte const*>(sqlite3_value_blob(state));
      frame_.emplace_back(bytes, bytes + sqlite3_value_bytes(state));
      return {};
    }
    disjoint_.add(stored, seed_);
    return is_too_large(disjoint_.size()) ? cut(disjoint_) : status{};
  }
  [[nodiscard]] std::vector<std::byte> encode(std::size_t keep) const {
    if (*rule_ == rule::disjoint) return disjoint_.encode(keep);
    bounds const absent = sum_.absent();
    std::vector<entry_view> entries;
    entries.reserve(sum_.items().size());
    for (auto const& one : sum_.items().entries()) {
      bounds const all = one.value.bounds.over(absent);
      entries.push_back({one.key, all.upper, all.lower});
    }
    return sketch::encode_closed(entries, absent, sum_.totals(), keep);
  }
  // Only hostile states add up to one that does not parse.
  template <class Sum>
  status cut(Sum& sum) {
    auto const kept = encode(most());
    TOPK_ASSIGN(auto const parsed, stored_summary::parse(kept));
    sum = Sum();
    sum.add(parsed, seed_);
    return {};
  }

  live::connection& host_;
  std::uint64_t seed_;
  std::optional<rule> rule_;  // known from the first row on
  stream::panes_sum sum_;
  stream::disjoint_sum disjoint_;
  std::deque<std::vector<std::byte>> frame_;  // the states of a moving frame, where disjoint
  sketch::pane_totals totals_;                // of all that were added
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
