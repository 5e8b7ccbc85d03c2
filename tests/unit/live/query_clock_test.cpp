// Percentiles and rates of topk_stats, against values worked out by hand, on a clock that is set.
#include "live/query_clock.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

namespace {

using topk::micros;
using topk::minute;
using topk::second;
using topk::live::query_clock;

// By definition: the least value that at least `percent` of them do not exceed.
std::int64_t least_of_share(std::vector<std::int64_t> const& values, std::int64_t percent) {
  std::vector<std::int64_t> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  for (std::int64_t const one : sorted) {
    auto const within =
        std::count_if(values.begin(), values.end(), [&](std::int64_t v) { return v <= one; });
    if (within * 100 >= percent * static_cast<std::int64_t>(values.size())) return one;
  }
  return -1;
}

TEST_CASE("without queries every percentile is 0", "[surface][query_clock]") {
  query_clock const clock;
  CHECK(clock.count() == 0);
  CHECK(clock.percentile(50) == 0);
  CHECK(clock.percentile(99) == 0);
}

TEST_CASE("percentiles of few latencies are those worked out by hand", "[surface][query_clock]") {
  query_clock clock;
  clock.record(7);
  CHECK(clock.percentile(1) == 7);
  CHECK(clock.percentile(50) == 7);
  CHECK(clock.percentile(100) == 7);
  clock.record(3);  // 3 7: half of them do not exceed 3
  CHECK(clock.percentile(50) == 3);
  CHECK(clock.percentile(51) == 7);
  CHECK(clock.percentile(95) == 7);
  clock.record(0);
  clock.record(1'000'000'000'000);  // 0 3 7 10^12
  CHECK(clock.percentile(25) == 0);
  CHECK(clock.percentile(50) == 3);
  CHECK(clock.percentile(75) == 7);
  CHECK(clock.percentile(76) == 1'000'000'000'000);
  CHECK(clock.count() == 4);
}

TEST_CASE("p50, p95 and p99 of a uniform and of a two-humped load are exact",
          "[surface][query_clock]") {
  query_clock uniform;
  for (std::int64_t i = 0; i < 1000; ++i)
    uniform.record(i * 7919 % 1000 + 1);  // 1 .. 1000, shuffled
  CHECK(uniform.percentile(50) == 500);
  CHECK(uniform.percentile(95) == 950);
  CHECK(uniform.percentile(99) == 990);
  CHECK(uniform.percentile(100) == 1000);
  query_clock humps;  // every twentieth is slow: 950 of 1000 are fast
  for (std::int64_t i = 0; i < 1000; ++i) humps.record(i % 20 == 0 ? 80'000 : 90);
  CHECK(humps.percentile(50) == 90);
  CHECK(humps.percentile(95) == 90);
  CHECK(humps.percentile(96) == 80'000);
  CHECK(humps.percentile(99) == 80'000);
}

TEST_CASE("percentiles cover the last 1,000 queries, wherever the ring is",
          "[surface][query_clock]") {
  query_clock clock;
  std::vector<std::int64_t> all;
  std::uint64_t state = 1;
  for (int i = 0; i < 3300; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    auto const latency = static_cast<std::int64_t>(state >> (33 + (state >> 60)));
    clock.record(latency);
    all.push_back(latency);
    bool const is_looked_at =
        i < 130 || (i >= 990 && i < 1010) || (i >= 1990 && i < 2010) || i % 257 == 0;
    if (!is_looked_at) continue;
    INFO("queries: " << all.size());
    std::vector<std::int64_t> const last(all.size() > 1000 ? all.end() - 1000 : all.begin(),
                                         all.end());
    for (std::int64_t const percent : {1, 50, 95, 99, 100}) {
      INFO("percent: " << percent);
      REQUIRE(clock.percentile(percent) == least_of_share(last, percent));
    }
  }
  CHECK(clock.count() == 3300);
  for (int i = 0; i < 1000; ++i) clock.record(5);  // all that came before is forgotten
  CHECK(clock.percentile(1) == 5);
  CHECK(clock.percentile(100) == 5);
}

// What topk_stats does: look, then report.
std::optional<double> rate(query_clock& clock, micros now, std::int64_t events) {
  clock.saw(now, events);
  return clock.events_per_second(now, events);
}

TEST_CASE("the rate is that of a steady load, however often one looks", "[surface][query_clock]") {
  micros const every =
      GENERATE(as<micros>{}, 10'000, 250'000, 999'999, 1'000'000, 1'500'000, 7'000'000, 59'000'000);
  INFO("a look every " << every << " us");
  query_clock clock;
  micros const start = 1'800'000'000 * second;
  for (micros t = 0; t < 5 * minute; t += every) {
    std::int64_t const events = t / 1000;  // 1,000 a second
    auto const got = rate(clock, start + t, events);
    if (t < second) continue;
    REQUIRE(got);
    REQUIRE(*got == Approx(1000).epsilon(0.001));
  }
}

TEST_CASE("the rate follows the last minute and no more", "[surface][query_clock]") {
  query_clock clock;
  micros now = 1'800'000'000 * second;
  std::int64_t events = 0;
  for (int i = 0; i < 300; ++i) clock.saw(now += second, events += 50);
  CHECK(*rate(clock, now, events) == Approx(50));
  for (int i = 0; i < 30; ++i) clock.saw(now += second, events += 150);
  CHECK(*rate(clock, now, events) == Approx(100));  // half a minute of each
  for (int i = 0; i < 30; ++i) clock.saw(now += second, events += 150);
  CHECK(*rate(clock, now, events) == Approx(150));
  CHECK(*rate(clock, now + 20 * second, events) == Approx(100));  // 20 s idle
  CHECK(*rate(clock, now + minute, events) == 0);
  CHECK(*rate(clock, now + 60 * minute, events) == 0);
}

TEST_CASE("after a burst and an idle hour the rate is 0, even without a look in between",
          "[surface][query_clock]") {
  query_clock clock;
  micros now = 1'800'000'000 * second;
  clock.saw(now, 0);
  for (int i = 1; i <= 10; ++i) clock.saw(now + i * 1000, i * 500);  // ten commits in 10 ms
  CHECK(*rate(clock, now + 60 * minute, 5000) == 0);
}

TEST_CASE("a connection that has known the stream for less than a minute gives the rate since then",
          "[surface][query_clock]") {
  query_clock clock;
  micros const now = 1'800'000'000 * second;
  CHECK_FALSE(rate(clock, now, 1'000'000));  // all came before: nothing is known
  CHECK_FALSE(rate(clock, now + 900'000, 1'000'000));
  CHECK(*rate(clock, now + 900'000, 1'000'090) == 90);  // less than a second counts as one
  CHECK(*rate(clock, now + 10 * second, 1'000'400) == Approx(40));
  query_clock idle;
  CHECK_FALSE(rate(idle, now, 7));
  CHECK(*rate(idle, now + second, 7) == 0);
}

TEST_CASE("neither a rollback nor a clock set back gives a rate", "[surface][query_clock]") {
  query_clock clock;
  micros now = 1'800'000'000 * second;
  for (int i = 0; i < 100; ++i) clock.saw(now += second, i * 10);
  clock.saw(now, 5000);  // seen in a transaction, and rolled back
  CHECK(*rate(clock, now, 990) == Approx(10));
  auto const emptied = rate(clock, now += second, 0);  // 'delete-all'
  CHECK((!emptied || *emptied == 0));
  CHECK(*rate(clock, now + 10 * second, 30) <= 3);
  CHECK(*rate(clock, now + 10 * second, 30) >= 0);
  now -= 60 * minute;  // the clock is set back
  CHECK_FALSE(rate(clock, now, 30));
  CHECK(*rate(clock, now + 2 * second, 40) == Approx(5));
}

TEST_CASE("another stream of the same name starts from zero", "[surface][query_clock]") {
  query_clock clock;
  clock.rejected = 1;  // before the stream is read for the first time
  clock.belongs_to(11);
  clock.record(5);
  clock.belongs_to(11);
  CHECK(clock.count() == 1);
  CHECK(clock.rejected == 1);
  clock.belongs_to(12);
  CHECK(clock.count() == 0);
  CHECK(clock.rejected == 0);
}

}  // namespace
