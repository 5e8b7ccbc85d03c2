// topk(window, k, stream, mode, at, partition): a question to the engine, and its answer as rows.
#include "surface/topk.hpp"

#include "engine/query.hpp"
#include "sqlite/statement.hpp"
#include "surface/reach.hpp"
#include "surface/stream_function.hpp"

namespace topk::surface {
namespace {

enum column {
  rank,
  item,
  count,
  lower,
  upper,
  proven,
  complete,
  window,  // the first argument
  arguments_end = window + 6,
  total_lower,
  total_upper,
  since,
  until,
  confidence,
  source
};

constexpr sqlite::signature topk_form = {
    .name = "topk",
    .declaration =
        "CREATE TABLE topk(rank, item, count, lower, upper, proven, complete, \"window\" HIDDEN, k "
        "HIDDEN, "
        "stream HIDDEN, mode HIDDEN, at HIDDEN, \"partition\" HIDDEN, arguments_end HIDDEN, "
        "total_lower HIDDEN, total_upper HIDDEN, since HIDDEN, until HIDDEN, confidence HIDDEN, "
        "source HIDDEN)",
    .first_argument = window,
    .argument_count = 6,
    .arguments_end = arguments_end,
    .null_argument = 5,
    .ordered_by = rank,
};

class top_rows final : public sqlite::function_rows {
 public:
  top_rows(engine::question const& asked, engine::answer given)
      : span_(asked.span), reached_(asked.reached), given_(std::move(given)) {
    std::size_t proven = 0;
    for (auto const& row : *given_.rows) proven += is_proven(row) ? 1 : 0;
    confidence_ = given_.rows->empty()
                      ? 1.0
                      : static_cast<double>(proven) / static_cast<double>(given_.rows->size());
  }

  [[nodiscard]] std::size_t size() const noexcept override { return given_.rows->size(); }

  void column(sqlite3_context* context, std::size_t at, int index) const override {
    auto const& row = (*given_.rows)[at];
    switch (index) {
      case rank: return sqlite3_result_int64(context, static_cast<sqlite3_int64>(at) + 1);
      case item: return sqlite::result_item(context, row.key);
      case count: return sqlite3_result_int64(context, row.count);
      case lower: return result_lower(context, row.lower, reached_);
      case upper: return result_upper(context, row.upper, reached_);
      case proven: return sqlite3_result_int(context, is_proven(row) ? 1 : 0);
      case complete: return result_complete(context, reached_);
      case total_lower: return result_lower(context, given_.total.lower, reached_);
      case total_upper: return result_upper(context, given_.total.upper, reached_);
      case since: return sqlite::result_time(context, span_.since);
      case until: return sqlite::result_time(context, span_.until);
      case confidence: return sqlite3_result_double(context, confidence_);
      case source: return sqlite3_result_text(context, given_.source.c_str(), -1, SQLITE_TRANSIENT);
      default: return;
    }
  }

 private:
  [[nodiscard]] bool is_proven(stream::ranked_item const& row) const noexcept {
    return row.is_proven && reached_ == engine::reach::whole;
  }

  stream::time_span span_;
  engine::reach reached_;
  engine::answer given_;
  double confidence_;
};

class topk_function final : public stream_function {
 public:
  using stream_function::stream_function;

  result<std::unique_ptr<sqlite::function_rows>> run(std::span<sqlite3_value* const> arguments,
                                                     std::uint64_t wanted) override {
    auto asked = engine::resolve_question(host(), {.window = arguments[0],
                                                   .k = arguments[1],
                                                   .stream = arguments[2],
                                                   .mode = arguments[3],
                                                   .at = arguments[4],
                                                   .partition = arguments[5]});
    if (!asked) return std::move(asked).error();
    bool const wants_total = (wanted >> total_lower & 1) != 0 || (wanted >> total_upper & 1) != 0;
    TOPK_ASSIGN(auto given, engine::answer_top(*asked, wants_total));
    return std::unique_ptr<sqlite::function_rows>(
        std::make_unique<top_rows>(*asked, std::move(given)));
  }
};

}  // namespace

std::unique_ptr<sqlite::table_function> topk_table(std::shared_ptr<live::connection> host) {
  return std::make_unique<topk_function>(std::move(host), topk_form);
}

}  // namespace topk::surface
