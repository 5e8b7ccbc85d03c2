// What is counted exactly is what a summary would have counted, to the byte.
#include "sketch/exact_counts.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "base/hash.hpp"
#include "kit/printers.hpp"
#include "kit/random.hpp"
#include "sketch/summary.hpp"

using namespace topk;
using namespace topk::sketch;

namespace {

constexpr std::uint64_t exact_seed = 42;

struct exact_event {
  item what;
  std::int64_t weight;
  std::int64_t time;
};

std::vector<exact_event> random_events(test::random_source& random) {
  std::vector<exact_event> events;
  auto const distinct = static_cast<std::size_t>(random.between(1, 400));
  bool const retracts = random.percent(40);
  for (std::int64_t left = random.between(0, 800); left > 0; --left) {
    auto const which = static_cast<std::int64_t>(random.skewed(distinct));
    item what = random.percent(30) ? item::integer(which)
                                   : item::text("item number " + std::to_string(which * which));
    std::int64_t const weight = random.between(retracts ? -3 : 0, 5);
    events.push_back({std::move(what), weight, random.between(-1'000'000, 1'000'000)});
  }
  return events;
}

}  // namespace

TEST_CASE("exact counts have the bytes of a summary", "[sketch][exact_counts]") {
  test::random_source random(20'261'130);
  exact_counts counted;  // one for all, as a fold has one
  int full = 0;
  for (int round = 0; round < 400; ++round) {
    capacity const limits{static_cast<std::uint32_t>(random.between(1, 300)),
                          static_cast<std::uint64_t>(random.between(1, 20'000))};
    auto const events = random_events(random);
    summary wanted(limits, exact_seed);
    summary resumed(limits, exact_seed);
    counted.begin(limits);
    bool has_room = true;
    for (auto const& each : events) {
      auto const hash = hash_item(each.what, exact_seed);
      wanted.add(each.what, hash, each.weight, each.time);
      if (has_room && !counted.add(each.what, hash, each.weight, each.time)) {
        has_room = false;
        resumed.take(counted);
      }
      if (!has_room) resumed.add(each.what, hash, each.weight, each.time);
    }
    INFO("round " << round);
    if (has_room) {
      REQUIRE(wanted.is_exact());
      REQUIRE(counted.size() == wanted.size());
      REQUIRE(counted.encode() == wanted.encode());
      auto const keep = static_cast<std::size_t>(random.between(0, 400));
      REQUIRE(counted.encode_cut(keep) == wanted.encode_cut(keep));
    } else {
      ++full;
      REQUIRE(resumed.encode() == wanted.encode());
      REQUIRE(resumed.evictions() == wanted.evictions());
    }
  }
  CHECK(full > 50);
  CHECK(full < 350);
}

TEST_CASE("exact counts that are taken over half-way go on as a summary",
          "[sketch][exact_counts]") {
  test::random_source random(7);
  for (int round = 0; round < 100; ++round) {
    capacity const limits{static_cast<std::uint32_t>(random.between(1, 60)), 100'000};
    auto const events = random_events(random);
    auto const half = events.size() / 2;
    summary wanted(limits, exact_seed);
    summary resumed(limits, exact_seed);
    exact_counts counted;
    counted.begin(limits);
    bool is_taken = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
      auto const& [what, weight, time] = events[i];
      auto const hash = hash_item(what, exact_seed);
      wanted.add(what, hash, weight, time);
      bool const is_counted = !is_taken && i < half && counted.add(what, hash, weight, time);
      if (is_counted) continue;
      if (!is_taken) resumed.take(counted);
      is_taken = true;
      resumed.add(what, hash, weight, time);
    }
    INFO("round " << round);
    if (!is_taken) resumed.take(counted);
    REQUIRE(resumed.is_consistent());
    REQUIRE(resumed.encode() == wanted.encode());
  }
}

TEST_CASE("exact counts that were negative once go on as a summary would",
          "[sketch][exact_counts]") {
  capacity const limits{2, 10'000};
  summary wanted(limits, exact_seed);
  summary resumed(limits, exact_seed);
  exact_counts counted;
  counted.begin(limits);
  item const items[] = {item::integer(1), item::integer(2), item::integer(3)};
  auto const add = [&](int number, std::int64_t weight) {
    item const& what = items[number - 1];
    auto const hash = hash_item(what, exact_seed);
    wanted.add(what, hash, weight, 1);
    if (counted.add(what, hash, weight, 1)) return;
    resumed.take(counted);
    resumed.add(what, hash, weight, 1);
  };
  add(1, -1);
  add(1, 5);
  add(2, 1);
  add(3, 9);
  CHECK(wanted.has_filter());
  CHECK(resumed.encode() == wanted.encode());
}
