#include "surface/topk_tables.hpp"

#include "engine/query.hpp"
#include "sqlite/statement.hpp"

namespace topk::surface {
namespace {

class top_rows final : public sqlite::function_rows {
 public:
  top_rows(engine::question const& asked, engine::answer given)
      : span_(asked.span), given_(std::move(given)) {
    std::size_t proven = 0;
    for (auto const& row : *given_.rows) proven += row.is_proven ? 1 : 0;
    confidence_ = given_.rows->empty()
                      ? 1.0
                      : static_cast<double>(proven) / static_cast<double>(given_.rows->size());
  }

  [[nodiscard]] std::size_t size() const noexcept override { return given_.rows->size(); }

  void column(sqlite3_context* context, std::size_t at, int column) const override {
    auto const& row = (*given_.rows)[at];
    switch (column) {
      case 0: return sqlite3_result_int64(context, static_cast<sqlite3_int64>(at) + 1);
      case 1: return sqlite::result_item(context, row.key);
      case 2: return sqlite3_result_int64(context, row.count);
      case 3: return sqlite3_result_int64(context, row.lower);
      case 4: return sqlite3_result_int64(context, row.upper);
      case 5: return sqlite3_result_int(context, row.is_proven ? 1 : 0);
      case total_lower: return sqlite3_result_int64(context, given_.total.lower);
      case total_upper: return sqlite3_result_int64(context, given_.total.upper);
      case 14: return sqlite::result_time(context, span_.since);
      case 15: return sqlite::result_time(context, span_.until);
      case 16: return sqlite3_result_double(context, confidence_);
      case 17: return sqlite3_result_text(context, given_.source, -1, SQLITE_STATIC);
      default: return;
    }
  }

  static constexpr int total_lower = 12;
  static constexpr int total_upper = 13;

 private:
  stream::time_span span_;
  engine::answer given_;
  double confidence_;
};

class topk_function final : public sqlite::table_function {
 public:
  explicit topk_function(std::shared_ptr<engine::connection> host) : host_(std::move(host)) {}

  [[nodiscard]] char const* name() const noexcept override { return "topk"; }
  [[nodiscard]] char const* declaration() const noexcept override {
    return "CREATE TABLE topk(rank, item, count, lower, upper, proven, \"window\" HIDDEN, k "
           "HIDDEN, "
           "stream HIDDEN, mode HIDDEN, at HIDDEN, \"partition\" HIDDEN, total_lower HIDDEN, "
           "total_upper HIDDEN, since HIDDEN, until HIDDEN, confidence HIDDEN, source HIDDEN)";
  }
  [[nodiscard]] int first_argument() const noexcept override { return 6; }
  [[nodiscard]] int argument_count() const noexcept override { return 6; }
  [[nodiscard]] int ordered_by() const noexcept override { return 0; }

  result<std::unique_ptr<sqlite::function_rows>> run(std::span<sqlite3_value* const> arguments,
                                                     std::uint64_t wanted) override {
    auto asked = engine::resolve_question(*host_, {.window = arguments[0],
                                                   .k = arguments[1],
                                                   .stream = arguments[2],
                                                   .mode = arguments[3],
                                                   .at = arguments[4],
                                                   .partition = arguments[5]});
    if (!asked) return std::move(asked).error();
    bool const wants_total =
        (wanted >> top_rows::total_lower & 1) != 0 || (wanted >> top_rows::total_upper & 1) != 0;
    auto given = engine::answer_top(*asked, wants_total);
    if (!given) return std::move(given).error();
    return std::unique_ptr<sqlite::function_rows>(
        std::make_unique<top_rows>(*asked, *std::move(given)));
  }

 private:
  std::shared_ptr<engine::connection> host_;
};

class count_row final : public sqlite::function_rows {
 public:
  explicit count_row(stream::ranked_item row) : row_(std::move(row)) {}
  [[nodiscard]] std::size_t size() const noexcept override { return 1; }
  void column(sqlite3_context* context, std::size_t, int column) const override {
    switch (column) {
      case 0: return sqlite3_result_int64(context, row_.count);
      case 1: return sqlite3_result_int64(context, row_.lower);
      case 2: return sqlite3_result_int64(context, row_.upper);
      default: return;
    }
  }

 private:
  stream::ranked_item row_;
};

class topk_count_function final : public sqlite::table_function {
 public:
  explicit topk_count_function(std::shared_ptr<engine::connection> host) : host_(std::move(host)) {}

  [[nodiscard]] char const* name() const noexcept override { return "topk_count"; }
  [[nodiscard]] char const* declaration() const noexcept override {
    return "CREATE TABLE topk_count(count, lower, upper, \"window\" HIDDEN, item HIDDEN, stream "
           "HIDDEN, "
           "mode HIDDEN, at HIDDEN, \"partition\" HIDDEN)";
  }
  [[nodiscard]] int first_argument() const noexcept override { return 3; }
  [[nodiscard]] int argument_count() const noexcept override { return 6; }

  result<std::unique_ptr<sqlite::function_rows>> run(std::span<sqlite3_value* const> arguments,
                                                     std::uint64_t) override {
    auto asked = engine::resolve_question(*host_, {.window = arguments[0],
                                                   .k = nullptr,
                                                   .stream = arguments[2],
                                                   .mode = arguments[3],
                                                   .at = arguments[4],
                                                   .partition = arguments[5]});
    if (!asked) return std::move(asked).error();
    char number[8];
    auto const wanted =
        arguments[1] == nullptr ? std::nullopt : sqlite::item_of(arguments[1], number);
    if (!wanted) {
      return failure(errc::invalid_argument,
                     "topk_count: item is missing or NULL; give it as the second argument");
    }
    auto row = engine::answer_count(*asked, *wanted);
    if (!row) return std::move(row).error();
    return std::unique_ptr<sqlite::function_rows>(std::make_unique<count_row>(*std::move(row)));
  }

 private:
  std::shared_ptr<engine::connection> host_;
};

}  // namespace

std::unique_ptr<sqlite::table_function> topk_table(std::shared_ptr<engine::connection> host) {
  return std::make_unique<topk_function>(std::move(host));
}

std::unique_ptr<sqlite::table_function> topk_count_table(std::shared_ptr<engine::connection> host) {
  return std::make_unique<topk_count_function>(std::move(host));
}

}  // namespace topk::surface
