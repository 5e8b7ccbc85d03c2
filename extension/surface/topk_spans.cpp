// The rows say which spans there are; a state is made when the column is read, so that an exporter
// that joins with what it has shipped pays for what it ships.
#include "surface/topk_spans.hpp"

#include "engine/spans.hpp"
#include "surface/stream_function.hpp"
#include "surface/top_arguments.hpp"

namespace topk::surface {
namespace {

constexpr sqlite::signature spans_form = {
    .name = "topk_spans",
    .declaration =
        "CREATE TABLE topk_spans(since, until, events, version, state, width HIDDEN, "
        "stream HIDDEN, after HIDDEN, \"partition\" HIDDEN, entries HIDDEN, least HIDDEN)",
    .first_argument = 5,
    .argument_count = 6,
    .null_argument = 3,
    .ordered_by = 1,
};

class spans_rows final : public sqlite::function_rows {
 public:
  spans_rows(engine::span_list list, engine::state_contents contents)
      : list_(std::move(list)), contents_(contents) {}
  [[nodiscard]] std::size_t size() const noexcept override { return list_.rows.size(); }
  void column(sqlite3_context* context, std::size_t at, int column) const override {
    auto const& row = list_.rows[at];
    switch (column) {
      case 0: return sqlite::result_time(context, row.span.since);
      case 1: return sqlite::result_time(context, row.span.until);
      case 2: return sqlite3_result_int64(context, row.events);
      case 3: return sqlite3_result_int64(context, list_.version);
      case 4: return sqlite::guard(context, [&] { return result_state(context, row.span); });
      default: return;
    }
  }

 private:
  status result_state(sqlite3_context* context, stream::time_span span) const {
    TOPK_TRY(list_.of.state->refresh_if_forgotten());
    TOPK_ASSIGN(auto const made, engine::state_of_span(list_.of, span, contents_));
    if (made) result_blob(context, *made);
    return {};
  }

  engine::span_list list_;
  engine::state_contents contents_;
};

class topk_spans_function final : public stream_function {
 public:
  using stream_function::stream_function;

  result<std::unique_ptr<sqlite::function_rows>> run(std::span<sqlite3_value* const> arguments,
                                                     std::uint64_t) override {
    TOPK_ASSIGN(auto const contents, contents_of(arguments[4], arguments[5]));
    TOPK_ASSIGN(auto list,
                engine::closed_spans(host(), {.stream = arguments[1], .partition = arguments[3]},
                                     arguments[0], arguments[2]));
    return std::unique_ptr<sqlite::function_rows>(
        std::make_unique<spans_rows>(std::move(list), contents));
  }
};

}  // namespace

std::unique_ptr<sqlite::table_function> topk_spans_table(std::shared_ptr<live::connection> host) {
  return std::make_unique<topk_spans_function>(std::move(host), spans_form);
}

}  // namespace topk::surface
