// topk_count(window, item, stream, mode, at, partition): the bounds of one item, always one row.
#include "surface/topk_count.hpp"

#include "engine/query.hpp"
#include "sqlite/statement.hpp"
#include "surface/reach.hpp"
#include "surface/stream_function.hpp"

namespace topk::surface {
namespace {

constexpr sqlite::signature count_form = {
    .name = "topk_count",
    .declaration =
        "CREATE TABLE topk_count(count, lower, upper, complete, \"window\" HIDDEN, item HIDDEN, "
        "stream HIDDEN, mode HIDDEN, at HIDDEN, \"partition\" HIDDEN)",
    .first_argument = 4,
    .argument_count = 6,
    .null_argument = 5,
};

class count_row final : public sqlite::function_rows {
 public:
  count_row(stream::ranked_item row, engine::reach reached)
      : row_(std::move(row)), reached_(reached) {}
  [[nodiscard]] std::size_t size() const noexcept override { return 1; }
  void column(sqlite3_context* context, std::size_t, int column) const override {
    switch (column) {
      case 0: return sqlite3_result_int64(context, row_.count);
      case 1: return result_lower(context, row_.lower, reached_);
      case 2: return result_upper(context, row_.upper, reached_);
      case 3: return result_complete(context, reached_);
      default: return;
    }
  }

 private:
  stream::ranked_item row_;
  engine::reach reached_;
};

class topk_count_function final : public stream_function {
 public:
  using stream_function::stream_function;

  result<std::unique_ptr<sqlite::function_rows>> run(std::span<sqlite3_value* const> arguments,
                                                     std::uint64_t) override {
    auto asked = engine::resolve_question(host(), {.window = arguments[0],
                                                   .k = nullptr,
                                                   .stream = arguments[2],
                                                   .mode = arguments[3],
                                                   .at = arguments[4],
                                                   .partition = arguments[5]});
    if (!asked) return std::move(asked).error();
    sqlite::value_reader values(host().db());
    sqlite::item_buffer bytes;
    auto const wanted = arguments[1] == nullptr ? std::nullopt : values.item(arguments[1], bytes);
    if (!wanted) {
      return failure(errc::invalid_argument,
                     "topk_count: item is missing or NULL; give it as the second argument");
    }
    TOPK_ASSIGN(auto row, engine::answer_count(*asked, *wanted));
    return std::unique_ptr<sqlite::function_rows>(
        std::make_unique<count_row>(std::move(row), asked->reached));
  }
};

}  // namespace

std::unique_ptr<sqlite::table_function> topk_count_table(std::shared_ptr<live::connection> host) {
  return std::make_unique<topk_count_function>(std::move(host), count_form);
}

}  // namespace topk::surface
