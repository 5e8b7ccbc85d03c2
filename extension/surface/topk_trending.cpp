// topk_trending(window, k, stream, mode, at, partition, baseline, direction, against): a question
// to the engine, and its answer as rows.
#include "surface/topk_trending.hpp"

#include "engine/trending.hpp"
#include "sqlite/statement.hpp"
#include "surface/reach.hpp"
#include "surface/stream_function.hpp"

namespace topk::surface {
namespace {

// Scoped, as the names are those of topk, too.
enum class trend_column : int {
  rank,
  item,
  count,
  expected,
  score,
  proven,
  window,  // the first argument
  arguments_end = window + 9,
  lower,
  upper,
  expected_lower,
  expected_upper,
  score_lower,
  score_upper,
  since,
  until,
  baseline_since,
  confidence,
  source
};

constexpr sqlite::signature trending_form = {
    .name = "topk_trending",
    .declaration =
        "CREATE TABLE topk_trending(rank, item, count, expected, score, proven, \"window\" HIDDEN, "
        "k HIDDEN, stream HIDDEN, mode HIDDEN, at HIDDEN, \"partition\" HIDDEN, baseline HIDDEN, "
        "direction HIDDEN, against HIDDEN, arguments_end HIDDEN, lower HIDDEN, upper HIDDEN, "
        "expected_lower HIDDEN, expected_upper HIDDEN, score_lower HIDDEN, score_upper HIDDEN, "
        "since HIDDEN, until HIDDEN, baseline_since HIDDEN, confidence HIDDEN, source HIDDEN)",
    .first_argument = static_cast<int>(trend_column::window),
    .argument_count = 9,
    .arguments_end = static_cast<int>(trend_column::arguments_end),
    .null_argument = 5,
    .ordered_by = static_cast<int>(trend_column::rank),
};

class trend_rows final : public sqlite::function_rows {
 public:
  trend_rows(engine::trend_question const& of, engine::trend_reply reply)
      : asked_(of.asked.span), baseline_since_(of.baseline.since), direction_(of.form.direction),
        reached_(of.asked.reached), both_reached_(of.reached), reply_(std::move(reply)) {
    std::size_t proven = 0;
    for (auto const& row : rows()) proven += is_proven(row) ? 1 : 0;
    if (!rows().empty()) {
      confidence_ = static_cast<double>(proven) / static_cast<double>(rows().size());
    }
  }

  [[nodiscard]] std::size_t size() const noexcept override { return rows().size(); }

  void column(sqlite3_context* context, std::size_t at, int index) const override {
    using enum trend_column;
    auto const& row = rows()[at];
    auto const wanted = static_cast<trend_column>(index);
    switch (wanted) {
      case rank: return sqlite3_result_int64(context, static_cast<sqlite3_int64>(at) + 1);
      case item: return sqlite::result_item(context, row.key);
      case count: return sqlite3_result_int64(context, row.window.count);
      case proven: return sqlite3_result_int(context, is_proven(row) ? 1 : 0);
      case lower: return result_lower(context, row.window.lower, reached_);
      case upper: return result_upper(context, row.window.upper, reached_);
      case since: return sqlite::result_time(context, asked_.since);
      case until: return sqlite::result_time(context, asked_.until);
      case baseline_since: return sqlite::result_time(context, baseline_since_);
      case confidence: return sqlite3_result_double(context, confidence_);
      case source: return sqlite3_result_text(context, reply_.source.c_str(), -1, SQLITE_TRANSIENT);
      default: return real_column(context, row, wanted);
    }
  }

 private:
  [[nodiscard]] std::vector<trend::trend_row> const& rows() const noexcept {
    return reply_.given.rows;
  }
  [[nodiscard]] bool is_whole() const noexcept { return both_reached_ == engine::reach::whole; }
  [[nodiscard]] bool is_proven(trend::trend_row const& row) const noexcept {
    return row.is_proven && is_whole();
  }

  // Dropped events may lie in the baseline, or count in the totals: then no bound is left.
  void real_column(sqlite3_context* context, trend::trend_row const& row,
                   trend_column wanted) const {
    using enum trend_column;
    auto const& ratios = reply_.given.ratios;
    bool const rises = direction_ == trend::trend_direction::rise;
    auto const& of = row.score;
    auto const bound = [&](double value) {
      return is_whole() ? sqlite3_result_double(context, value) : sqlite3_result_null(context);
    };
    switch (wanted) {
      case expected: {
        double const middle = trend::expected_of(row.baseline.count, ratios.middle);
        return sqlite3_result_double(context, middle);
      }
      case expected_lower: {
        double const least = trend::expected_of(row.baseline.lower, ratios.lower);
        return sqlite3_result_double(context, is_whole() ? least : 0);
      }
      case expected_upper: return bound(trend::expected_of(row.baseline.upper, ratios.upper));
      case score: return sqlite3_result_double(context, rises ? of.value : -of.value);
      case score_lower: return bound(rises ? of.lower : -of.upper);
      case score_upper: return bound(rises ? of.upper : -of.lower);
      default: return;
    }
  }

  stream::time_span asked_;
  micros baseline_since_;
  trend::trend_direction direction_;
  engine::reach reached_;
  engine::reach both_reached_;
  engine::trend_reply reply_;
  double confidence_ = 1;
};

class topk_trending_function final : public stream_function {
 public:
  using stream_function::stream_function;

  result<std::unique_ptr<sqlite::function_rows>> run(std::span<sqlite3_value* const> arguments,
                                                     std::uint64_t) override {
    TOPK_ASSIGN(auto const of, engine::resolve_trending(host(),
                                                        {.window = arguments[0],
                                                         .k = arguments[1],
                                                         .stream = arguments[2],
                                                         .mode = arguments[3],
                                                         .at = arguments[4],
                                                         .partition = arguments[5]},
                                                        {.baseline = arguments[6],
                                                         .direction = arguments[7],
                                                         .against = arguments[8]}));
    TOPK_ASSIGN(auto reply, engine::answer_trending(of));
    return std::unique_ptr<sqlite::function_rows>(
        std::make_unique<trend_rows>(of, std::move(reply)));
  }
};

}  // namespace

std::unique_ptr<sqlite::table_function> topk_trending_table(
    std::shared_ptr<live::connection> host) {
  return std::make_unique<topk_trending_function>(std::move(host), trending_form);
}

}  // namespace topk::surface
