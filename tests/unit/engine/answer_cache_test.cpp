// What answer_cache keeps and what it drops, on windows over events that are in no pane.
#include "engine/answer_cache.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "base/hash.hpp"

namespace {

using topk::item;
using topk::micros;
using topk::second;
using topk::engine::answer_cache;
using topk::stream::time_span;

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
  topk::result<std::optional<std::int64_t>> next_pane(std::size_t, std::int64_t) override {
    return std::optional<std::int64_t>{};
  }
  topk::result<std::int64_t> expire(std::size_t, std::int64_t, std::int64_t) override { return 0; }
};

// A stream of `count` events of different items, one a second, none of them folded.
struct tail_stream {
  explicit tail_stream(int count) : levels(topk::stream::plan_levels(options)) {
    head.levels.resize(levels.size());
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
  auto const sum = cache.sum_of(of.source(), span, std::nullopt);
  REQUIRE(sum);
  return (*sum)->total().lower;
}

// How many of the windows of the last 1001, 1002 .. 1000 + n seconds are kept, the oldest first.
int kept(answer_cache& cache, tail_stream& of, int n) {
  int found = 0;
  for (int i = 1; i <= n; ++i) {
    std::size_t const before = cache.memory_bytes();
    (void)total(cache, of, last(1000 + i, 2000));
    found += cache.memory_bytes() <= before ? 1 : 0;
  }
  return found;
}

TEST_CASE("answers are those of a window merged again, whatever is kept", "[engine][answers]") {
  tail_stream stream(2000);
  answer_cache cache({.share = 0, .most = 0});
  for (int round = 0; round < 2; ++round) {
    for (int i = 1; i <= 6; ++i) {
      time_span const span = last(1000 + i, 2000);
      auto const sum = cache.sum_of(stream.source(), span, std::nullopt);
      REQUIRE(sum);
      auto const rows = cache.kept_top(stream.source(), span, std::nullopt, 5, **sum);
      CHECK((*sum)->total().lower == 1000 + i);
      auto const ranked = (*sum)->top(5);
      REQUIRE(rows->size() == ranked.size());
      for (std::size_t at = 0; at < ranked.size(); ++at) {
        CHECK((*rows)[at].key == ranked[at].key);
        CHECK((*rows)[at].count == ranked[at].count);
      }
    }
  }
}

TEST_CASE("within its share the cache keeps every window", "[engine][answers]") {
  tail_stream stream(2000);
  answer_cache cache({.share = std::size_t{64} << 20, .most = std::size_t{64} << 20});
  (void)kept(cache, stream, 12);
  CHECK(kept(cache, stream, 12) == 12);
}

TEST_CASE("beyond its share the cache keeps the four windows used last", "[engine][answers]") {
  tail_stream stream(2000);
  answer_cache cache({.share = 1, .most = std::size_t{64} << 20});
  for (int i = 1; i <= 12; ++i) (void)total(cache, stream, last(1000 + i, 2000));
  std::size_t const four = cache.memory_bytes();
  for (int i = 9; i <= 12; ++i) (void)total(cache, stream, last(1000 + i, 2000));
  CHECK(cache.memory_bytes() == four);
  answer_cache one({.share = std::size_t{64} << 20, .most = std::size_t{64} << 20});
  (void)total(one, stream, last(1012, 2000));
  CHECK(four < 5 * one.memory_bytes());
  CHECK(four > 3 * one.memory_bytes());
}

TEST_CASE("beyond its limit the cache keeps the window in use alone", "[engine][answers]") {
  tail_stream stream(2000);
  answer_cache one({.share = std::size_t{64} << 20, .most = std::size_t{64} << 20});
  (void)total(one, stream, last(1012, 2000));
  answer_cache cache({.share = 1, .most = 1});
  for (int i = 1; i <= 12; ++i) (void)total(cache, stream, last(1000 + i, 2000));
  CHECK(cache.memory_bytes() == one.memory_bytes());
}

TEST_CASE("kept answers count as memory, and go when an event comes", "[engine][answers]") {
  tail_stream stream(2000);
  answer_cache cache({.share = std::size_t{64} << 20, .most = std::size_t{64} << 20});
  time_span const span = last(1000, 2001);
  auto const sum = cache.sum_of(stream.source(), span, std::nullopt);
  REQUIRE(sum);
  (void)(*sum)->top(500);
  std::size_t const before = cache.memory_bytes();
  auto const rows = cache.kept_top(stream.source(), span, std::nullopt, 500, **sum);
  REQUIRE(rows->size() == 500);
  CHECK(cache.memory_bytes() >= before + 500 * sizeof(topk::stream::ranked_item));
  CHECK(cache.kept_top(stream.source(), span, std::nullopt, 500, **sum) == rows);

  stream.events.append({.seq = 2001, .ts = 2001 * second, .item = topk::item::text("new")});
  auto const next = cache.sum_of(stream.source(), span, std::nullopt);
  REQUIRE(next);
  CHECK(cache.kept_top(stream.source(), span, std::nullopt, 500, **next) != rows);
  cache.clear();
  CHECK(cache.memory_bytes() == 0);
}

}  // namespace
