// One test for each guarantee that sketch/summary.hpp names, against exact counts.
#include <catch2/catch.hpp>

#include "summary_harness.hpp"

using namespace topk;
using namespace topk::test;

namespace {

constexpr std::uint32_t slot_counts[] = {1, 2, 3, 8, 64};
constexpr std::uint64_t seeds[] = {1, 2};

// Calls check(kind, slots, seed, stream) for every combination.
template <class Check>
void for_each_stream(std::size_t length, Check&& check) {
  for (auto const kind : all_kinds) {
    for (auto const slots : slot_counts) {
      for (auto const seed : seeds) {
        INFO("kind " << static_cast<int>(kind) << ", " << slots << " slots, seed " << seed);
        check(slots, make_stream(kind, slots, length, seed));
      }
    }
  }
}

// A few stored children and one parent, with everything that can happen to them in between.
class pane_story {
 public:
  pane_story(std::uint32_t slots, std::uint64_t seed)
      : limits_{slots, many_bytes}, random_(seed), parent_(limits_, hash_seed) {}

  void run(std::vector<event> const& stream) {
    std::size_t const pane_length = 60 + below(100);
    for (std::size_t from = 0; from < stream.size(); from += pane_length) {
      auto const to = std::min(stream.size(), from + pane_length);
      form_and_absorb({stream.begin() + static_cast<std::ptrdiff_t>(from),
                       stream.begin() + static_cast<std::ptrdiff_t>(to)});
      late_events();
      if (below(4) == 0) parent_ = reload(parent_, limits_);
      if (below(5) == 0) parent_.truncate(below(parent_.size() + 1));
      if (below(6) == 0) forget_one();
      REQUIRE(first_violation(parent_, parent_exact_) == "");
      REQUIRE(parent_.is_consistent());
    }
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  void form_and_absorb(std::vector<event> const& events) {
    summary child(limits_, hash_seed);
    exact_counts exact(hash_seed);
    for (auto const& e : events) {
      add(child, e.what, e.weight, e.time);
      exact.add(e.what, e.weight);
    }
    if (below(2) == 0) child.close();
    if (below(3) == 0) child.truncate(child.size() / 2);
    for (auto i = below(8); i > 0; --i) {  // late in the child, after it was cut
      auto const& e = events[below(events.size())];
      add(child, e.what, -e.weight, e.time);
      exact.add(e.what, -e.weight);
    }
    REQUIRE(first_violation(child, exact) == "");
    if (below(2) == 0) {
      parent_.absorb(child);
    } else {
      auto const bytes = child.encode();
      auto const stored = stored_summary::parse(bytes);
      REQUIRE(stored);
      parent_.absorb(*stored);
    }
    parent_exact_.add(exact);
  }

  void late_events() {
    for (auto i = below(10); i > 0; --i) {
      auto const what = nth_item(below(100));
      auto const weight = static_cast<std::int64_t>(below(9)) - 4;
      add(parent_, what, weight);
      parent_exact_.add(what, weight);
    }
  }

  void forget_one() {
    item const what = parent_exact_.records()[below(parent_exact_.records().size())].what;
    bool const was_held = holds(parent_, what);
    REQUIRE(parent_.forget(what, hash_of(what)) == was_held);
    REQUIRE_FALSE(holds(parent_, what));
    parent_exact_.forget(what);
  }

  capacity limits_;
  std::mt19937_64 random_;
  summary parent_;
  exact_counts parent_exact_{hash_seed};
};

}  // namespace

TEST_CASE("bounds_hold", "[property][sketch]") {
  for_each_stream(4000, [](std::uint32_t slots, std::vector<event> const& stream) {
    summary s({slots, many_bytes}, hash_seed);
    exact_counts exact(hash_seed);
    for (std::size_t i = 0; i < stream.size(); ++i) {
      add(s, stream[i].what, stream[i].weight, stream[i].time);
      exact.add(stream[i].what, stream[i].weight);
      if (i % 17 != 0) continue;
      REQUIRE(first_violation(s, exact) == "");
      REQUIRE(s.is_consistent());
    }
    REQUIRE(first_violation(s, exact) == "");
  });
}

TEST_CASE("bounds_hold through absorbing, cutting, reloading, late events and forgetting",
          "[property][sketch]") {
  for_each_stream(4000, [](std::uint32_t slots, std::vector<event> const& stream) {
    pane_story(slots, stream.size() + slots).run(stream);
  });
}

TEST_CASE("u_never_falls", "[property][sketch]") {
  for_each_stream(4000, [](std::uint32_t slots, std::vector<event> const& stream) {
    summary s({slots, many_bytes}, hash_seed);
    std::mt19937_64 random(slots);
    bounds before;
    for (auto const& e : stream) {
      add(s, e.what, e.weight, e.time);
      if (random() % 300 == 0) s.truncate(s.size() / 2);
      if (random() % 100 == 0) s.forget(e.what, hash_of(e.what));
      if (random() % 100 == 0) s = reload(s, {slots, many_bytes});
      REQUIRE(s.absent().upper >= before.upper);
      REQUIRE(s.absent().lower <= before.lower);
      before = s.absent();
    }
  });
}

TEST_CASE("u_at_most_gross_over_m", "[property][sketch]") {
  for_each_stream(4000, [](std::uint32_t slots, std::vector<event> const& stream) {
    summary s({slots, many_bytes}, hash_seed);
    for (auto const& e : stream) {
      add(s, e.what, e.weight, e.time);
      REQUIRE(s.absent().upper <= s.totals().gross_in / slots);
    }
  });
}

TEST_CASE("evict_writes_both_rows", "[property][sketch]") {
  // With one slot the only entry is the victim, and what was evicted reads as what it had.
  for (std::int64_t i = 1; i <= 200; ++i) {
    summary one({1, many_bytes}, hash_seed);
    add(one, item::integer(i), 5);
    add(one, item::integer(-i), 6);
    REQUIRE(one.size() == 1);
    REQUIRE(holds(one, item::integer(-i)));
    REQUIRE(estimate(one, item::integer(i)) == bounds{0, 5});
  }
  // Whatever leaves the slots was inside its last bounds, and still is.
  for_each_stream(600, [](std::uint32_t slots, std::vector<event> const& stream) {
    summary s({slots, many_bytes}, hash_seed);
    for (auto const& e : stream) {
      std::vector<std::pair<item, bounds>> held;
      for (std::size_t slot = 0; slot < s.size(); ++slot) {
        auto const entry = s.entry(slot);
        if (entry.item != e.what) held.push_back({item(entry.item), {entry.lo, entry.hi}});
      }
      add(s, e.what, e.weight, e.time);
      for (auto const& [what, had] : held) {
        auto const has = estimate(s, what);
        REQUIRE(has.lower <= had.lower);
        REQUIRE(has.upper >= had.upper);
      }
    }
  });
}

TEST_CASE("freed_slot_inherits_filter", "[property][sketch]") {
  for (std::int64_t w = 1; w < 50; ++w) {
    summary s({1, many_bytes}, hash_seed);
    add(s, item::text("held"), 100);
    add(s, item::text("turned away"), w);
    add(s, item::text("turned away"), w);
    REQUIRE(estimate(s, item::text("turned away")) == bounds{0, 2 * w});
    add(s, item::text("held"), -100);  // worthless: its slot is free again
    REQUIRE(s.size() == 0);
    add(s, item::text("turned away"), 3);
    REQUIRE(s.size() == 1);
    REQUIRE(s.entry(0).hi == 2 * w + 3);
    REQUIRE(s.entry(0).lo == 3);
  }
  // And with debts: what was retracted while absent is in the lower bound.
  summary s({1, many_bytes}, hash_seed);
  add(s, item::text("held"), 100);
  add(s, item::text("owing"), 7);
  add(s, item::text("owing"), -4);
  add(s, item::text("held"), -100);
  add(s, item::text("owing"), 1);
  REQUIRE(s.entry(0).hi == 8);
  REQUIRE(s.entry(0).lo == -3);
}

TEST_CASE("truncate_keeps_bounds", "[property][sketch]") {
  auto const check = [](std::uint32_t slots, std::vector<event> const& stream) {
    exact_counts exact(hash_seed);
    summary whole({slots, many_bytes}, hash_seed);
    for (auto const& e : stream) {
      add(whole, e.what, e.weight, e.time);
      exact.add(e.what, e.weight);
    }
    for (std::size_t keep = 0; keep <= whole.size(); ++keep) {
      summary cut = reload(whole, {slots, many_bytes});
      cut.truncate(keep);
      REQUIRE(cut.size() == keep);
      REQUIRE_FALSE(cut.has_filter());
      REQUIRE(first_violation(cut, exact) == "");
      REQUIRE(cut.is_consistent());
      for (std::size_t slot = 1; slot < keep; ++slot) {  // in order: middle, then item
        auto const a = cut.entry(slot - 1);
        auto const b = cut.entry(slot);
        auto const is_tie = a.lo + a.hi == b.lo + b.hi;
        REQUIRE((is_tie ? item_before(a.item, b.item) : a.lo + a.hi > b.lo + b.hi));
      }
      for (std::size_t slot = 0; slot < keep; ++slot) {  // what stays keeps its bounds
        auto const entry = cut.entry(slot);
        REQUIRE(estimate(whole, entry.item) == bounds{entry.lo, entry.hi});
      }
    }
  };
  for_each_stream(10, check);  // still exact, where there are slots enough
  for_each_stream(400, check);
}

TEST_CASE("merge_any_order_equal", "[property][sketch]") {
  for_each_stream(800, [](std::uint32_t slots, std::vector<event> const& stream) {
    std::vector<std::vector<std::byte>> children;
    exact_counts exact(hash_seed);
    for (std::size_t from = 0; from < stream.size(); from += 100) {
      summary child({slots, many_bytes}, hash_seed);
      for (std::size_t i = from; i < std::min(from + 100, stream.size()); ++i) {
        add(child, stream[i].what, stream[i].weight, stream[i].time);
        exact.add(stream[i].what, stream[i].weight);
      }
      child.close();
      children.push_back(child.encode());
    }
    std::mt19937_64 random(slots);
    std::vector<std::byte> first;
    for (int order = 0; order < 4; ++order) {
      summary parent({capacity::most_entries, many_bytes}, hash_seed);
      for (auto const& bytes : children) {
        auto const stored = stored_summary::parse(bytes);
        REQUIRE(stored);
        parent.absorb(*stored);
      }
      REQUIRE(first_violation(parent, exact) == "");
      parent.close();  // into the one order that depends on the entries alone
      auto const merged = parent.encode();
      if (order == 0) first = merged;
      REQUIRE(merged == first);
      std::shuffle(children.begin(), children.end(), random);
    }
  });
}
