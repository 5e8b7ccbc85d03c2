// The kept first items against a full sort, while items change one by one.
#include "stream/leaders.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>

#include "kit/printers.hpp"
#include "kit/settings.hpp"
#include "stream/value_ranking.hpp"

using namespace topk;
using namespace topk::stream;

namespace {

struct figures {
  std::int64_t count, lower, upper;
};
using truth = std::map<std::string, figures>;

candidate candidate_of(truth::value_type const& one) {
  auto const hash = std::hash<std::string>{}(one.first);
  return {{item_type::text, one.first}, hash, one.second.count, one.second.lower, one.second.upper};
}

template <class Before>
std::vector<std::string> sorted(truth const& all) {
  std::vector<candidate> order;
  for (auto const& one : all) order.push_back(candidate_of(one));
  std::sort(order.begin(), order.end(), Before{});
  std::vector<std::string> names;
  for (auto const& one : order) names.emplace_back(one.key.bytes);
  return names;
}

template <class Before>
void fill(leaders<Before>& of, truth const& all, std::size_t room) {
  of.begin(room, all.size());
  for (auto const& one : all) of.offer(candidate_of(one));
  of.end();
}

template <class Before>
void same_as_sorted(leaders<Before> const& of, truth const& all) {
  auto const expected = sorted<Before>(all);
  auto const& held = of.in_order();
  REQUIRE(held.size() <= expected.size());
  for (std::size_t i = 0; i < held.size(); ++i) CHECK(held[i].key.view().bytes == expected[i]);
  CHECK(of.has(held.size()));
  CHECK(of.has(held.size() + 1) == (held.size() == expected.size() && of.has(100'000)));
}

// Figures that change by single steps, many of them equal; now and then an item comes or goes.
template <class Before>
void stays_sorted(unsigned seed, std::size_t room) {
  std::mt19937 random(seed);
  auto const below = [&](unsigned n) { return static_cast<std::int64_t>(random() % n); };
  truth all;
  for (int i = 0; i < 30; ++i) all["item" + std::to_string(i)] = {below(8), below(4), below(12)};
  leaders<Before> first;
  fill(first, all, room);
  same_as_sorted(first, all);
  int refills = 0;
  for (int step = 0; step < 3000; ++step) {
    auto const name = "item" + std::to_string(below(40));
    figures const now{below(8), below(4), below(12)};
    bool const goes = below(6) == 0;
    truth::value_type const changed{name, now};
    if (goes) {
      all.erase(name);
    } else {
      all[name] = now;
    }
    first.update(candidate_of(changed), !goes);
    if (!first.has(std::min<std::size_t>(room, 2))) {
      fill(first, all, room);
      ++refills;
    }
    same_as_sorted(first, all);
  }
  // Where all fit, none is ever skipped.
  if (room < 30) CHECK(refills > 0);
  if (room > 40) CHECK(refills == 0);
}

}  // namespace

TEST_CASE("leaders stay the first of all while single items change", "[stream][leaders]") {
  auto const seed = GENERATE(range(1U, topk::test::end_of_streams(5)));
  std::size_t const room = GENERATE(1U, 5U, 33U, 64U);
  INFO("seed " << seed << ", room " << room);
  stays_sorted<by_count>(seed, room);
  stays_sorted<by_upper>(seed, room);
}

TEST_CASE("items that were skipped are known to be there", "[stream][leaders]") {
  leaders<by_count> first;
  first.begin(4, 4);
  first.offer({{item_type::text, "a"}, 1, 5, 5, 5});
  CHECK(first.last() == nullptr);
  first.skip();
  first.end();
  CHECK(first.has(1));
  CHECK_FALSE(first.has(2));
  first.update({{item_type::text, "b"}, 2, 4, 4, 4}, true);  // what was skipped may come before it
  CHECK_FALSE(first.has(2));
  first.update({{item_type::text, "c"}, 3, 6, 6, 6}, true);
  REQUIRE(first.has(2));
  CHECK(first.in_order()[0].key.view().bytes == "c");
}

TEST_CASE("a value ranking is the sorted order, and does not change when more is asked for",
          "[stream][value_ranking]") {
  auto const seed = GENERATE(range(1U, topk::test::end_of_streams(4)));
  std::size_t const count = GENERATE(1U, 255U, 256U, 257U, 6000U);
  std::int64_t const distinct = GENERATE(1, 7, 1'000'000);  // few values: many ties
  std::mt19937 random(seed);
  std::vector<std::int64_t> values(count);
  for (auto& value : values) value = static_cast<std::int64_t>(random()) % distinct - distinct / 2;
  std::vector<std::uint32_t> expected(count);
  for (std::uint32_t i = 0; i < count; ++i) expected[i] = i;
  std::stable_sort(expected.begin(), expected.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return values[a] > values[b]; });
  value_ranking ranking;
  auto const nth = [&](std::size_t i) {
    return ranking.nth(i, count, [&](std::size_t n) { return values[n]; });
  };
  bool same = true;
  for (std::size_t i = 0; i < count; ++i) same = same && nth(i) == expected[i];
  CHECK(same);
  std::reverse(values.begin(), values.end());
  ranking.forget();
  CHECK(values[nth(0)] == values[count - 1 - expected[0]]);
}
