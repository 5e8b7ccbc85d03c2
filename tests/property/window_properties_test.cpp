// The guarantees of windows, over random streams against exact counts: window_sum.hpp, fold.hpp,
// window_cover.hpp, hybrid.hpp. Panes live in memory here; the model test does the same through
// SQL.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <tuple>

#include "base/hash.hpp"
#include "kit/exact_counts.hpp"
#include "kit/printers.hpp"
#include "property/tiny_stream.hpp"
#include "stream/fold.hpp"
#include "stream/hybrid.hpp"
#include "stream/window_cache.hpp"
#include "stream/window_slices.hpp"
#include "stream/window_state.hpp"

using namespace topk;
using namespace topk::stream;
using topk::test::end_of_streams;
using topk::test::exact_counts;
using topk::test::memory_store;
using topk::test::seed;
using topk::test::tiny_stream;

namespace {

void bounds_hold(tiny_stream& stream, window_sum const& sum, time_span span) {
  auto const truth = stream.truth(span);
  for (auto const& one : truth.records()) {
    auto const row = sum.estimate(one.what, one.hash);
    INFO(one.what.view().bytes << " is " << one.count << " in " << row.lower << ".." << row.upper);
    REQUIRE(row.lower <= std::max<std::int64_t>(one.count, 0));
    REQUIRE(row.upper >= one.count);
  }
  REQUIRE(sum.total().lower <= std::max<std::int64_t>(truth.total(), 0));
  REQUIRE(sum.total().upper >= truth.total());
}

// The first row of a window that is this pane.
ranked_item first_of(sketch::summary& pane, window_sum& sum) {
  auto const body = pane.encode();
  auto const stored = sketch::stored_summary::parse(body);
  REQUIRE(stored);
  sum.inside.add(*stored, seed);
  auto rows = sum.top(1);
  REQUIRE(rows.size() == 1);
  return rows[0];
}

}  // namespace

TEST_CASE("cut_pane_bounds_with_retractions, total_bounds: every window holds, cut and late",
          "[property][window]") {
  auto const number = GENERATE(range(1U, end_of_streams(8)));
  bool const retracts = GENERATE(false, true);
  tiny_stream stream(number, retracts);
  window_cache cache(std::nullopt);
  std::int64_t inexact = 0;
  for (int round = 0; round < 12; ++round) {
    stream.run(400, 150, 2000);
    for (int i = 0; i < 6; ++i) {
      auto const span = stream.some_span();
      auto sum = cache.sum_of(stream.source(), span);
      REQUIRE(sum);
      bounds_hold(stream, **sum, span);
      inexact += (*sum)->unknown_upper() > 0 ? 1 : 0;
    }
  }
  CHECK(inexact > 0);  // else nothing overflowed and nothing was shown
}

TEST_CASE("merge_any_order_equal, subtract_of_add_is_identity: a moved window is a fresh one",
          "[property][window]") {
  auto const number = GENERATE(range(1U, end_of_streams(6)));
  tiny_stream stream(number, true);
  stream.run(3000, 200, 1500);
  stream.fold();
  window_cache moved(std::nullopt);
  for (int i = 0; i < 60; ++i) {
    auto const span = stream.some_span();
    window_cache fresh(std::nullopt);
    auto a = moved.sum_of(stream.source(), span);
    auto b = fresh.sum_of(stream.source(), span);
    REQUIRE(a);
    REQUIRE(b);
    CHECK((*a)->inside.items().size() == (*b)->inside.items().size());
    CHECK((*a)->inside.absent() == (*b)->inside.absent());
    CHECK((*a)->total() == (*b)->total());
    auto const rows = (*a)->top(50);
    auto const same = (*b)->top(50);
    REQUIRE(rows.size() == same.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      CHECK(rows[r].key == same[r].key);
      CHECK(std::tie(rows[r].count, rows[r].lower, rows[r].upper, rows[r].is_proven) ==
            std::tie(same[r].count, same[r].lower, same[r].upper, same[r].is_proven));
    }
  }
}

TEST_CASE(
    "merge_any_order_equal: single events and moves of the window leave what a fresh window has",
    "[property][window]") {
  auto const number = GENERATE(range(1U, end_of_streams(6)));
  bool const retracts = number % 2 == 0;
  tiny_stream stream(number, retracts);
  stream.run(2500, 200, 600);
  stream.fold();
  window_cache kept(std::nullopt);
  time_span span{stream.now - minute, stream.now};
  for (int step = 0; step < 400; ++step) {
    stream.run(1 + static_cast<int>(stream.below(3)), 90, 600);  // folds now and then
    // Mostly the same window; now and then it moves with the clock, or is another one.
    if (stream.below(4) == 0) span = {span.since + second, span.until + second};
    if (stream.below(25) == 0) span = stream.some_span();
    std::size_t const k = stream.below(3) == 0 ? 40 : 3;
    window_cache fresh(std::nullopt);
    auto a = kept.sum_of(stream.source(), span);
    auto b = fresh.sum_of(stream.source(), span);
    REQUIRE(a);
    REQUIRE(b);
    CHECK((*a)->total() == (*b)->total());
    auto const rows = (*a)->top(k);
    auto const same = (*b)->top(k);
    REQUIRE(rows.size() == same.size());
    for (std::size_t r = 0; r < rows.size(); ++r) {
      INFO("step " << step << ", row " << r);
      CHECK(rows[r].key == same[r].key);
      CHECK(std::tie(rows[r].count, rows[r].lower, rows[r].upper, rows[r].is_proven) ==
            std::tie(same[r].count, same[r].lower, same[r].upper, same[r].is_proven));
    }
  }
}

TEST_CASE("state_bounds: of what a state says every item is true, and slices say the same",
          "[property][window]") {
  auto const number = GENERATE(range(1U, end_of_streams(8)));
  tiny_stream stream(number, number % 2 == 0);
  std::int64_t whole = 0;
  std::int64_t cut = 0;
  std::int64_t sliced = 0;
  for (int round = 0; round < 40; ++round) {
    stream.run(100, 40 + 160 * static_cast<std::size_t>(round % 2), 1200);
    micros const grid =
        std::array{second, 10 * second, minute}[static_cast<std::size_t>(stream.below(3))];
    auto span = stream.some_span();
    span = {topk::round_down(span.since, grid), topk::round_up(span.until, grid)};
    if (span.since <= stream.head.reference - stream.options.retain) continue;
    std::map<std::string, std::int64_t> truth;
    std::int64_t total = 0;
    for (auto const& [ts, weight, what] : stream.log) {
      if (ts <= span.since || ts > span.until) continue;
      truth[std::string(what.view().bytes)] += weight;
      total += weight;
    }
    window_cache merged(std::nullopt);
    auto const sum = merged.sum_of(stream.source(), span);
    REQUIRE(sum);
    for (state_form const& form : {state_form{.entries = 5}, state_form{.entries = 1 << 20},
                                   state_form{.entries = 70, .least = 2}}) {
      topk::memory_budget any(topk::memory_budget::unlimited);
      auto const state = state_of(**sum, form, any);
      std::size_t const limit = round % 3 == 0 ? 60'000 : 8'000;
      topk::memory_budget budget(limit);
      auto const by_slices = state_by_slices(stream.source(), span, std::nullopt, form, budget);
      REQUIRE(by_slices);
      CHECK(*by_slices == state);
      CHECK(budget.used() == 0);
      sliced += (*sum)->inside.items().size() * 100 > limit ? 1 : 0;
      if (!state) {
        ++cut;
        continue;
      }
      ++whole;
      auto const says = stored_summary::parse(*state);
      REQUIRE(says);
      CHECK(says->totals().total_lower == total);
      CHECK(says->totals().total_upper == total);
      auto left = truth;
      for (auto const& entry : says->entries()) {
        auto const name = std::string(entry.item.bytes);
        auto const sum_of_item = left.contains(name) ? left[name] : 0;
        REQUIRE(entry.lo <= sum_of_item);
        REQUIRE(sum_of_item <= entry.hi);
        if (form.least) REQUIRE(entry.lo >= *form.least);
        left.erase(name);
      }
      for (auto const& [name, sum_of_item] : left) {
        REQUIRE(says->absent().lower <= sum_of_item);
        REQUIRE(sum_of_item <= says->absent().upper);
      }
    }
  }
  CHECK(whole > 5);
  CHECK(cut > 0);
  CHECK(sliced > 5);
}

TEST_CASE("slices_equal_whole: a window in slices has the rows of the window at once",
          "[property][window]") {
  auto const number = GENERATE(range(1U, end_of_streams(8)));
  tiny_stream stream(number, number % 2 == 0);
  std::int64_t sliced = 0;
  for (int round = 0; round < 8; ++round) {
    stream.run(500, 200, 1200);
    auto const span = stream.some_span();
    window_cache whole(std::nullopt);
    auto const sum = whole.sum_of(stream.source(), span);
    REQUIRE(sum);
    for (std::size_t const limit : {8'000U, 60'000U, 10'000'000U}) {
      for (std::size_t const k : {1U, 7U, 500U}) {
        topk::memory_budget budget(limit);
        unsigned halvings = 0;
        auto const answer = top_by_slices(stream.source(), span, std::nullopt, k, budget, halvings);
        REQUIRE(answer);
        CHECK(budget.used() == 0);
        sliced += halvings > 0 ? 1 : 0;
        CHECK(answer->total == (*sum)->total());
        CHECK(answer->unknown_upper == (*sum)->unknown_upper());
        auto const rows = (*sum)->top(k);
        REQUIRE(rows.size() == answer->rows.size());
        for (std::size_t r = 0; r < rows.size(); ++r) {
          auto const& a = rows[r];
          auto const& b = answer->rows[r];
          CHECK(a.key == b.key);
          CHECK(std::tie(a.count, a.lower, a.upper, a.is_proven) ==
                std::tie(b.count, b.lower, b.upper, b.is_proven));
          if (limit > 8'000 || k < 500 || r % 8 != 0) continue;  // other limits: the same rows
          auto const alone =
              estimate_alone(stream.source(), span, std::nullopt, a.key, hash_item(a.key, seed));
          REQUIRE(alone);
          // A row that fills up counts 1, though its share rounds to 0.
          auto const count = std::max<std::int64_t>(alone->count, 1);
          CHECK(std::tie(a.count, a.lower, a.upper) == std::tie(count, alone->lower, alone->upper));
        }
      }
    }
  }
  CHECK(sliced > 10);
}

TEST_CASE("proven_respects_ties: a proven row is in the exact top K", "[property][window]") {
  auto const number = GENERATE(range(1U, end_of_streams(8)));
  std::int64_t const distinct = GENERATE(12, 300);  // few items: many ties
  tiny_stream stream(number, number % 2 == 0);
  std::int64_t proven = 0;
  for (int round = 0; round < 10; ++round) {
    stream.run(200, 90, distinct);
    window_cache cache(std::nullopt);
    for (std::size_t const k : {1U, 3U, 10U}) {
      auto const span = stream.some_span();
      auto sum = cache.sum_of(stream.source(), span);
      REQUIRE(sum);
      auto const exact = stream.truth(span).top(k);
      auto const rows = (*sum)->top(k);
      for (auto const& row : rows) {
        if (!row.is_proven) continue;
        ++proven;
        CHECK(std::any_of(exact.begin(), exact.end(),
                          [&](auto const& one) { return one.what == row.key; }));
      }
      // Those that only may be in the window come last.
      auto const sorted = std::is_sorted_until(rows.begin(), rows.end(), by_count{});
      CHECK(std::all_of(sorted, rows.end(), [](ranked_item const& row) {
        return row.count == 1 && row.lower == 0 && !row.is_proven;
      }));
    }
  }
  CHECK(proven > 0);
}

TEST_CASE(
    "proven_respects_ties: an equal upper bound that comes first in the order denies the proof",
    "[property][window]") {
  for (bool const rival_comes_first : {true, false}) {
    // The winner is exactly 5; its rival is 3 to 5; any other item has at most 2.
    item const winner = item::text("m");
    item const rival = item::text(rival_comes_first ? "a" : "z");
    sketch::summary pane({.entries = 8, .bytes = 1024}, seed);
    pane.add(winner, hash_item(winner, seed), 5, 1);
    pane.add(item::text("dropped"), hash_item(item::text("dropped"), seed), 2, 1);
    pane.truncate(1);
    pane.add(rival, hash_item(rival, seed), 3, 1);
    window_sum sum;
    auto const first = first_of(pane, sum);
    CHECK(first.key == winner);
    CHECK(first.lower == 5);
    CHECK(sum.estimate(rival, hash_item(rival, seed)).upper == 5);
    CHECK(first.is_proven == !rival_comes_first);
  }
}

TEST_CASE("proven_respects_ties: what no pane holds may be as much as the winner",
          "[property][window]") {
  item const winner = item::text("m");
  for (std::int64_t const dropped : {4, 5}) {
    sketch::summary pane({.entries = 8, .bytes = 1024}, seed);
    pane.add(winner, hash_item(winner, seed), 5, 1);
    pane.add(item::text("z"), hash_item(item::text("z"), seed), dropped, 1);
    pane.truncate(1);
    window_sum sum;
    auto const first = first_of(pane, sum);
    CHECK(first.key == winner);
    CHECK(first.lower == 5);
    CHECK(sum.unknown_upper() == dropped);
    CHECK(first.is_proven == (dropped < 5));
  }
}

TEST_CASE("hybrid_equals_exact: also with an absent entrant and with K above k",
          "[property][window]") {
  auto const number = GENERATE(range(1U, end_of_streams(8)));
  tiny_stream stream(number, number % 2 == 0);
  topk::memory_budget budget;
  std::int64_t settled = 0;
  for (int round = 0; round < 8; ++round) {
    stream.run(500, 200, 1200);
    for (std::size_t const k : {1U, 3U, 40U}) {
      auto const span = stream.some_span();
      auto answer = settle_top(stream.source(), span, std::nullopt, k, reader_of(stream), budget);
      REQUIRE(answer);
      if (!answer->is_settled) continue;
      ++settled;
      auto const exact = stream.truth(span).top(k);
      REQUIRE(answer->rows.size() == exact.size());
      for (std::size_t r = 0; r < exact.size(); ++r) {
        CHECK(answer->rows[r].count == exact[r].count);
        CHECK(answer->rows[r].key == exact[r].what);
      }
    }
  }
  CHECK(settled > 0);
}

TEST_CASE("hybrid_equals_exact: an item that every pane dropped may still be the first",
          "[property][window]") {
  tiny_stream stream(1, true);
  auto const add = [&](item const& what, std::int64_t weight) {
    stream.batch.append({.seq = ++stream.seq, .ts = stream.now, .weight = weight, .item = what});
    stream.log.push_back({stream.now, weight, what});
  };
  // As many candidates as a pane holds, exactly 2 in each pane, were heavy when the stranger came
  // with its 3.
  item const stranger = item::text("stranger");
  auto const candidates = static_cast<int>(stream.levels[0].live.entries);
  for (int pane = 0; pane < 60; ++pane) {
    stream.now += stream.levels[0].width;
    for (int i = 0; i < candidates; ++i) add(item::text("candidate" + std::to_string(i)), 100);
    add(stranger, 3);
    for (int i = 0; i < candidates; ++i) add(item::text("candidate" + std::to_string(i)), -98);
    stream.fold();
  }
  time_span const span{stream.now - 5 * second, stream.now};
  topk::memory_budget budget;
  auto answer = settle_top(stream.source(), span, std::nullopt, 1, reader_of(stream), budget);
  REQUIRE(answer);
  bool const is_right = !answer->is_settled || answer->rows.at(0).key == stranger;
  CHECK(is_right);
}

TEST_CASE("fold_is_pure: the same rows in the same pieces give the same bytes",
          "[property][window]") {
  tiny_stream a(5, true);
  tiny_stream b(5, true);
  a.run(2500, 170, 900);
  b.run(2500, 170, 900);
  CHECK(a.store.bodies() == b.store.bodies());
  CHECK(a.head == b.head);
}

TEST_CASE("levels_lose_nothing: a level waits for its parent, however few are rolled up at a time",
          "[property][window]") {
  auto const number = GENERATE(range(1U, end_of_streams(4)));
  tiny_stream stream(number, number % 2 == 0);
  for (int round = 0; round < 60; ++round) {
    stream.run(40, 1000, 100);
    stream.now += stream.below(2 * minute);
    pane_fold work(stream.levels, seed, true, stream.store, stream.head);
    REQUIRE(work.take(stream.batch, stream.batch.size(), {.formed_panes = round % 3}));
    stream.batch.clear();
    ++stream.epoch;
    for (int i = 0; i < 4; ++i) {
      auto const span = stream.some_span();
      if (span.since >= span.until) continue;
      window_cache cache(std::nullopt);
      auto sum = cache.sum_of(stream.source(), span);
      REQUIRE(sum);
      bounds_hold(stream, **sum, span);
    }
  }
}

TEST_CASE("past_is_within_its_budget: and the head says what is there", "[property][fold]") {
  auto const number = GENERATE(range(1U, end_of_streams(12)));
  auto const budget = GENERATE(2'000, 6'000, 60'000);
  tiny_stream stream(number, number % 2 == 0);
  stream.head.past_budget = budget;
  bool has_some = false;
  for (int round = 0; round < 10; ++round) {
    stream.run(300, 100, 300);
    stream.fold();
    stream.fold();  // makes up for what the one before could only guess
    stream.check_past();
    REQUIRE(stream.head.past_bytes() <= budget);
    has_some = has_some || stream.head.past_bytes() > 0;
  }
  CHECK(has_some);
}

TEST_CASE("future_event_expires_nothing: R follows the clock, not the event",
          "[property][window]") {
  tiny_stream stream(9, false);
  stream.run(300, 100, 50);
  stream.fold();
  micros const before = stream.head.reference;
  item const what = item::text("future");
  stream.batch.append({.seq = ++stream.seq,
                       .ts = stream.now + 9 * minute,
                       .weight = 1,
                       .item = what,
                       .now = stream.now});
  stream.fold();
  CHECK(stream.head.reference == std::max(before, stream.now));
  CHECK(stream.head.newest == stream.now + 9 * minute);
  window_cache cache(std::nullopt);
  time_span const span{stream.now - 10 * minute, stream.now};
  auto sum = cache.sum_of(stream.source(), span);
  REQUIRE(sum);
  bounds_hold(stream, **sum, span);
}

TEST_CASE("a cover meets each folded event once", "[stream][window_cover]") {
  auto const number = GENERATE(range(1U, end_of_streams(6)));
  tiny_stream stream(number, false);
  stream.run(2000, 130, 100);
  stream.fold();
  for (int i = 0; i < 200; ++i) {
    auto const span = stream.some_span();
    auto const panes = cover_window(stream.levels, stream.head, span);
    CHECK(panes.edges.size() <= 2);
    std::vector<std::pair<micros, micros>> pieces;
    auto const add = [&](pane_range const& range) {
      micros const width = stream.levels[range.level].width;
      pieces.emplace_back((range.first - 1) * width, range.last * width);
    };
    for (auto const& range : panes.inside) add(range);
    for (auto const& range : panes.edges) add(range);
    std::sort(pieces.begin(), pieces.end());
    REQUIRE(!pieces.empty());
    CHECK(pieces.front().first <= std::max(span.since, stream.head.levels.back().horizon));
    CHECK(pieces.back().second >= span.until);
    for (std::size_t p = 1; p < pieces.size(); ++p) CHECK(pieces[p].first == pieces[p - 1].second);
  }
}
