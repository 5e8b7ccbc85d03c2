// The index of slots against a map, with hashes that collide on purpose.
#include <catch2/catch.hpp>

#include <random>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sketch/slot_index.hpp"

using namespace topk::sketch;

namespace {

// Slots as a summary uses them: dense, the last one moves into a freed one.
template <class Index>
struct indexed_hashes {
  Index index;
  std::vector<std::uint64_t> hashes;
  std::unordered_map<std::uint64_t, std::uint32_t> expected;

  std::uint32_t find(std::uint64_t hash) const {
    return index.find(hash, [&](std::uint32_t slot) { return hashes[slot] == hash; });
  }
  void insert(std::uint64_t hash) {
    auto const used = static_cast<std::uint32_t>(hashes.size());
    index.reserve(used + 1, used, [&](std::uint32_t slot) { return hashes[slot]; });
    hashes.push_back(hash);
    index.insert(hash, used);
    expected[hash] = used;
  }
  void erase(std::uint64_t hash) {
    auto const slot = expected.at(hash);
    auto const last = static_cast<std::uint32_t>(hashes.size() - 1);
    index.erase(hash, slot, [&](std::uint32_t held) { return hashes[held]; });
    expected.erase(hash);
    if (slot != last) {
      index.move(hashes[last], last, slot);
      hashes[slot] = hashes[last];
      expected[hashes[slot]] = slot;
    }
    hashes.pop_back();
  }
};

// `mask` leaves few homes and tags, so that chains are long and tags collide all the time.
template <class Index>
void churn(std::uint64_t mask, std::size_t most) {
  indexed_hashes<Index> t;
  std::mt19937_64 random(mask);
  for (int step = 0; step < 6000; ++step) {
    std::uint64_t const hash = random() & mask;
    bool const is_held = t.expected.count(hash) != 0;
    REQUIRE(t.find(hash) == (is_held ? t.expected.at(hash) : slot_index::none));
    if (is_held) {
      t.erase(hash);
    } else if (t.hashes.size() < most) {
      t.insert(hash);
    }
    if (step % 1000 != 0) continue;
    for (auto const& [held, slot] : t.expected) REQUIRE(t.find(held) == slot);
  }
  t.index.clear();
  for (auto const& [held, slot] : t.expected) REQUIRE(t.find(held) == slot_index::none);
}

}  // namespace

TEMPLATE_TEST_CASE("the index finds what a map finds", "[sketch][slot_index]", slot_index,
                   wide_slot_index) {
  churn<TestType>(0xFFF000000000000F, 1000);    // sixteen homes close together
  churn<TestType>(0x0000000000000FFF, 1000);    // one tag
  churn<TestType>(0xC00000000000FFFF, 10'000);  // four tags
  churn<TestType>(0xFF0000000000FFF0, 10'000);  // homes far apart
  churn<TestType>(0xFFFF0000000000FF, 100'000);
}

TEMPLATE_TEST_CASE("an empty index finds nothing", "[sketch][slot_index]", slot_index,
                   wide_slot_index) {
  TestType index;
  REQUIRE(index.find(1, [](std::uint32_t) { return true; }) == slot_index::none);
  index.clear();
  REQUIRE(index.memory_bytes() == 0);
}

TEMPLATE_TEST_CASE("the caller distinguishes entries of equal hash", "[sketch][slot_index]",
                   slot_index, wide_slot_index) {
  constexpr std::uint32_t many = 600;
  TestType index;
  index.reserve(many, 0, [](std::uint32_t) { return std::uint64_t{0}; });
  for (std::uint32_t slot = 0; slot < many; ++slot) index.insert(7, slot);
  auto const finds = [&](std::uint32_t slot) {
    return index.find(7, [&](std::uint32_t seen) { return seen == slot; }) == slot;
  };
  for (std::uint32_t slot = 0; slot < many; ++slot) REQUIRE(finds(slot));
  for (std::uint32_t slot = 0; slot < many; slot += 2) {
    index.erase(7, slot, [](std::uint32_t) { return std::uint64_t{7}; });
  }
  for (std::uint32_t slot = 0; slot < many; ++slot) REQUIRE(finds(slot) == (slot % 2 == 1));
}

TEMPLATE_TEST_CASE("chains wrap around the end, and close behind what leaves",
                   "[sketch][slot_index]", slot_index, wide_slot_index) {
  // Eight places: the homes 6, 6, 7 and 7 reach over the end.
  std::vector<std::uint64_t> const hashes{6, 14, 7, 15};
  auto const hash_of = [&](std::uint32_t slot) { return hashes[slot]; };
  for (std::uint32_t leaves = 0; leaves < 4; ++leaves) {
    TestType index;
    index.reserve(4, 0, hash_of);
    for (std::uint32_t slot = 0; slot < 4; ++slot) index.insert(hashes[slot], slot);
    index.erase(hashes[leaves], leaves, hash_of);
    for (std::uint32_t slot = 0; slot < 4; ++slot) {
      auto const found = index.find(hashes[slot], [&](std::uint32_t seen) { return seen == slot; });
      REQUIRE(found == (slot == leaves ? slot_index::none : slot));
    }
  }
}

TEST_CASE("an index that was moved from is empty and serves again", "[sketch][slot_index]") {
  auto const no_hash = [](std::uint32_t) { return std::uint64_t{0}; };
  auto const finds = [](slot_index const& index) {
    return index.find(7, [](std::uint32_t) { return true; });
  };
  slot_index first;
  first.reserve(1, 0, no_hash);
  first.insert(7, 5);
  slot_index second = std::move(first);
  CHECK(finds(second) == 5);
  CHECK(finds(first) == slot_index::none);  // NOLINT(bugprone-use-after-move): what is tested
  first.reserve(1, 0, no_hash);
  first.insert(7, 6);
  second = std::move(first);
  CHECK(finds(second) == 6);
  CHECK(finds(first) == slot_index::none);  // NOLINT(bugprone-use-after-move)
}
