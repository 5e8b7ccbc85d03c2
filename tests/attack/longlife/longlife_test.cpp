// Simulated days, 400 by default: sizes, memory and the cost of queries stay flat, counters add up,
// bounds hold.
//
// TOPK_LONGLIFE_DAYS: how many. TOPK_LONGLIFE_SEED: other events. TOPK_LONGLIFE_EVENTS: how many
// of each stream in a session.
#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>

#include "kit/settings.hpp"
#include "life.hpp"

using namespace topk::test;

TEST_CASE("a stream of many days costs what one of 50 days does", "[longlife]") {
  std::int64_t const days = setting("TOPK_LONGLIFE_DAYS", 400, 60);
  life_plan plan;
  plan.seed = static_cast<std::uint64_t>(setting("TOPK_LONGLIFE_SEED", 1));
  plan.events_a_session =
      setting("TOPK_LONGLIFE_EVENTS", plan.events_a_session, plan.events_a_session / 4);
  REQUIRE(days > plan.warm_up_days);
  life long_one(plan);
  while (long_one.days() < days) long_one.live_a_day();
  for (auto const& [name, one] : long_one.gauges()) {
    std::cout << name << ": " << one.usual() << " at most in the first " << plan.warm_up_days
              << " days, " << one.greatest() << " in all" << std::endl;
  }
  auto const greatest = [&](char const* name) { return long_one.gauges().at(name).greatest(); };
  std::cout << "long life: " << days << " days simulated, " << long_one.events()
            << " events, greatest file " << greatest("bytes of the file") / 1024 << " KiB, memory "
            << greatest("memory_bytes") / 1024
            << " KiB, answers checked: " << long_one.answers_checked()
            << ", rows and counts: " << long_one.rows_checked() << std::endl;
}
