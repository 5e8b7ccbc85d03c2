// The score of topk_trending: golden values that 80 decimal digits give, its sign, and its bounds.
#include "trend/score.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/limits.hpp"
#include "kit/random.hpp"
#include "trend/selection.hpp"

using namespace topk;
using namespace topk::trend;

namespace {

// Any magnitude is as likely as any other.
std::int64_t some_count(test::random_source& random) {
  return static_cast<std::int64_t>((random.next() >> 2) >> random.below(62));
}

trend_count point(std::int64_t count) { return {count, count, count}; }
trend_ratios point(trend_ratio of) { return {of, of, of}; }

trend_count around(std::int64_t count, test::random_source& random) {
  std::int64_t const room = count / 4 + 3;
  auto const less = random.between(0, std::min(count, room));
  auto const lower = count - less;
  return {random.between(lower, count), lower, count + random.between(0, room)};
}

}  // namespace

TEST_CASE("scores are those of 80 digits, rounded once, on every CPU", "[trend][golden]") {
  struct golden {
    std::int64_t count, baseline, p, q;
    double score;
  };
  golden const all[] = {
      {1, 0, 1, 1, 0x1.0000000000000p+0},
      {100, 0, 1, 1, 0x1.4000000000000p+3},
      {10000, 9900, 1, 1, 0x1.6af27a30850e3p-1},
      {0, 1, 1, 1, -0x1.0000000000000p+0},
      {0, 2, 3, 7, -0x1.6a09e667f3bcdp+0},
      {7, 3, 1, 3, 0x1.1b9a50c98c8c7p+1},
      {1000, 2999, 1, 3, 0x1.2b245ace36925p-7},
      {123456789, 987654321, 1, 8, -0x1.9062c46d07c4dp-14},
      {4611686018427387904, 4611686018427387903, 1, 1, 0x1.6a09e667f3bcdp-32},
      {4611686018427387903, 4611686018427387904, 1, 1, -0x1.6a09e667f3bcdp-32},
      {4611686018427387904, 1, 4611686018427387903, 4611686018427387901, 0x1.0000000000000p+31},
      {9007199254740992, 9007199254740993, 1000003, 999983, -0x1.4f8bf27cbc483p+10},
      {3, 1000000000000000000, 1, 1000000000000000000, 0x1.279a74590331cp+0},
      {314159265358979, 271828182845904, 3600, 82800, 0x1.0411635ae2c2dp+24},
      {5, 5, 2305843009213693953, 2305843009213693952, -0x1.94c583ada5b53p-61},
      {2, 1099511627776, 0, 1, 0x1.6a09e667f3bcdp+0},
  };
  for (auto const& one : all) {
    CAPTURE(one.count, one.baseline, one.p, one.q);
    CHECK(score_of(one.count, one.baseline, ratio_of(one.p, one.q)) == one.score);
  }
}

TEST_CASE("where the counts are as expected the score is 0, never a rounding", "[trend]") {
  CHECK(score_of(0, 0, {1, 1}) == 0);
  test::random_source random(1);
  for (int i = 0; i < 2000; ++i) {
    auto const p = random.between(1, 1000);
    auto const q = random.between(1, 1000);
    auto const times = some_count(random) / 1000;
    auto const ratio = ratio_of(p, q);
    CHECK(score_of(p * times, q * times, ratio) == 0);
    CHECK(score_of(p * times + 1, q * times, ratio) > 0);
    if (times > 0) CHECK(score_of(p * times - 1, q * times, ratio) < 0);
    if (times > 0) CHECK(expected_of(q * times, ratio) == static_cast<double>(p * times));
  }
}

TEST_CASE("equal shares are one ratio, whatever they were taken of", "[trend]") {
  auto const ratio = ratio_of(3600, 82800);
  CHECK(ratio.p == 1);
  CHECK(ratio.q == 23);
  CHECK(is_less(ratio_of(1, 3), ratio_of(4611686018427387903, 4611686018427387904)));
  CHECK_FALSE(is_less(ratio_of(2, 6), ratio_of(1, 3)));
}

TEST_CASE("the score rises with the count, and falls with baseline and ratio", "[trend]") {
  test::random_source random(2);
  for (int i = 0; i < 20'000; ++i) {
    auto const count = some_count(random);
    auto const baseline = some_count(random);
    auto const p = some_count(random);
    auto const ratio = ratio_of(p, some_count(random) + 1);
    auto const score = score_of(count, baseline, ratio);
    auto const more = i % 2 == 0 ? 1 : 1 + some_count(random) / 2;
    CAPTURE(count, baseline, ratio.p, ratio.q, more);
    if (count + more <= greatest_sum) CHECK(score_of(count + more, baseline, ratio) >= score);
    if (baseline + more <= greatest_sum) CHECK(score_of(count, baseline + more, ratio) <= score);
    if (ratio.p + more <= greatest_sum) {
      CHECK(score_of(count, baseline, ratio_of(ratio.p + more, ratio.q)) <= score);
    }
  }
}

TEST_CASE("bounds of counts and totals are bounds of the score", "[trend]") {
  auto const direction = GENERATE(trend_direction::rise, trend_direction::fall);
  test::random_source random(3);
  for (int i = 0; i < 20'000; ++i) {
    auto const count = some_count(random) / 2;
    auto const baseline = some_count(random) / 2;
    auto const total = random.below(4) == 0 ? random.between(0, 2) : some_count(random) / 2;
    auto const total_before = random.below(4) == 0 ? random.between(0, 2) : some_count(random) / 2;
    trend_ratio const by_time{1, 23};
    auto const truth =
        score_of(count, baseline, total_before == 0 ? by_time : ratio_of(total, total_before));
    auto const ratios =
        ratio_of_totals(around(total, random), around(total_before, random), by_time);
    CAPTURE(count, baseline, total, total_before);
    CHECK_FALSE(is_less(ratios.middle, ratios.lower));
    CHECK_FALSE(is_less(ratios.upper, ratios.middle));
    auto const window = around(count, random);
    auto const before = around(baseline, random);
    auto const bounds = score_between(window, before, ratios, direction);
    auto const directed = direction == trend_direction::rise ? truth : -truth;
    CHECK(bounds.lower <= directed);
    CHECK(directed <= bounds.upper);
    CHECK(bounds.lower <= bounds.value);
    CHECK(bounds.value <= bounds.upper);
    CHECK(bounds.upper <= std::max(quick_upper(window, before, ratios, direction), 0.0));
    auto const leading = direction == trend_direction::rise ? window.upper : before.upper;
    CHECK(bounds.upper <= greatest_score(leading));
  }
}

TEST_CASE("without a total in the baseline the lengths of time decide", "[trend]") {
  auto const ratios = ratio_of_totals(point(100), point(0), {1, 2});
  CHECK(ratios.is_exact());
  CHECK(ratios.middle.q == 2);
  // Perhaps there was nothing, perhaps five: a fifth to all of it, or a half.
  auto const open = ratio_of_totals(point(1), {2, 0, 5}, {1, 2});
  CHECK_FALSE(open.is_exact());
  CHECK(expected_of(1, open.lower) == 0.2);
  CHECK(expected_of(1, open.upper) == 1);
}

TEST_CASE("rows are in order of score, count and item; those that do not rise are none",
          "[trend]") {
  trend_selection best({.k = 3}, point(trend_ratio{1, 1}));
  auto const offer = [&](std::string_view item, std::int64_t count, std::int64_t baseline) {
    best.offer({{item_type::text, item}, point(count), point(baseline)});
  };
  offer("c", 9, 0);
  offer("same", 5, 5);
  offer("less", 5, 50);
  offer("b", 9, 0);
  offer("steady", 10'000, 9'900);
  offer("a", 16, 0);
  CHECK(best.is_settled(0));
  auto const rows = best.take(0);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].key.view().bytes == "a");
  CHECK(rows[1].key.view().bytes == "b");
  CHECK(rows[2].key.view().bytes == "c");
  for (auto const& row : rows) CHECK(row.is_proven);
}

TEST_CASE("a row is proven only beyond all that is not returned, known or not", "[trend]") {
  auto const proven = [](trend_count const& rival, double unheld) {
    trend_selection best({.k = 1}, point(trend_ratio{1, 1}));
    best.offer({{item_type::text, "row"}, {100, 64, 110}, point(0)});
    best.offer({{item_type::text, "rival"}, rival, point(0)});
    return best.take(unheld).at(0).is_proven;
  };
  CHECK(proven({40, 30, 63}, 0));
  CHECK_FALSE(proven({40, 30, 64}, 0));
  CHECK_FALSE(proven({40, 30, 90}, 0));
  CHECK_FALSE(proven(point(64), 0));
  CHECK(proven(point(63), 0));
  CHECK(proven(point(63), 7.5));
  CHECK_FALSE(proven(point(63), 8.0));
}

TEST_CASE("a row whose score may be 0 is not proven", "[trend]") {
  trend_selection best({.k = 5}, point(trend_ratio{1, 1}));
  best.offer({{item_type::text, "perhaps"}, {12, 10, 14}, {9, 8, 10}});
  auto const rows = best.take(0);
  REQUIRE(rows.size() == 1);
  CHECK_FALSE(rows[0].is_proven);
}
