// One aggregate, of which each SQL name is a form: where its arguments stand, and how its result is
// written. The counting is surface/item_counter's.
#include "surface/approx_top_k.hpp"

#include "sqlite/json.hpp"
#include "sqlite/values.hpp"
#include "surface/item_counter.hpp"
#include "surface/ranking_json.hpp"
#include "surface/top_arguments.hpp"

namespace topk::surface {
namespace {

enum class output { bounds, counts, state };

constexpr std::size_t none = 99;  // past all arguments

struct form {
  char const* call;  // as SQLite's program spells it
  output written;
  std::size_t k_at = none;
  std::size_t counters_at = none;
  std::size_t weight_at = none;
  std::string_view item_key = "item";
  std::string_view count_key = "count";
};

constexpr form top_k_form{"top_k(", output::counts, 1};
constexpr form approx_top_k_form{"approx_top_k(", output::bounds, 1, 2, 3};
constexpr form approx_top_count_form{"approx_top_count(", output::bounds, 1, 2, none, "value"};
constexpr form approx_top_sum_form{"approx_top_sum(", output::bounds, 2, 3, 1, "value", "sum"};
constexpr form accumulate_form{"approx_top_k_accumulate(", output::state, none, 1, 2};

using arguments_view = std::span<sqlite3_value* const>;

// The argument, or nullptr where the call has none or a NULL.
sqlite3_value* given(arguments_view arguments, std::size_t at) noexcept {
  return at < arguments.size() && !sqlite::is_null(arguments[at]) ? arguments[at] : nullptr;
}

template <form const& Form>
class top_aggregate {
 public:
  explicit top_aggregate(live::connection& host) : counter_(host, Form.call), values_(host.db()) {
    if constexpr (Form.written == output::counts) counter_.keep_exact();
  }

  status step(arguments_view arguments) {
    if (!has_same_constants(arguments)) TOPK_TRY(take_constants(arguments));
    return with_event(arguments, [&](item_view const& item, std::int64_t weight) -> status {
      return counter_.add(item, weight, counters_in_use_) ? status{} : too_much();
    });
  }

  status inverse(arguments_view arguments) {
    return with_event(arguments, [&](item_view const& item, std::int64_t weight) -> status {
      counter_.take_back(item, weight);
      return {};
    });
  }

  status value(sqlite3_context* context) { return answer(context, true); }
  status finish(sqlite3_context* context) { return answer(context, false); }

  static void empty(sqlite3_context* context) {
    if constexpr (Form.written == output::state) {
      result_blob(context, sketch::encode_closed({}, {}, {}, 0));
    } else {
      sqlite::result_json(context, "[]");
    }
  }

 private:
  static constexpr bool has_k = Form.k_at != none;

  // The row's event goes to `use`, unless its item or its weight is NULL.
  template <class Use>
  status with_event(arguments_view arguments, Use&& use) {
    auto const item = values_.item(arguments[0], item_bytes_);
    if (!item) return {};
    if (Form.weight_at >= arguments.size()) return use(*item, 1);
    if (sqlite::is_null(arguments[Form.weight_at])) return {};
    TOPK_ASSIGN(std::int64_t const weight, sqlite::value_reader::weight(arguments[Form.weight_at]));
    return use(*item, weight);
  }

  // Whether k and counters are what they were at the row before, as they should be.
  [[nodiscard]] bool has_same_constants(arguments_view arguments) const noexcept {
    return counters_in_use_ != 0 &&
           (arguments.size() <= Form.k_at || k_.is(arguments[Form.k_at])) &&
           (arguments.size() <= Form.counters_at || counters_.is(arguments[Form.counters_at]));
  }

  status take_constants(arguments_view arguments) {
    if (auto* const value = given(arguments, Form.k_at); value != nullptr) {
      TOPK_TRY(k_.take(value, "k", sqlite::k_of));
    }
    if (auto* const value = given(arguments, Form.counters_at); value != nullptr) {
      TOPK_TRY(counters_.take(value, "counters", counters_of));
    }
    if (has_k && counters() < k()) {
      return failure(errc::invalid_argument, "counters=" + std::to_string(counters()) +
                                                 ": expected at least k=" + std::to_string(k()));
    }
    counters_in_use_ = counters();
    return {};
  }

  [[nodiscard]] std::size_t k() const noexcept { return k_.get_or(default_k); }
  [[nodiscard]] std::size_t counters() const noexcept {
    return counters_.get_or(
        std::max(default_counters, 16 * std::min<std::size_t>(k(), greatest_counters / 16)));
  }

  status answer(sqlite3_context* context, bool will_move_on) {
    if constexpr (Form.written == output::state) {
      result_blob(context, counter_.encode(counters()));
    } else if constexpr (Form.written == output::counts) {
      sqlite::result_json(context, counts_json(counter_.top(k(), will_move_on)));
    } else {
      sqlite::result_json(
          context, bounds_json(counter_.top(k(), will_move_on), Form.item_key, Form.count_key));
    }
    return {};
  }

  item_counter counter_;
  constant_argument k_;
  constant_argument counters_;
  std::size_t counters_in_use_ = 0;  // 0: no row yet
  sqlite::value_reader values_;
  sqlite::item_buffer item_bytes_;
};

}  // namespace

window_function const approx_top_k = window_function_of<top_aggregate<approx_top_k_form>>;
window_function const approx_top_count = window_function_of<top_aggregate<approx_top_count_form>>;
window_function const approx_top_sum = window_function_of<top_aggregate<approx_top_sum_form>>;
window_function const top_k = window_function_of<top_aggregate<top_k_form>>;
window_function const approx_top_k_accumulate = window_function_of<top_aggregate<accumulate_form>>;

}  // namespace topk::surface
