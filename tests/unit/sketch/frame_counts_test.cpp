// Exact counts of a moving frame, against a map that is sorted at every step.
#include "sketch/frame_counts.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "kit/settings.hpp"
#include "random.hpp"

using namespace topk;
using sketch::frame_counts;

namespace {

using row = std::pair<std::string, std::int64_t>;

void add(frame_counts& to, std::string const& text, std::int64_t weight) {
  item const key = item::text(text);
  to.add(key, hash_item(key, 7), weight);
}

std::vector<row> top(frame_counts& of, std::size_t k) {
  std::vector<row> rows;
  for (auto const& entry : of.top(k)) rows.emplace_back(entry.item.bytes, entry.lo);
  return rows;
}

std::vector<row> top_by_sort(std::map<std::string, std::int64_t> const& sums, std::size_t k) {
  std::vector<row> rows;
  for (auto const& one : sums) {
    if (one.second > 0) rows.push_back(one);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](row const& a, row const& b) { return a.second > b.second; });
  rows.resize(std::min(k, rows.size()));
  return rows;
}

}  // namespace

TEST_CASE("the greatest sums come first, of equal ones the lesser item", "[sketch][frame_counts]") {
  frame_counts counts;
  for (auto const* text : {"b", "a", "c", "b"}) add(counts, text, 1);
  CHECK(top(counts, 2) == std::vector<row>{{"b", 2}, {"a", 1}});
  counts.keep_order();
  CHECK(top(counts, 2) == std::vector<row>{{"b", 2}, {"a", 1}});
}

TEST_CASE("an item whose sum is 0 is gone, a negative sum is held and not shown",
          "[sketch][frame_counts]") {
  frame_counts counts;
  counts.keep_order();
  add(counts, "a", 2);
  add(counts, "a", -2);
  CHECK(counts.size() == 0);
  add(counts, "b", -1);
  CHECK(counts.size() == 1);
  CHECK(top(counts, 5).empty());
}

TEST_CASE("a moving frame has the sums and the order of a sort, at every step",
          "[sketch][frame_counts]") {
  auto const seed = GENERATE(range(1U, topk::test::end_of_streams(4)));
  auto const distinct = GENERATE(3U, 50U, 3000U);
  bool const weighted = GENERATE(false, true);
  INFO("seed " << seed << ", distinct " << distinct << ", weighted " << weighted);
  test::random_source random(seed);
  frame_counts counts;
  std::map<std::string, std::int64_t> sums;
  std::vector<row> frame;
  std::size_t first = 0;
  std::size_t const steps = 4000;
  std::size_t const length = 1 + random.next() % 1500;
  auto const change = [&](std::string const& text, std::int64_t weight) {
    add(counts, text, weight);
    if ((sums[text] += weight) == 0) sums.erase(text);
  };
  for (std::size_t step = 0; step < steps; ++step) {
    // Half the time rising items, so that the least of a bucket leave it first.
    auto const number = step % 1000 < 500 ? random.next() % distinct : step % distinct;
    std::string text = std::to_string(number);
    text.insert(0, 5 - text.size(), '0');
    std::int64_t const weight = weighted ? static_cast<std::int64_t>(random.next() % 41) - 10 : 1;
    frame.emplace_back(text, weight);
    change(text, weight);
    if (frame.size() - first > length) {
      change(frame[first].first, -frame[first].second);
      ++first;
    }
    if (step == 100) counts.keep_order();
    if (step % 7 == 0) REQUIRE(top(counts, 1 + step % 20) == top_by_sort(sums, 1 + step % 20));
    if (step % 97 == 0) REQUIRE(counts.is_consistent());
  }
  CHECK(counts.size() == sums.size());
}
