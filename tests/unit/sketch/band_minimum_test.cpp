// The cached minimum is the minimum of a scan, after any sequence of changes.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "sketch/band_minimum.hpp"

using namespace topk::sketch;

namespace {

std::uint32_t least_by_scan(std::vector<std::int64_t> const& values) {
  std::uint32_t least = 0;
  for (std::uint32_t slot = 1; slot < values.size(); ++slot) {
    if (values[slot] < values[least]) least = slot;
  }
  return least;
}

}  // namespace

TEST_CASE("the band finds the slot that a scan finds", "[sketch][band_minimum]") {
  for (std::size_t const count : {1U, 2U, 3U, 8U, 9U, 17U, 100U, 1000U}) {
    for (std::int64_t const spread : {1, 3, 50, 100'000}) {
      INFO(count << " slots, values within " << spread);
      std::mt19937_64 random(count + static_cast<std::uint64_t>(spread));
      auto const below = [&](std::size_t n) { return random() % n; };
      auto const any_value = [&] {
        auto const within = static_cast<std::uint64_t>(spread);
        return static_cast<std::int64_t>(random() % within) - spread / 2;
      };
      std::vector<std::int64_t> values(count);
      for (auto& value : values) value = any_value();
      band_minimum band;
      band.reserve(count);
      for (int step = 0; step < 3000; ++step) {
        auto const slot = static_cast<std::uint32_t>(below(values.size()));
        switch (below(8)) {
          case 0:  // a fall
            values[slot] -= 1 + std::abs(any_value());
            band.note(slot, values[slot]);
            break;
          case 1:  // new content of either size
            values[slot] = any_value();
            band.note(slot, values[slot]);
            break;
          case 2:  // a slot goes, the last one moves into it
            if (values.size() == 1) break;
            values[slot] = values.back();
            values.pop_back();
            if (slot < values.size()) band.note(slot, values[slot]);
            break;
          case 3:  // and a new one comes
            if (values.size() == count) break;
            values.push_back(any_value());
            band.note(static_cast<std::uint32_t>(values.size() - 1), values.back());
            break;
          case 4: band.forget(); break;
          default: values[slot] += 1 + static_cast<std::int64_t>(below(3));  // rises go unnoted
        }
        REQUIRE(band.floor() <= *std::min_element(values.begin(), values.end()));
        if (below(2) == 0) continue;
        auto const found = band.least(static_cast<std::uint32_t>(values.size()),
                                      [&](std::uint32_t seen) { return values[seen]; });
        REQUIRE(found == least_by_scan(values));
        REQUIRE(band.floor() == values[found]);
      }
    }
  }
}

TEST_CASE("of equal values the lowest slot is least, however they came", "[sketch][band_minimum]") {
  constexpr std::uint32_t count = 500;  // far more ties than the band holds
  std::vector<std::int64_t> values(count, 4);
  band_minimum band;
  band.reserve(count);
  auto const least = [&] {
    return band.least(count, [&](std::uint32_t seen) { return values[seen]; });
  };
  for (std::uint32_t slot = 0; slot < count; ++slot) {
    REQUIRE(least() == slot);
    values[slot] = 5;
  }
  REQUIRE(least() == 0);
  values[499] = 5 - 1;
  band.note(499, values[499]);
  REQUIRE(least() == 499);
  values[70] = 4;
  band.note(70, values[70]);
  REQUIRE(least() == 70);
}

TEST_CASE("the least is found in few looks a turn, however many values there are",
          "[sketch][band_minimum]") {
  constexpr std::uint32_t count = 4096;
  for (std::int64_t const distinct : {1, 5, 300, 4096, 100'000}) {
    INFO(distinct << " distinct values");
    std::mt19937_64 random(7);
    std::vector<std::int64_t> values(count);
    auto const any = [&] {
      return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(distinct));
    };
    for (auto& value : values) value = any();
    band_minimum band;
    band.reserve(count);
    std::size_t looks = 0;
    constexpr std::size_t turns = 20'000;
    for (std::size_t turn = 0; turn < turns; ++turn) {
      auto const found = band.least(count, [&](std::uint32_t seen) {
        ++looks;
        return values[seen];
      });
      values[found] += 1 + any();
    }
    CHECK(looks < 100 * turns);  // a scan of all would be 4096
  }
}

TEST_CASE("a band that is noted without end forgets, and stays right", "[sketch][band_minimum]") {
  std::vector<std::int64_t> values(40, 1'000'000);
  band_minimum band;
  band.reserve(values.size());
  auto const memory = band.memory_bytes();
  for (int i = 0; i < 10'000; ++i) {
    auto const slot = static_cast<std::uint32_t>(i % 3);
    values[slot] -= 2;
    band.note(slot, values[slot]);
    values[slot] += 1;
    auto const found = band.least(40, [&](std::uint32_t seen) { return values[seen]; });
    if (i % 16 == 0) REQUIRE(found == least_by_scan(values));
  }
  REQUIRE(band.memory_bytes() == memory);
}
