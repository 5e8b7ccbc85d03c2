// Each step of a series is a window: its bounds are those of the window, and hold.
#include <catch2/catch.hpp>
#include <tuple>

#include "property/tiny_stream.hpp"
#include "stream/series_panes.hpp"
#include "stream/window_slices.hpp"

using namespace topk;
using namespace topk::stream;
using topk::test::end_of_streams;
using topk::test::seed;
using topk::test::tiny_stream;

namespace {

auto as_tuple(series_row const& of) { return std::tuple(of.count, of.lower, of.upper); }

// The item's series from panes kept for it, and read for it alone; and that of all items.
struct three_sums {
  three_sums(tiny_stream& stream, series_steps const& steps, item const& which, bool of_all_items)
      : alone(steps), kept(steps), all(steps) {
    auto const wanted = which.view();
    auto const hash = hash_item(wanted, seed);
    series_panes panes(nullptr);
    if (of_all_items) panes.want_all();
    panes.want(wanted, hash);
    REQUIRE(panes.read(stream.source(), steps, std::nullopt));
    panes.add_to(kept, &wanted, hash);
    REQUIRE(add_panes(stream.source(), std::nullopt, &wanted, alone));
    REQUIRE(add_panes(stream.source(), std::nullopt, nullptr, all));
    for (std::size_t i = 0; i < stream.batch.size(); ++i) {
      auto const event = stream.batch[i];
      all.add_event(event.ts, event.weight);
      if (event.item != wanted) continue;
      alone.add_event(event.ts, event.weight);
      kept.add_event(event.ts, event.weight);
    }
  }
  series_sum alone;
  series_sum kept;
  series_sum all;
};

// Returns whether the bounds leave room.
bool check_step(tiny_stream& stream, three_sums const& sums, std::size_t i, item const& which) {
  auto const span = sums.alone.steps().at(i);
  auto const row = sums.alone.row(i);
  CHECK(as_tuple(row) == as_tuple(sums.kept.row(i)));
  auto const same = estimate_alone(stream.source(), span, std::nullopt, which.view(),
                                   hash_item(which.view(), seed));
  auto const total = total_alone(stream.source(), span, std::nullopt);
  REQUIRE(same);
  REQUIRE(total);
  CHECK(std::pair(row.lower, row.upper) == std::pair(same->lower, same->upper));
  // A share that rounds to 0 is shown as 1 where an item is asked for, but a curve adds up.
  bool const is_filled = row.count == 0 && same->count == 1 && same->lower == 0;
  CHECK((row.count == same->count || is_filled));
  auto const all = sums.all.row(i);
  CHECK(std::pair(all.lower, all.upper) == std::pair(total->lower, total->upper));
  std::int64_t count = 0;
  auto const truth = stream.truth(span);
  for (auto const& one : truth.records()) {
    if (one.what == which) count = one.count;
  }
  CHECK(row.lower <= std::max<std::int64_t>(count, 0));
  CHECK(row.upper >= count);
  return row.lower < row.upper;
}

// The panes of all steps, by level and time, as the store hands them over.
class counting_store final : public pane_store {
 public:
  explicit counting_store(pane_store& of) : of_(of) {}
  std::map<std::pair<std::size_t, std::int64_t>, int> reads;

  result<std::optional<stored_pane>> load(std::size_t level, std::int64_t pane,
                                          item_view const* partition) override {
    return of_.load(level, pane, partition);
  }
  status save(std::size_t level, pane_row const& row) override { return of_.save(level, row); }
  status each(std::size_t level, std::int64_t first, std::int64_t last,
              visit const& visitor) override {
    return of_.each(level, first, last, [&](pane_row const& row) -> status {
      ++reads[{level, row.pane}];
      return visitor(row);
    });
  }
  status each_of(item_view const& partition, std::size_t level, std::int64_t first,
                 std::int64_t last, visit const& visitor) override {
    return of_.each_of(partition, level, first, last, visitor);
  }
  status each_partition(std::size_t level, std::int64_t first, std::int64_t last,
                        visit const& visitor) override {
    return of_.each_partition(level, first, last, visitor);
  }
  result<bool> has_partitions() override { return of_.has_partitions(); }
  result<std::optional<std::int64_t>> next_pane(std::size_t level, std::int64_t first) override {
    return of_.next_pane(level, first);
  }
  result<std::int64_t> bytes(std::size_t level, std::int64_t first, std::int64_t last,
                             std::int64_t most) override {
    return of_.bytes(level, first, last, most);
  }
  result<std::int64_t> expire(std::size_t level, std::int64_t last, std::int64_t limit) override {
    return of_.expire(level, last, limit);
  }

 private:
  pane_store& of_;
};

}  // namespace

TEST_CASE("series_bounds_hold: each step is a window of its own", "[property][window][series]") {
  auto const number = GENERATE(range(1U, end_of_streams(8)));
  bool const retracts = GENERATE(false, true);
  tiny_stream stream(number, retracts);
  std::int64_t inexact = 0;
  for (int round = 0; round < 10; ++round) {
    stream.run(400, 150, 300);
    auto const span = stream.some_span();
    if (span.since >= span.until) continue;
    auto const most = (span.until - span.since) / 2 + 1;
    series_steps const steps(span, most / (1 + stream.below(30)) + 1, span.since);
    auto const which = item::text("item" + std::to_string(stream.below(40)));
    three_sums const sums(stream, steps, which, number % 2 == 0);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      inexact += check_step(stream, sums, i, which) ? 1 : 0;
    }
  }
  CHECK(inexact > 0);
}

TEST_CASE("series_reads_each_pane_once: however many steps there are",
          "[property][window][series]") {
  auto const number = GENERATE(range(1U, end_of_streams(4)));
  tiny_stream stream(number, true);
  stream.run(3000, 150, 300);
  for (int round = 0; round < 20; ++round) {
    auto const span = stream.some_span();
    if (span.since >= span.until) continue;
    micros const least = (span.until - span.since) / 2000 + 1;
    series_steps const steps(span, least * (1 + stream.below(100)), span.since);
    counting_store store(stream.store);
    window_source const source{stream.levels, seed, stream.head, store, stream.batch, stream.epoch};
    series_sum sum(steps);
    REQUIRE(add_panes(source, std::nullopt, nullptr, sum));
    for (auto const& [pane, reads] : store.reads) CHECK(reads == 1);
  }
}
