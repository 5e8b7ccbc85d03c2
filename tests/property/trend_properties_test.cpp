// topk_trending against exact counts: bounds hold, no proof is false, and what is looked at does
// not depend on how the windows were merged.
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "property/tiny_stream.hpp"
#include "trend/hybrid.hpp"

using namespace topk;
using namespace topk::stream;
using namespace topk::trend;
using topk::test::end_of_streams;
using topk::test::seed;
using topk::test::tiny_stream;

namespace {

trend_count point(std::int64_t sum) {
  auto const count = std::max<std::int64_t>(sum, 0);
  return {count, count, count};
}

struct exact_trend {
  std::vector<trend_row> rows;
  std::map<std::string, trend_score> scores;
};

exact_trend truth_of(tiny_stream const& stream, trend_form const& form, time_span window,
                     time_span baseline) {
  auto const after = stream.truth(window);
  auto const before = stream.truth(baseline);
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> counts;
  for (auto const& one : after.records()) {
    counts[std::string(one.what.view().bytes)].first = one.count;
  }
  for (auto const& one : before.records()) {
    counts[std::string(one.what.view().bytes)].second = one.count;
  }
  auto const ratios = ratios_of(form, point(after.total()), point(before.total()));
  trend_selection best(form, ratios);
  exact_trend out;
  for (auto const& [item, both] : counts) {
    auto const c = point(both.first);
    auto const b = point(both.second);
    out.scores[item] = score_between(c, b, ratios, form.direction);
    best.offer({{item_type::text, item}, c, b});
  }
  out.rows = best.take(0);
  return out;
}

struct tally {
  int rows = 0;
  int proven = 0;
  int open = 0;     // rows whose bounds leave room
  int settled = 0;  // answers that hybrid read a part of the log for
};

void check(exact_trend const& truth, trend_answer const& given, tally& done) {
  std::size_t place = 0;
  for (auto const& row : given.rows) {
    std::string const item(row.key.view().bytes);
    auto const at = truth.scores.find(item);
    double const score = at == truth.scores.end() ? 0 : at->second.value;
    CAPTURE(item, place, score, row.score.lower, row.score.upper);
    CHECK(row.score.value > 0);
    CHECK(row.score.lower <= score);
    CHECK(score <= row.score.upper);
    bool const is_row = std::any_of(truth.rows.begin(), truth.rows.end(), [&](auto const& one) {
      return one.key.view() == row.key.view();
    });
    if (row.is_proven) CHECK(is_row);
    if (given.is_settled) {
      REQUIRE(place < truth.rows.size());
      CHECK(truth.rows[place].key.view() == row.key.view());
      CHECK(truth.rows[place].score.value == row.score.value);
    }
    ++place;
    ++done.rows;
    done.proven += row.is_proven ? 1 : 0;
    done.open += row.score.is_exact ? 0 : 1;
  }
  if (given.is_settled) CHECK(given.rows.size() == truth.rows.size());
}

void check_same(trend_answer const& a, trend_answer const& b) {
  REQUIRE(a.rows.size() == b.rows.size());
  CHECK(a.is_settled == b.is_settled);
  for (std::size_t i = 0; i < a.rows.size(); ++i) {
    CHECK(a.rows[i].key.view() == b.rows[i].key.view());
    CHECK(a.rows[i].window == b.rows[i].window);
    CHECK(a.rows[i].baseline == b.rows[i].baseline);
    CHECK(a.rows[i].score.value == b.rows[i].score.value);
    CHECK(a.rows[i].is_proven == b.rows[i].is_proven);
  }
}

// Hybrid gives the rows of exact counts, or leaves the answer to those.
void check_hybrid(tiny_stream& stream, trend_form const& form, time_span window, time_span baseline,
                  tally& done) {
  memory_budget budget(stream.below(4) == 0 ? 16 * 1024 : 4 << 20);
  auto const source = stream.source();
  auto const read = reader_of(stream);
  auto const settled = settle_trend(form, source, window, baseline, std::nullopt, read, budget);
  REQUIRE(settled);
  CHECK(budget.used() == 0);
  if (!settled->given.is_settled) return;
  tally unused;
  check(truth_of(stream, form, window, baseline), settled->given, unused);
  for (auto const& row : settled->given.rows) CHECK(row.is_proven);
  done.settled += settled->rows_read > 0 ? 1 : 0;
}

// A baseline before the window, of any length that is retained.
time_span some_baseline(tiny_stream& stream, time_span window) {
  if (stream.head.reference == no_time) return {window.since, window.since};
  micros const room = window.since - (stream.head.reference - stream.options.retain);
  if (room <= 0) return {window.since, window.since};
  micros const length =
      stream.below(2) == 0 ? std::min(window.until - window.since, room) : 1 + stream.below(room);
  return {window.since - length, window.since};
}

trend_form some_form(tiny_stream& stream, time_span window, time_span baseline) {
  return {.k = static_cast<std::size_t>(1 + stream.below(12)),
          .direction = stream.below(2) == 0 ? trend_direction::rise : trend_direction::fall,
          .time = ratio_of(window.until - window.since,
                           std::max<micros>(baseline.until - baseline.since, 1)),
          .by_share = stream.below(3) > 0};
}

}  // namespace

TEST_CASE("trend_bounds_hold: no interval is broken, and no proof is false",
          "[property][window][trend]") {
  auto const number = GENERATE(range(1U, end_of_streams(8)));
  bool const retracts = GENERATE(false, true);
  tiny_stream stream(number, retracts);
  tally done;
  for (int round = 0; round < 12; ++round) {
    // What is popular changes from round to round, and sometimes there is little traffic.
    stream.run(stream.below(4) == 0 ? 20 : 400, 150, 5 + stream.below(400));
    for (int question = 0; question < 5; ++question) {
      auto const window = stream.some_span();
      if (window.since >= window.until) continue;
      auto const baseline = some_baseline(stream, window);
      auto const form = some_form(stream, window, baseline);
      window_cache in_window(std::nullopt);
      window_cache in_baseline(std::nullopt);
      window_sum const nothing;
      auto const sum = in_window.sum_of(stream.source(), window);
      REQUIRE(sum);
      window_sum const* before = &nothing;
      if (baseline.since < baseline.until) {
        auto const found = in_baseline.sum_of(stream.source(), baseline);
        REQUIRE(found);
        before = *found;
      }
      auto const given = rank_trend(form, **sum, *before);
      check(truth_of(stream, form, window, baseline), given, done);
      memory_budget budget(16 * 1024);
      unsigned halvings = 1;
      auto const sliced =
          trend_by_slices(form, {stream.source(), window}, {stream.source(), baseline},
                          std::nullopt, budget, halvings);
      REQUIRE(sliced);
      check_same(given, *sliced);
      check_hybrid(stream, form, window, baseline, done);
    }
  }
  CHECK(done.rows > 0);
  CHECK(done.open > 0);
  CHECK(done.proven > 0);
  CHECK(done.settled > 0);
}
