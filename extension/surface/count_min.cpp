// count_min_sketch(), cms_merge(), cms_estimate(), cms_info(): Count-Min sketches as SQL values.
//
// The sketch is linear, so a row that leaves a window frame is subtracted again. Merging requires
// one shape and one seed; an error names both shapes.
#include "surface/count_min.hpp"

#include <optional>

#include "base/hash.hpp"
#include "sketch/count_min.hpp"
#include "sqlite/json.hpp"
#include "sqlite/statement.hpp"
#include "sqlite/values.hpp"

namespace topk::surface {
namespace {

using sketch::count_min;

void result_sketch(sqlite3_context* context, count_min const& sketch) {
  auto const blob = sketch.encode();
  sqlite3_result_blob64(context, blob.data(), blob.size(), SQLITE_TRANSIENT);
}

result<count_min> sketch_of(sqlite3_value* value, std::string_view function) {
  std::string const prefix = std::string(function) + ": ";
  if (sqlite3_value_type(value) != SQLITE_BLOB) {
    return failure(
        errc::invalid_argument,
        prefix + sqlite::shown(value) + " is not a BLOB made by count_min_sketch or cms_merge");
  }
  auto const* bytes = static_cast<std::byte const*>(sqlite3_value_blob(value));
  auto const size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  if (bytes == nullptr && size != 0) throw std::bad_alloc();
  auto decoded = count_min::decode({bytes, size});
  if (decoded) return decoded;
  return failure(errc::invalid_argument, prefix + decoded.error().message);
}

std::string spell(count_min::shape const& form) {
  return std::to_string(form.depth) + " x " + std::to_string(form.width) + " counters, seed " +
         std::to_string(static_cast<std::int64_t>(form.seed));
}

// 0, which eps and confidence cannot be, for text that is not a number as a whole, such as '0.1x'.
double number_of(sqlite3_value* value) noexcept {
  int const type = sqlite3_value_numeric_type(value);
  return type == SQLITE_INTEGER || type == SQLITE_FLOAT ? sqlite3_value_double(value) : 0;
}

// count_min_sketch(x, eps, confidence [, seed])
class sketch_aggregate {
 public:
  explicit sketch_aggregate(live::connection& host) : values_(host.db()) {}

  status step(std::span<sqlite3_value* const> arguments) {
    TOPK_TRY(take_shape(arguments));
    auto const item = values_.item(arguments[0], item_bytes_);
    if (item) sketch_->add(hash_item(*item, sketch_->form().seed), 1);
    return {};
  }
  status inverse(std::span<sqlite3_value* const> arguments) {
    auto const item = values_.item(arguments[0], item_bytes_);
    if (item && sketch_) sketch_->add(hash_item(*item, sketch_->form().seed), -1);
    return {};
  }
  status value(sqlite3_context* context) const {
    if (sketch_) result_sketch(context, *sketch_);
    return {};
  }
  status finish(sqlite3_context* context) const { return value(context); }
  static void empty(sqlite3_context*) {}

 private:
  struct given {
    double eps;
    double confidence;
    std::int64_t seed;
    friend bool operator==(given const&, given const&) = default;
  };

  status take_shape(std::span<sqlite3_value* const> arguments) {
    bool const has_seed = arguments.size() > 3 && !sqlite::is_null(arguments[3]);
    if (has_seed && sqlite3_value_type(arguments[3]) != SQLITE_INTEGER) {
      return failure(errc::invalid_argument,
                     "seed=" + sqlite::shown(arguments[3]) + ": expected an integer");
    }
    given const now{number_of(arguments[1]), number_of(arguments[2]),
                    has_seed ? sqlite3_value_int64(arguments[3]) : 0};
    if (sketch_ && now == given_) return {};
    if (sketch_) {
      return failure(errc::invalid_argument, "eps, confidence and seed must be constant");
    }
    auto form = count_min::shape_for(now.eps, now.confidence, static_cast<std::uint64_t>(now.seed));
    if (!form) {
      return failure(form.error().code, "count_min_sketch: eps=" + sqlite::shown(arguments[1]) +
                                            ", confidence=" + sqlite::shown(arguments[2]) + ": " +
                                            form.error().message);
    }
    sketch_.emplace(*form);
    given_ = now;
    return {};
  }

  std::optional<count_min> sketch_;
  given given_{};
  sqlite::value_reader values_;
  sqlite::item_buffer item_bytes_;
};

class merge_aggregate {
 public:
  explicit merge_aggregate(live::connection&) {}

  status step(std::span<sqlite3_value* const> arguments) {
    if (sqlite::is_null(arguments[0])) return {};
    TOPK_ASSIGN(auto more, sketch_of(arguments[0], "cms_merge"));
    ++merged_;
    if (!sum_) {
      sum_ = std::move(more);
      return {};
    }
    if (more.form() != sum_->form()) {
      return failure(errc::invalid_argument,
                     "cms_merge: sketches of different shape or seed: " + spell(sum_->form()) +
                         "; and " + spell(more.form()));
    }
    if (sum_->merge(more)) return {};
    return failure(errc::too_big, "cms_merge: the total passes 2^62");
  }
  status inverse(std::span<sqlite3_value* const> arguments) {
    if (sqlite::is_null(arguments[0])) return {};
    TOPK_ASSIGN(auto less, sketch_of(arguments[0], "cms_merge"));
    sum_->subtract(less);
    if (--merged_ == 0) sum_.reset();
    return {};
  }
  status value(sqlite3_context* context) const {
    if (sum_) result_sketch(context, *sum_);
    return {};
  }
  status finish(sqlite3_context* context) const { return value(context); }
  static void empty(sqlite3_context*) {}

 private:
  std::optional<count_min> sum_;
  std::int64_t merged_ = 0;
};

}  // namespace

window_function const count_min_sketch = window_function_of<sketch_aggregate>;
window_function const cms_merge = window_function_of<merge_aggregate>;

void cms_estimate(sqlite3_context* context, int, sqlite3_value** arguments) noexcept {
  sqlite::guard(context, [&]() -> status {
    sqlite::value_reader values(sqlite3_context_db_handle(context));
    sqlite::item_buffer bytes;
    auto const item = values.item(arguments[1], bytes);
    if (sqlite::is_null(arguments[0]) || !item) return {};
    TOPK_ASSIGN(auto sketch, sketch_of(arguments[0], "cms_estimate"));
    sqlite3_result_int64(context, sketch.estimate(hash_item(*item, sketch.form().seed)));
    return {};
  });
}

void cms_info(sqlite3_context* context, int, sqlite3_value** arguments) noexcept {
  sqlite::guard(context, [&]() -> status {
    if (sqlite::is_null(arguments[0])) return {};
    TOPK_ASSIGN(auto sketch, sketch_of(arguments[0], "cms_info"));
    auto const& form = sketch.form();
    sqlite::owned_text text(sqlite3_mprintf(
        R"({"width":%u,"depth":%u,"seed":%lld,"eps":%!.6g,"confidence":%!.6g,"total":%lld})",
        form.width, form.depth, static_cast<long long>(form.seed), count_min::eps_of(form),
        count_min::confidence_of(form), static_cast<long long>(sketch.total())));
    if (text == nullptr) throw std::bad_alloc();
    sqlite::result_json(context, text.get());
    return {};
  });
}

}  // namespace topk::surface
