// Ranks a copy of the state once, when the rows are asked for; each column is read out of the
// ranked rows, which borrow their items from the copy.
#include "surface/topk_each.hpp"

#include <vector>

#include "sketch/ranking.hpp"
#include "sqlite/values.hpp"
#include "surface/top_arguments.hpp"

namespace topk::surface {
namespace {

using sketch::stored_summary;

constexpr sqlite::signature each_form = {
    .name = "topk_each",
    .declaration =
        "CREATE TABLE topk_each(rank, item, count, lower, upper, proven, blob HIDDEN, k HIDDEN, "
        "arguments_end HIDDEN, total_lower HIDDEN, total_upper HIDDEN, absent_lower HIDDEN, "
        "absent_upper HIDDEN, signed_lower HIDDEN, signed_upper HIDDEN)",
    .first_argument = 6,
    .argument_count = 2,
    .arguments_end = 8,
    .ordered_by = 0,
};

class each_rows final : public sqlite::function_rows {
 public:
  each_rows(std::vector<std::byte> blob, stored_summary parsed, std::size_t k)
      : blob_(std::move(blob)), parsed_(std::move(parsed)),
        rows_(sketch::rank(parsed_.entries(), parsed_.absent().upper, k)) {
    if (k == greatest_counters) rows_.push_back(any_other_item());
  }

  [[nodiscard]] std::size_t size() const noexcept override { return rows_.size(); }
  void column(sqlite3_context* context, std::size_t at, int column) const override {
    auto const& row = rows_[at];
    switch (column) {
      case 0:
        if (row.key.type == item_type::null) return;
        return sqlite3_result_int64(context, static_cast<sqlite3_int64>(at) + 1);
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
      case 11: return sqlite3_result_int64(context, parsed_.absent().lower);
      case 12: return sqlite3_result_int64(context, parsed_.absent().upper);
      case 13: return sqlite3_result_int64(context, row.stored.lower);
      case 14: return sqlite3_result_int64(context, row.stored.upper);
      default: return;
    }
  }

 private:
  [[nodiscard]] sketch::ranked_entry any_other_item() const noexcept {
    auto const of = parsed_.absent();
    std::int64_t const lower = std::max<std::int64_t>(of.lower, 0);
    return {{item_view{item_type::null, {}}, lower, lower, std::max(of.upper, lower), false}, of};
  }

  std::vector<std::byte> blob_;  // what parsed_ and rows_ borrow from
  stored_summary parsed_;
  std::vector<sketch::ranked_entry> rows_;
};

// Beyond the k of other answers, greatest_counters asks for all that the state holds.
result<std::size_t> k_of_each(sqlite3_value* value) {
  bool const is_all = value != nullptr && sqlite3_value_type(value) == SQLITE_INTEGER &&
                      sqlite3_value_int64(value) == std::int64_t{greatest_counters};
  return is_all ? std::size_t{greatest_counters} : k_or_default(value);
}

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
    TOPK_ASSIGN(std::size_t const k, k_of_each(arguments[1]));
    // The argument's bytes are gone at the next call: parse a copy.
    TOPK_TRY(summary_of(arguments[0], each_form.name));
    auto const* bytes = static_cast<std::byte const*>(sqlite3_value_blob(arguments[0]));
    std::vector<std::byte> copy(bytes, bytes + sqlite3_value_bytes(arguments[0]));
    TOPK_ASSIGN(auto parsed, stored_summary::parse(copy));
    return std::unique_ptr<sqlite::function_rows>(
        std::make_unique<each_rows>(std::move(copy), std::move(parsed), k));
  }
};

}  // namespace

std::unique_ptr<sqlite::table_function> topk_each_table() {
  return std::make_unique<topk_each_function>();
}

}  // namespace topk::surface
