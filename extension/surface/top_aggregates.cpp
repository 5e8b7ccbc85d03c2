// approx_top_k and its family, top_k, and topk_each.
//
//   plain aggregate   one summary of `counters` entries: exact until it is full
//   moving frame      exact counts (sketch/frame_counts), as a summary cannot take a row back;
//                     whether a frame moves is learnt from the first xValue or xInverse, or from
//                     the running statement's program when the summary is about to become inexact
//   combine           states are added up as the panes of a window are (sketch/relative_bounds)
#include "surface/top_aggregates.hpp"

#include <optional>
#include <vector>

#include "base/hash.hpp"
#include "sketch/frame_counts.hpp"
#include "sketch/ranking.hpp"
#include "sketch/summary.hpp"
#include "sqlite/json.hpp"
#include "sqlite/statement.hpp"
#include "sqlite/values.hpp"
#include "stream/panes_sum.hpp"

namespace topk::surface {
namespace {

using sketch::bounds;
using sketch::entry_view;
using sketch::frame_counts;
using sketch::pane_totals;
using sketch::stored_summary;
using sketch::summary;

// Room in an approximate aggregate for the bytes of its items: long ones may not make it grow.
constexpr std::uint64_t bytes_per_counter = sketch::capacity::entry_charge + 1024;

result<std::size_t> counters_of(sqlite3_value* value) {
  std::int64_t const counters =
      sqlite3_value_type(value) == SQLITE_INTEGER ? sqlite3_value_int64(value) : 0;
  if (counters >= 1 && counters <= std::int64_t{greatest_counters})
    return static_cast<std::size_t>(counters);
  return failure(errc::invalid_argument, "counters=" + sqlite::shown(value) +
                                             ": expected an integer from 1 to " +
                                             std::to_string(greatest_counters));
}

status too_much() { return failure(errc::too_big, "the sum of all weights passes 2^62"); }

// --- rows as JSON

constexpr std::size_t likely_row_bytes = 96;

std::string bounds_json(std::vector<sketch::ranked_entry> const& rows) {
  std::string out = "[";
  out.reserve(rows.size() * likely_row_bytes + 2);
  std::string count;
  for (auto const& row : rows) {
    count.clear();
    sqlite::append_json(count, row.count);
    out += out.size() > 1 ? ",{\"item\":" : "{\"item\":";
    sqlite::append_json(out, row.key);
    out.append(",\"count\":").append(count);
    out += ",\"lower\":";
    row.lower == row.count ? void(out.append(count)) : sqlite::append_json(out, row.lower);
    out += ",\"upper\":";
    row.upper == row.count ? void(out.append(count)) : sqlite::append_json(out, row.upper);
    out += row.is_proven ? ",\"proven\":true}" : ",\"proven\":false}";
  }
  return out += ']';
}

std::string pairs_json(std::vector<sketch::ranked_entry> const& rows, std::string_view item_key,
                       std::string_view count_key) {
  std::string out = "[";
  out.reserve(rows.size() * likely_row_bytes / 2 + 2);
  for (auto const& row : rows) {
    if (out.size() > 1) out += ',';
    out.append("{\"").append(item_key).append("\":");
    sqlite::append_json(out, row.key);
    out.append(",\"").append(count_key).append("\":");
    sqlite::append_json(out, row.count);
    out += '}';
  }
  return out += ']';
}

// --- counting

// Counts items exactly while they fit into `counters`, and for ever in a frame that moves: its rows
// leave again, and SQLite keeps them all anyway. Else a summary with bounds, of bounded memory.
class item_counter {
 public:
  item_counter(engine::connection& host, char const* function)
      : host_(host), function_(function), seed_(host.aggregate_seed()) {}

  // Whatever the number of items.
  void keep_exact() { frame_.emplace(); }

  // False, and nothing added: the sum of all weights would pass 2^62.
  [[nodiscard]] bool add(item_view const& item, std::int64_t weight, std::size_t counters) {
    std::int64_t const magnitude = weight < 0 ? -weight : weight;
    if (magnitude >= greatest_sum - gross()) return false;
    std::uint64_t const hash = hash_item(item, seed_);
    if (frame_) {
      frame_->add(item, hash, weight);
    } else {
      if (!sketch_) begin_sketch(counters);
      add_to_sketch(item, hash, weight);
    }
    (weight > 0 ? gross_in_ : gross_out_) += magnitude;
    if (weight != 0) ++events_;
    return true;
  }

  // The row's event was added before.
  void take_back(item_view const& item, std::int64_t weight) {
    become_exact();
    if (!frame_)
      return sketch_->add(item, hash_item(item, seed_), -weight, 0);  // true bounds still
    frame_->add(item, hash_item(item, seed_), -weight);
    (weight > 0 ? gross_in_ : gross_out_) -= weight < 0 ? -weight : weight;
    if (weight != 0) --events_;
  }

  [[nodiscard]] std::vector<sketch::ranked_entry> top(std::size_t k, bool will_move_on) {
    if (will_move_on) become_exact();
    if (frame_) {
      if (will_move_on) frame_->keep_order();
      std::vector<sketch::ranked_entry> rows;
      for (auto const& entry : frame_->top(k)) {
        rows.push_back({entry.item, entry.lo, entry.lo, entry.lo, true});
      }
      return rows;
    }
    if (!sketch_) return {};
    return sketch::rank(entries(), sketch_->absent().upper, k);
  }

  [[nodiscard]] std::vector<std::byte> encode(std::size_t counters) const {
    std::int64_t const total = gross_in_ - gross_out_;
    pane_totals const totals{gross_in_, gross_out_, total, total, events_, 0, 0};
    return sketch::encode_closed(entries(), sketch_ ? sketch_->absent() : bounds{}, totals,
                                 counters);
  }

 private:
  [[nodiscard]] std::int64_t gross() const noexcept { return gross_in_ + gross_out_; }
  [[nodiscard]] std::vector<entry_view> entries() const {
    std::vector<entry_view> all;
    std::size_t const size = frame_ ? frame_->size() : sketch_ ? sketch_->size() : 0;
    all.reserve(size);
    for (std::size_t at = 0; at < size; ++at)
      all.push_back(frame_ ? frame_->entry(at) : sketch_->entry(at));
    return all;
  }
  void begin_sketch(std::size_t counters) {
    sketch_.emplace(
        sketch::capacity{static_cast<std::uint32_t>(counters), counters * bytes_per_counter},
        seed_);
  }
  // Into the sketch, or into the exact counts where this item makes them necessary.
  void add_to_sketch(item_view const& item, std::uint64_t hash, std::int64_t weight) {
    if (!may_overflow_ && !sketch_->has_room(item.bytes.size())) {
      may_overflow_ = true;
      if (host_.slides_a_frame_of(function_)) become_exact();
    }
    if (frame_) {
      frame_->add(item, hash, weight);
    } else {
      sketch_->add(item, hash, weight, 0);
    }
  }

  // Where nothing was left out yet.
  void become_exact() {
    if (frame_ || (sketch_ && !sketch_->is_exact())) return;
    frame_counts exact;
    for (auto const& entry : entries())
      exact.add(entry.item, hash_item(entry.item, seed_), entry.lo);
    frame_ = std::move(exact);
    sketch_.reset();
  }

  engine::connection& host_;
  char const* function_;  // as SQLite's program spells a call of it: "name("
  std::uint64_t seed_;
  std::optional<summary> sketch_;
  std::optional<frame_counts> frame_;
  bool may_overflow_ = false;
  std::int64_t gross_in_ = 0;
  std::int64_t gross_out_ = 0;
  std::int64_t events_ = 0;
};

enum class flavour { bounds, count, sum, exact, state };

constexpr char const* name_of(flavour which) {
  switch (which) {
    case flavour::bounds: return "approx_top_k(";
    case flavour::count: return "approx_top_count(";
    case flavour::sum: return "approx_top_sum(";
    case flavour::exact: return "top_k(";
    case flavour::state: break;
  }
  return "approx_top_k_accumulate(";
}

template <flavour Flavour>
class top_aggregate {
 public:
  explicit top_aggregate(engine::connection& host) : counter_(host, name_of(Flavour)) {
    if constexpr (Flavour == flavour::exact) counter_.keep_exact();
  }

  status step(std::span<sqlite3_value* const> arguments) {
    if (!has_same_constants(arguments)) {
      if (auto taken = take_constants(arguments); !taken) return taken;
    }
    return with_event(arguments, [&](item_view const& item, std::int64_t weight) -> status {
      return counter_.add(item, weight, counters_in_use_) ? status{} : too_much();
    });
  }

  status inverse(std::span<sqlite3_value* const> arguments) {
    return with_event(arguments, [&](item_view const& item, std::int64_t weight) -> status {
      counter_.take_back(item, weight);
      return {};
    });
  }

  status value(sqlite3_context* context) { return answer(context, true); }
  status finish(sqlite3_context* context) { return answer(context, false); }

  static void empty(sqlite3_context* context) {
    if constexpr (Flavour == flavour::state) {
      auto const blob = sketch::encode_closed({}, {}, {}, 0);
      sqlite3_result_blob64(context, blob.data(), blob.size(), SQLITE_TRANSIENT);
    } else {
      sqlite::result_json(context, "[]");
    }
  }

 private:
  static constexpr bool has_weight = Flavour == flavour::sum;
  static constexpr bool has_k = Flavour != flavour::state;
  static constexpr std::size_t k_at = has_weight ? 2 : 1;
  static constexpr std::size_t counters_at = has_k ? k_at + 1 : 1;

  // The row's event goes to `use`, unless its item or its weight is NULL.
  template <class Use>
  status with_event(std::span<sqlite3_value* const> arguments, Use&& use) {
    auto const item = sqlite::item_of(arguments[0], number_);
    if (!item) return {};
    if constexpr (has_weight) {
      if (sqlite::is_null(arguments[1])) return {};
      auto weight = sqlite::weight_of(arguments[1]);
      return weight ? use(*item, *weight) : std::move(weight).error();
    } else {
      return use(*item, 1);
    }
  }

  // Whether k and counters are what they were at the row before, as they should be.
  [[nodiscard]] bool has_same_constants(std::span<sqlite3_value* const> arguments) const noexcept {
    return counters_in_use_ != 0 &&
           (!has_k || arguments.size() <= k_at || k_.is(arguments[k_at])) &&
           (arguments.size() <= counters_at || counters_.is(arguments[counters_at]));
  }

  status take_constants(std::span<sqlite3_value* const> arguments) {
    if (has_k && arguments.size() > k_at && !sqlite::is_null(arguments[k_at])) {
      if (auto taken = k_.take(arguments[k_at], "k", sqlite::k_of); !taken) return taken;
    }
    if (arguments.size() > counters_at && !sqlite::is_null(arguments[counters_at])) {
      if (auto taken = counters_.take(arguments[counters_at], "counters", counters_of); !taken)
        return taken;
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
    if constexpr (Flavour == flavour::state) {
      auto const blob = counter_.encode(counters());
      sqlite3_result_blob64(context, blob.data(), blob.size(), SQLITE_TRANSIENT);
    } else {
      auto const rows = counter_.top(k(), will_move_on);
      if constexpr (Flavour == flavour::bounds) sqlite::result_json(context, bounds_json(rows));
      if constexpr (Flavour == flavour::count)
        sqlite::result_json(context, pairs_json(rows, "value", "count"));
      if constexpr (Flavour == flavour::sum)
        sqlite::result_json(context, pairs_json(rows, "value", "sum"));
      if constexpr (Flavour == flavour::exact)
        sqlite::result_json(context, pairs_json(rows, "item", "count"));
    }
    return {};
  }

  item_counter counter_;
  constant_argument k_;
  constant_argument counters_;
  std::size_t counters_in_use_ = 0;  // 0: no row yet
  char number_[8];
};

// --- state as a value

// The summary in an argument. Its bytes must outlive the result.
result<stored_summary> summary_of(sqlite3_value* value, std::string_view function) {
  std::string const prefix = std::string(function) + ": ";
  if (sqlite3_value_type(value) != SQLITE_BLOB) {
    return failure(
        errc::invalid_argument,
        prefix + sqlite::shown(value) + " is no BLOB made by approx_top_k_accumulate or _combine");
  }
  auto const* bytes = static_cast<std::byte const*>(sqlite3_value_blob(value));
  auto const size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  if (bytes == nullptr && size != 0) throw std::bad_alloc();
  auto parsed = stored_summary::parse({bytes, size});
  if (parsed) return parsed;
  return failure(errc::invalid_argument, prefix + parsed.error().message);
}

// Adds blobs up exactly, as the panes of a window (stream/panes_sum.hpp), so that any order
// gives the same and a frame can take one out. Beyond eight times `counters` items the smallest are
// cut, unless a frame moves: bounds stay true, and memory bounded.
class combine_aggregate {
 public:
  explicit combine_aggregate(engine::connection& host)
      : host_(host), seed_(host.aggregate_seed()) {}

  status step(std::span<sqlite3_value* const> arguments) {
    if (arguments.size() > 1 && !sqlite::is_null(arguments[1])) {
      if (auto taken = counters_.take(arguments[1], "counters", counters_of); !taken) return taken;
    }
    if (sqlite::is_null(arguments[0])) return {};
    auto stored = summary_of(arguments[0], "approx_top_k_combine");
    if (!stored) return std::move(stored).error();
    auto after = sum_.totals();
    add_counts(after, stored->totals());
    if (add_saturated(after.gross_in, after.gross_out) >= greatest_sum ||
        after.events >= greatest_sum) {
      return too_much();
    }
    sum_.add(*stored, seed_);
    if (sum_.items().size() > 8 * counters() && !slides()) cut();
    return {};
  }

  status inverse(std::span<sqlite3_value* const> arguments) {
    if (sqlite::is_null(arguments[0])) return {};
    auto stored = summary_of(arguments[0], "approx_top_k_combine");
    if (!stored) return std::move(stored).error();
    sum_.subtract(*stored, seed_);
    return {};
  }

  status value(sqlite3_context* context) const {
    auto const blob = encode(counters());
    sqlite3_result_blob64(context, blob.data(), blob.size(), SQLITE_TRANSIENT);
    return {};
  }
  status finish(sqlite3_context* context) const { return value(context); }
  static void empty(sqlite3_context* context) { top_aggregate<flavour::state>::empty(context); }

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

  engine::connection& host_;
  std::uint64_t seed_;
  stream::panes_sum sum_;
  constant_argument counters_;
  std::optional<bool> slides_;
};

constexpr sqlite::signature each_form = {
    .name = "topk_each",
    .declaration =
        "CREATE TABLE topk_each(rank, item, count, lower, upper, proven, blob HIDDEN, k HIDDEN, "
        "arguments_end HIDDEN, total_lower HIDDEN, total_upper HIDDEN)",
    .first_argument = 6,
    .argument_count = 2,
    .arguments_end = 8,
    .ordered_by = 0,
};

class each_rows final : public sqlite::function_rows {
 public:
  each_rows(std::vector<std::byte> blob, stored_summary parsed, std::size_t k)
      : blob_(std::move(blob)), parsed_(std::move(parsed)),
        rows_(sketch::rank(parsed_.entries(), parsed_.absent().upper, k)) {}

  [[nodiscard]] std::size_t size() const noexcept override { return rows_.size(); }
  void column(sqlite3_context* context, std::size_t at, int column) const override {
    auto const& row = rows_[at];
    switch (column) {
      case 0: return sqlite3_result_int64(context, static_cast<sqlite3_int64>(at) + 1);
      case 1: return sqlite::result_item(context, row.key);
      case 2: return sqlite3_result_int64(context, row.count);
      case 3: return sqlite3_result_int64(context, row.lower);
      case 4: return sqlite3_result_int64(context, row.upper);
      case 5: return sqlite3_result_int(context, row.is_proven ? 1 : 0);
      case 9:
        return sqlite3_result_int64(context,
                                    std::max<std::int64_t>(parsed_.totals().total_lower, 0));
      case 10:
        return sqlite3_result_int64(context,
                                    std::max<std::int64_t>(parsed_.totals().total_upper, 0));
      default: return;
    }
  }

 private:
  std::vector<std::byte> blob_;  // what parsed_ and rows_ borrow from
  stored_summary parsed_;
  std::vector<sketch::ranked_entry> rows_;
};

class no_rows final : public sqlite::function_rows {
 public:
  [[nodiscard]] std::size_t size() const noexcept override { return 0; }
  void column(sqlite3_context*, std::size_t, int) const override {}
};

class topk_each_function final : public sqlite::table_function {
 public:
  [[nodiscard]] sqlite::signature const& form() const noexcept override { return each_form; }

  result<std::unique_ptr<sqlite::function_rows>> run(std::span<sqlite3_value* const> arguments,
                                                     std::uint64_t) override {
    if (arguments[0] == nullptr || sqlite::is_null(arguments[0])) {
      return std::unique_ptr<sqlite::function_rows>(std::make_unique<no_rows>());
    }
    std::size_t k = default_k;
    if (arguments[1] != nullptr && !sqlite::is_null(arguments[1])) {
      auto given = sqlite::k_of(arguments[1]);
      if (!given) return std::move(given).error();
      k = *given;
    }
    // The argument's bytes are gone at the next call: parse a copy.
    if (auto checked = summary_of(arguments[0], each_form.name); !checked)
      return std::move(checked).error();
    auto const* bytes = static_cast<std::byte const*>(sqlite3_value_blob(arguments[0]));
    std::vector<std::byte> copy(bytes, bytes + sqlite3_value_bytes(arguments[0]));
    auto parsed = stored_summary::parse(copy);
    if (!parsed) return std::move(parsed).error();
    return std::unique_ptr<sqlite::function_rows>(
        std::make_unique<each_rows>(std::move(copy), *std::move(parsed), k));
  }
};

}  // namespace

window_function const approx_top_k = window_function_of<top_aggregate<flavour::bounds>>;
window_function const approx_top_count = window_function_of<top_aggregate<flavour::count>>;
window_function const approx_top_sum = window_function_of<top_aggregate<flavour::sum>>;
window_function const top_k = window_function_of<top_aggregate<flavour::exact>>;
window_function const approx_top_k_accumulate = window_function_of<top_aggregate<flavour::state>>;
window_function const approx_top_k_combine = window_function_of<combine_aggregate>;

void approx_top_k_estimate(sqlite3_context* context, int count,
                           sqlite3_value** arguments) noexcept {
  sqlite::guard(context, [&]() -> status {
    if (sqlite::is_null(arguments[0])) return {};
    std::size_t k = default_k;
    if (count > 1 && !sqlite::is_null(arguments[1])) {
      auto given = sqlite::k_of(arguments[1]);
      if (!given) return std::move(given).error();
      k = *given;
    }
    auto stored = summary_of(arguments[0], "approx_top_k_estimate");
    if (!stored) return std::move(stored).error();
    sqlite::result_json(context,
                        bounds_json(sketch::rank(stored->entries(), stored->absent().upper, k)));
    return {};
  });
}

std::unique_ptr<sqlite::table_function> topk_each_table() {
  return std::make_unique<topk_each_function>();
}

}  // namespace topk::surface
