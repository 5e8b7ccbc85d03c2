// What answer_cache keeps and what it drops, on windows over events that are in no pane.
#include "live/answer_cache.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "base/hash.hpp"

namespace {

using topk::item;
using topk::micros;
using topk::second;
using topk::live::answer_cache;
using topk::stream::time_span;

constexpr std::size_t plenty = std::size_t{64} << 20;

// Has no panes, and counts how often one is asked for.
class no_panes final : public topk::stream::pane_store {
 public:
  int reads = 0;

  topk::result<std::optional<topk::stream::stored_pane>> load(std::size_t, std::int64_t,
                                                              topk::item_view const*) override {
    return std::optional<topk::stream::stored_pane>{};
  }
  topk::status save(std::size_t, topk::stream::pane_row const&) override { return {}; }
  topk::status each(std::size_t, std::int64_t, std::int64_t, visit const&) override {
    ++reads;
    return {};
  }
  topk::status each_of(topk::item_view const&, std::size_t, std::int64_t, std::int64_t,
                       visit const&) override {
    ++reads;
    return {};
  }
  topk::status each_partition(std::size_t, std::int64_t, std::int64_t, visit const&) override {
    return {};
  }
  topk::result<bool> has_partitions() override { return false; }
  topk::result<std::optional<std::int64_t>> next_pane(std::size_t, std::int64_t) override {
    return std::optional<std::int64_t>{};
  }
  topk::result<std::int64_t> bytes(std::size_t, std::int64_t, std::int64_t, std::int64_t) override {
    return 0;
  }
  topk::result<std::int64_t> expire(std::size_t, std::int64_t, std::int64_t) override { return 0; }
};

// A stream of `count` events of different items, one a second, none of them folded.
struct tail_stream {
  explicit tail_stream(int count) : levels(topk::stream::plan_levels(options)) {
    head.levels.resize(levels.size());
    for (auto& level : head.levels) level.horizon = level.formed = 0;
    head.generation = 1;
    for (int i = 1; i <= count; ++i) {
      std::string const name = "an item with a name of its own, number " + std::to_string(i);
      events.append({.seq = i, .ts = i * second, .item = {topk::item_type::text, name}});
    }
    head.reference = head.newest = count * second;
  }
  [[nodiscard]] topk::stream::window_source source() {
    return {levels, 7, head, panes, events, epoch};
  }

  topk::stream::stream_options options;
  std::vector<topk::stream::pane_level> levels;
  topk::stream::stream_head head;
  no_panes panes;
  topk::stream::event_batch events;
  std::uint64_t epoch = 0;
};

time_span last(int seconds, int until) { return {(until - seconds) * second, until * second}; }

// The total of a window, as its events sum to.
std::int64_t total(answer_cache& cache, tail_stream& of, time_span span) {
  auto const sum = cache.total(of.source(), span, std::nullopt);
  REQUIRE(sum);
  return sum->lower;
}

// How many of the windows of the last 1001, 1002 .. 1000 + n seconds are kept, the oldest first.
int kept(answer_cache& cache, tail_stream& of, int n) {
  int found = 0;
  for (int i = 1; i <= n; ++i) {
    int const before = of.panes.reads;
    (void)total(cache, of, last(1000 + i, 2000));
    found += of.panes.reads == before ? 1 : 0;
  }
  return found;
}

// The bytes of one such window.
std::size_t bytes_of_one() {
  tail_stream stream(2000);
  answer_cache cache(plenty);
  (void)total(cache, stream, last(1012, 2000));
  return cache.memory_bytes();
}

TEST_CASE("answers are those of a window merged again, whatever fits", "[engine][answers]") {
  tail_stream stream(2000);
  auto const limit =
      GENERATE(as<std::size_t>{}, 5000, 20'000, bytes_of_one() / 2, 3 * bytes_of_one());
  INFO("limit " << limit);
  answer_cache cache(limit);
  for (int round = 0; round < 2; ++round) {
    for (int i = 1; i <= 6; ++i) {
      time_span const span = last(1000 + i, 2000);
      auto const given = cache.top(stream.source(), span, std::nullopt, 5);
      REQUIRE(given);
      CHECK(given->total.lower == 1000 + i);
      answer_cache fresh(plenty);
      auto const wanted = fresh.top(stream.source(), span, std::nullopt, 5);
      REQUIRE(wanted);
      REQUIRE(given->rows->size() == wanted->rows->size());
      for (std::size_t at = 0; at < given->rows->size(); ++at) {
        auto const& mine = (*given->rows)[at];
        auto const& other = (*wanted->rows)[at];
        CHECK(mine.key == other.key);
        CHECK(mine.count == other.count);
        CHECK(mine.is_proven == other.is_proven);
        auto const one = cache.estimate(stream.source(), span, std::nullopt, mine.key,
                                        topk::hash_item(mine.key, 7));
        REQUIRE(one);
        CHECK(one->count == mine.count);
      }
      CHECK(cache.memory_bytes() <= limit);
    }
  }
}

TEST_CASE("while they fit, every window is kept", "[engine][answers]") {
  tail_stream stream(2000);
  answer_cache cache(plenty);
  (void)kept(cache, stream, 12);
  CHECK(kept(cache, stream, 12) == 12);
}

TEST_CASE("where there is no room, the windows used longest ago go", "[engine][answers]") {
  tail_stream stream(2000);
  answer_cache cache(5 * bytes_of_one());
  for (int i = 1; i <= 12; ++i) (void)total(cache, stream, last(1000 + i, 2000));
  CHECK(cache.memory_bytes() <= 5 * bytes_of_one());
  int const before = stream.panes.reads;
  for (int i = 9; i <= 12; ++i) (void)total(cache, stream, last(1000 + i, 2000));
  CHECK(stream.panes.reads == before);
  (void)total(cache, stream, last(1001, 2000));
  CHECK(stream.panes.reads > before);
}

TEST_CASE("a window that does not fit is answered and not kept", "[engine][answers]") {
  tail_stream stream(2000);
  answer_cache cache(bytes_of_one() / 3);
  (void)total(cache, stream, last(3, 2000));
  std::size_t const small = cache.memory_bytes();
  CHECK(small > 0);
  CHECK(total(cache, stream, last(1012, 2000)) == 1012);
  CHECK(cache.memory_bytes() <= small);
}

TEST_CASE("looking at the quality of answers keeps no window", "[engine][answers]") {
  tail_stream stream(2000);
  answer_cache cache(plenty);
  auto const quality = cache.quality(stream.source(), last(1000, 2000), 100, 64);
  REQUIRE(quality);
  CHECK(quality->max_error == 0);
  CHECK(quality->proven_share == 1);
  CHECK(cache.memory_bytes() == 0);
}

TEST_CASE("kept answers count as memory, and go when an event comes", "[engine][answers]") {
  tail_stream stream(2000);
  answer_cache cache(plenty);
  time_span const span = last(1000, 2001);
  auto const first = cache.top(stream.source(), span, std::nullopt, 500);
  REQUIRE(first);
  REQUIRE(first->rows->size() == 500);
  auto const again = cache.top(stream.source(), span, std::nullopt, 500);
  REQUIRE(again);
  CHECK(again->rows == first->rows);
  std::size_t const with_rows = cache.memory_bytes();

  stream.events.append({.seq = 2001, .ts = 2001 * second, .item = topk::item::text("new")});
  auto const next = cache.top(stream.source(), span, std::nullopt, 1);
  REQUIRE(next);
  CHECK(next->rows != first->rows);
  CHECK(with_rows >= 500 * sizeof(topk::stream::ranked_item));
  cache.clear();
  CHECK(cache.memory_bytes() == 0);
}

}  // namespace
