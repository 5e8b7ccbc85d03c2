// A summary of one, two and three slots, against tables computed by hand.
#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include "base/hash.hpp"
#include "kit/failing_memory.hpp"
#include "kit/printers.hpp"
#include "sketch/summary.hpp"

using namespace topk;
using namespace topk::sketch;

namespace {

constexpr std::uint64_t seed = 42;
constexpr std::uint64_t many_bytes = std::uint64_t{1} << 40;

summary with_slots(std::uint32_t slots) { return summary({slots, many_bytes}, seed); }

void add(summary& to, std::string const& name, std::int64_t weight, std::int64_t time = 1) {
  auto const what = item::text(name);
  to.add(what, hash_item(what, seed), weight, time);
}
bool forget(summary& from, std::string const& name) {
  auto const what = item::text(name);
  return from.forget(what, hash_item(what, seed));
}

// "a[lo,hi] b[lo,hi] | [z,u]", in slot order.
std::string shown(summary const& s) {
  std::string out;
  for (std::size_t slot = 0; slot < s.size(); ++slot) {
    auto const entry = s.entry(slot);
    out += std::string(entry.item.bytes) + "[" + std::to_string(entry.lo) + "," +
           std::to_string(entry.hi) + "] ";
  }
  return out + "| [" + std::to_string(s.absent().lower) + "," + std::to_string(s.absent().upper) +
         "]";
}
bounds of(summary const& s, std::string const& name) {
  auto const what = item::text(name);
  return s.estimate(what, hash_item(what, seed));
}

struct step {
  char const* name;
  std::int64_t weight;
  char const* expected;
};
void run(summary& s, std::vector<step> const& steps) {
  for (auto const& [name, weight, expected] : steps) {
    INFO("adding " << weight << " to " << name);
    add(s, name, weight);
    REQUIRE(shown(s) == expected);
    REQUIRE(s.is_consistent());
  }
}

}  // namespace

// Under this seed no two names used here share both cells, although a row has only six a slot.
TEST_CASE("one slot, by hand", "[sketch][summary]") {
  auto s = with_slots(1);
  run(s, {{"a", 3, "a[3,3] | [0,0]"},
          {"b", 1, "a[3,3] | [0,1]"},  // turned away: F(b) = 1
          {"b", 1, "a[3,3] | [0,2]"},
          {"b", 1, "a[3,3] | [0,3]"},  // 3 is not above the least
          {"b", 1, "b[1,4] | [0,3]"},  // 4 is: a goes, F(a) = 3
          {"b", -1, "b[0,3] | [0,3]"},
          {"a", -2, "b[0,3] | [-2,3]"},  // absent: D(a) = 2, F(a) stays
          {"b", -3, "| [-3,3]"},         // hi = 0: b goes with lo = -3, and frees the slot
          {"a", 1, "a[-1,4] | [-3,3]"},  // from F(a) = 3 and D(a) = 2
          {"c", -5, "a[-1,4] | [-5,3]"}});
  REQUIRE(s.has_filter());
  REQUIRE_FALSE(s.is_exact());
  REQUIRE(s.evictions() == 1);
}

TEST_CASE("two slots, by hand: equal victims go by slot", "[sketch][summary]") {
  auto s = with_slots(2);
  run(s, {{"a", 1, "a[1,1] | [0,0]"},
          {"b", 1, "a[1,1] b[1,1] | [0,0]"},
          {"c", 1, "a[1,1] b[1,1] | [0,1]"},  // a tie stays out: F(c) = 1
          {"c", 1, "c[1,2] b[1,1] | [0,1]"},  // of the least two the lower slot: a
          {"a", 1, "c[1,2] a[1,2] | [0,1]"},  // F(a) = 1, and b is the least
          {"c", -2, "a[1,2] | [-1,1]"},       // c leaves with lo = -1; a moves down
          {"b", -1, "a[1,2] | [-1,1]"},       // a slot is free, but with a filter: D(b) = 1
          {"b", 4, "a[1,2] b[3,5] | [-1,1]"}});
}

TEST_CASE("a summary that is above its limits takes a tie in, and shrinks", "[sketch][summary]") {
  auto whole = with_slots(5);
  for (auto const* const name : {"a", "b", "c", "d", "e"}) add(whole, name, 2);
  auto const bytes = whole.encode();
  std::uint64_t const one = capacity::entry_charge + 1;
  for (capacity const limits : {capacity{2, many_bytes}, capacity{5, 2 * one}}) {
    auto loaded = summary::decode(bytes, limits, seed);
    REQUIRE(loaded);
    add(*loaded, "f", 1);  // less than the least: nothing goes
    REQUIRE(loaded->size() == 5);
    add(*loaded, "f", 1);
    REQUIRE(loaded->size() == 2);
    REQUIRE(of(*loaded, "f") == bounds{1, 2});
    REQUIRE(loaded->is_consistent());
    auto const before = shown(*loaded);
    add(*loaded, "g", 2);  // within its limits: a tie stays out
    REQUIRE(shown(*loaded) == before);
  }
}

TEST_CASE("three slots, by hand: exact first", "[sketch][summary]") {
  auto s = with_slots(3);
  run(s, {{"a", 2, "a[2,2] | [0,0]"},
          {"b", -3, "a[2,2] b[-3,-3] | [0,0]"},  // exact and negative: kept
          {"a", -2, "a[0,0] b[-3,-3] | [0,0]"},  // exact and zero: kept
          {"c", 5, "a[0,0] b[-3,-3] c[5,5] | [0,0]"}});
  REQUIRE(s.is_exact());
  REQUIRE_FALSE(s.has_filter());
  run(s, {{"d", 1, "a[0,0] d[1,1] c[5,5] | [-3,0]"},   // b goes: D(b) = 3, u stays 0
          {"b", 1, "b[-2,1] d[1,1] c[5,5] | [-3,0]"},  // a goes with nothing
          {"b", -1, "c[5,5] d[1,1] | [-3,0]"}});       // no longer exact: worthless at hi = 0
  REQUIRE_FALSE(s.is_exact());
  REQUIRE(of(s, "b") == bounds{-3, 0});
  REQUIRE(s.totals().total_lower == 3);
}

TEST_CASE("the outcome of an exact pane without room for a debit", "[sketch][summary]") {
  auto s = with_slots(1);
  run(s, {{"a", 2, "a[2,2] | [0,0]"}, {"b", -1, "a[2,2] | [-1,0]"}, {"b", 5, "b[4,5] | [-1,2]"}});
}

TEST_CASE("totals count events, weights and times", "[sketch][summary]") {
  auto s = with_slots(2);
  REQUIRE(s.totals() == pane_totals{});
  add(s, "a", 5, -70);
  add(s, "b", -2, -90);
  add(s, "a", 0, 1000);  // no event
  add(s, "c", 1, 3);
  REQUIRE(s.totals() == pane_totals{6, 2, 4, 4, 3, -90, 3});
}

TEST_CASE("absorbing adds what a child may have counted", "[sketch][summary]") {
  auto child = with_slots(1);
  add(child, "a", 3, 10);
  add(child, "b", 2, 20);
  REQUIRE(shown(child) == "a[3,3] | [0,2]");
  auto parent = with_slots(3);
  add(parent, "a", 1, 30);
  add(parent, "c", 1, 5);
  parent.absorb(child);
  REQUIRE(shown(parent) == "a[4,4] c[1,3] | [0,2]");
  REQUIRE(of(parent, "b") == bounds{0, 2});
  REQUIRE(parent.totals() == pane_totals{7, 0, 7, 7, 4, 5, 30});
  parent.absorb(child);
  REQUIRE(shown(parent) == "a[7,7] c[1,5] | [0,4]");
  add(parent, "d", -1);  // a base, no filter, a free slot: (u + w, z + w)
  REQUIRE(shown(parent) == "a[7,7] c[1,5] d[-1,3] | [0,4]");
  REQUIRE(parent.is_consistent());
}

TEST_CASE("absorbing into a full parent admits, or turns away", "[sketch][summary]") {
  auto parent = with_slots(1);
  add(parent, "a", 5);
  auto lesser = with_slots(1);
  add(lesser, "b", 3);
  parent.absorb(lesser);
  REQUIRE(shown(parent) == "a[5,5] | [0,3]");
  auto greater = with_slots(1);
  add(greater, "b", 4);
  parent.absorb(greater);  // F(b) = 3: 7 is not below 5
  REQUIRE(shown(parent) == "b[4,7] | [0,5]");
  auto negative = with_slots(1);
  add(negative, "a", -9);
  parent.absorb(negative);
  REQUIRE(shown(parent) == "b[4,7] | [-9,5]");
  REQUIRE(of(parent, "a") == bounds{-9, 5});  // F never falls
}

TEST_CASE("truncate keeps the best by middle, ties by item", "[sketch][summary]") {
  auto s = with_slots(8);
  for (auto const* name : {"d", "b", "c", "a"}) add(s, name, 2);
  add(s, "e", 9);
  add(s, "f", -1);
  s.truncate(3);
  REQUIRE(shown(s) == "e[9,9] a[2,2] b[2,2] | [-1,2]");
  REQUIRE_FALSE(s.is_exact());
  s.truncate(100);
  REQUIRE(shown(s) == "e[9,9] a[2,2] b[2,2] | [-1,2]");
  s.truncate(0);
  REQUIRE(shown(s) == "| [-1,9]");
}

TEST_CASE("forget takes an item out of the totals", "[sketch][summary]") {
  auto s = with_slots(1);
  add(s, "a", 3);
  add(s, "b", 2);
  REQUIRE(forget(s, "a"));
  REQUIRE(shown(s) == "| [0,2]");
  REQUIRE(s.totals().total_lower == 2);
  REQUIRE(s.totals().total_upper == 2);
  REQUIRE_FALSE(forget(s, "b"));  // absent: between 0 and 2
  REQUIRE(s.totals().total_lower == 0);
  REQUIRE(s.totals().total_upper == 2);
  REQUIRE(s.is_consistent());
}

TEST_CASE("a long item makes room by evicting several", "[sketch][summary]") {
  summary s({8, 3 * (capacity::entry_charge + 1)}, seed);
  for (auto const* name : {"a", "b", "c"}) add(s, name, 1);
  add(s, "b", 9);
  add(s, std::string(30, 'x'), 5);
  // a goes and c moves into its slot; c goes and the new one takes its place.
  REQUIRE(shown(s) == std::string(30, 'x') + "[5,5] b[10,10] | [0,1]");
  REQUIRE(s.evictions() == 2);
  add(s, std::string(90, 'y'), 7);  // would need all of the bytes: x goes, b is greater
  REQUIRE(shown(s) == "b[10,10] | [0,7]");
}

TEST_CASE("add is undone by running out of memory", "[sketch][summary]") {
  std::string const long_name(100, 'x');
  std::vector<std::pair<std::string, std::int64_t>> const events = {
      {"a", 1},  {long_name, 2},       {"b", 1},  {"c", 1},  {long_name + "2", 3}, {"d", -2},
      {"b", -5}, {long_name + "3", 9}, {"c", -1}, {"e", -1}, {long_name + "4", 99}};
  for (std::uint32_t const slots : {1U, 2U, 3U, 8U}) {
    auto s = with_slots(slots);
    for (auto const& event : events) {
      auto const weight = event.second;
      auto const what = item::text(event.first);
      auto const hash = hash_item(what, seed);
      auto const before = s.encode();
      long nth = 1;
      while (topk::test::fails_at(nth, [&] { s.add(what, hash, weight, 7); })) {
        REQUIRE(s.encode() == before);
        REQUIRE(s.is_consistent());
        ++nth;
      }
      REQUIRE(s.encode() != before);
    }
  }
}
