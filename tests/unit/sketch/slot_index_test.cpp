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
template <class TagMatch>
struct table {
  basic_slot_index<TagMatch> index;
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
    index.erase(hash, slot);
    expected.erase(hash);
    if (slot != last) {
      index.move(hashes[last], last, slot);
      hashes[slot] = hashes[last];
      expected[hashes[slot]] = slot;
    }
    hashes.pop_back();
  }
};

// `mask` leaves few homes and tags, so that groups overflow and tags collide all the time.
template <class TagMatch>
void churn(std::uint64_t mask, std::size_t most) {
  table<TagMatch> t;
  std::mt19937_64 random(mask);
  for (int step = 0; step < 20'000; ++step) {
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

TEMPLATE_TEST_CASE("the index finds what a map finds", "[sketch][slot_index]", native_tag_match,
                   scalar_tag_match) {
  churn<TestType>(0x00000F0000000FFF, 2000);    // sixteen homes close together
  churn<TestType>(0xF0000000000000FF, 4000);    // few homes, every tag
  churn<TestType>(0xFFF0000000000003, 10'000);  // four tags
  churn<TestType>(0xFFFF0000000000FF, 100'000);
}

TEMPLATE_TEST_CASE("an empty index finds nothing", "[sketch][slot_index]", native_tag_match,
                   scalar_tag_match) {
  basic_slot_index<TestType> index;
  REQUIRE(index.find(1, [](std::uint32_t) { return true; }) == slot_index::none);
  index.clear();
  REQUIRE(index.memory_bytes() == 0);
}

TEMPLATE_TEST_CASE("the caller distinguishes entries of equal hash", "[sketch][slot_index]",
                   native_tag_match, scalar_tag_match) {
  // 600 in one home: the count of those that passed it sticks at 255, and nothing is lost.
  constexpr std::uint32_t many = 600;
  basic_slot_index<TestType> index;
  index.reserve(many, 0, [](std::uint32_t) { return std::uint64_t{0}; });
  for (std::uint32_t slot = 0; slot < many; ++slot) index.insert(7, slot);
  auto const finds = [&](std::uint32_t slot) {
    return index.find(7, [&](std::uint32_t seen) { return seen == slot; }) == slot;
  };
  for (std::uint32_t slot = 0; slot < many; ++slot) REQUIRE(finds(slot));
  for (std::uint32_t slot = 0; slot < many; slot += 2) index.erase(7, slot);
  for (std::uint32_t slot = 0; slot < many; ++slot) REQUIRE(finds(slot) == (slot % 2 == 1));
}

TEST_CASE("every way to compare tags sees the same lanes", "[sketch][slot_index]") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 1000; ++i) {
    alignas(16) std::uint8_t tags[16];
    for (auto& tag : tags) tag = static_cast<std::uint8_t>(random() % 4);
    for (std::uint8_t tag = 0; tag < 5; ++tag) {
      auto const scalar = scalar_tag_match::match(tags, tag);
      auto const native = native_tag_match::match(tags, tag);
      for (unsigned lane = 0; lane < 16; ++lane) {
        REQUIRE((scalar >> lane & 1) == (tags[lane] == tag));
        REQUIRE((native >> (lane * native_tag_match::lane_bits) & 1) == (tags[lane] == tag));
      }
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
