// topk_series(window, step, item, stream, mode, at, partition): a row for each step of the window.
#include "surface/topk_series.hpp"

#include "engine/series.hpp"
#include "sqlite/statement.hpp"
#include "surface/reach.hpp"
#include "surface/stream_function.hpp"

namespace topk::surface {
namespace {

constexpr sqlite::signature series_form = {
    .name = "topk_series",
    .declaration =
        "CREATE TABLE topk_series(since, until, count, lower, upper, complete, \"window\" HIDDEN, "
        "step HIDDEN, item HIDDEN, stream HIDDEN, mode HIDDEN, at HIDDEN, \"partition\" HIDDEN)",
    .first_argument = 6,
    .argument_count = 7,
    .null_argument = 6,
    .ordered_by = 0,
};

class series_rows final : public sqlite::function_rows {
 public:
  explicit series_rows(std::vector<engine::series_answer::row> rows) : rows_(std::move(rows)) {}
  [[nodiscard]] std::size_t size() const noexcept override { return rows_.size(); }
  void column(sqlite3_context* context, std::size_t at, int column) const override {
    auto const& row = rows_[at];
    switch (column) {
      case 0: return sqlite::result_time(context, row.span.since);
      case 1: return sqlite::result_time(context, row.span.until);
      case 2: return sqlite3_result_int64(context, row.counts.count);
      case 3: return result_lower(context, row.counts.lower, row.reached);
      case 4: return result_upper(context, row.counts.upper, row.reached);
      case 5: return result_complete(context, row.reached);
      default: return;
    }
  }

 private:
  std::vector<engine::series_answer::row> rows_;
};

class topk_series_function final : public stream_function {
 public:
  using stream_function::stream_function;

  result<std::unique_ptr<sqlite::function_rows>> run(std::span<sqlite3_value* const> arguments,
                                                     std::uint64_t) override {
    TOPK_ASSIGN(auto const asked, engine::resolve_series(host(),
                                                         {.window = arguments[0],
                                                          .stream = arguments[3],
                                                          .mode = arguments[4],
                                                          .at = arguments[5],
                                                          .partition = arguments[6]},
                                                         arguments[1], arguments[2]));
    TOPK_ASSIGN(auto given, engine::answer_series(asked));
    return std::unique_ptr<sqlite::function_rows>(
        std::make_unique<series_rows>(std::move(given.rows)));
  }
};

}  // namespace

std::unique_ptr<sqlite::table_function> topk_series_table(std::shared_ptr<live::connection> host) {
  return std::make_unique<topk_series_function>(std::move(host), series_form);
}

}  // namespace topk::surface
