// The guarantees of sketch/summary.hpp that concern storing, late events, totals and limits.
#include <catch2/catch.hpp>

#include "summary_harness.hpp"

using namespace topk;
using namespace topk::test;

namespace {

summary filled(std::vector<event> const& stream, capacity limits) {
  summary s(limits, hash_seed);
  for (auto const& e : stream) add(s, e.what, e.weight, e.time);
  return s;
}

std::vector<event> stream_of(stream_kind kind, std::uint32_t slots, std::size_t length) {
  INFO("kind " << static_cast<int>(kind) << ", " << slots << " slots");
  return make_stream(kind, slots, length, 5);
}

}  // namespace

TEST_CASE("late_delta_is_w_w", "[property][sketch]") {
  for (auto const kind : all_kinds) {
    for (std::uint32_t const slots : {1U, 3U, 16U}) {
      auto const closed = [&] {
        auto s = filled(stream_of(kind, slots, 500), {slots, many_bytes});
        s.close();
        return s;
      }();
      auto const [z, u] = closed.absent();
      for (std::int64_t const w : {1, 7, -1, -9}) {
        auto late = reload(closed, {2 * slots, many_bytes});
        auto const newcomer = item::text("late");
        add(late, newcomer, w);
        REQUIRE(holds(late, newcomer));
        REQUIRE(estimate(late, newcomer) == bounds{z + w, u + w});
        REQUIRE(late.absent() == closed.absent());
        for (std::size_t slot = 0; slot < closed.size(); ++slot) {
          auto const entry = closed.entry(slot);
          if (entry.hi + w <= 0) continue;  // then it is dropped: bounds_hold covers that
          add(late, entry.item, w);
          REQUIRE(estimate(late, entry.item) == bounds{entry.lo + w, entry.hi + w});
        }
        REQUIRE(late.is_consistent());
      }
    }
  }
}

TEST_CASE("total_bounds", "[property][sketch]") {
  for (auto const kind : all_kinds) {
    for (std::uint32_t const slots : {1U, 3U, 16U}) {
      summary s({slots, many_bytes}, hash_seed);
      exact_counts exact(hash_seed);
      std::mt19937_64 random(slots);
      bool has_forgotten = false;
      for (auto const& e : stream_of(kind, slots, 600)) {
        add(s, e.what, e.weight, e.time);
        exact.add(e.what, e.weight);
        bounds const total{s.totals().total_lower, s.totals().total_upper};
        REQUIRE(contains(total, exact.total()));
        if (!has_forgotten) REQUIRE(total == bounds{exact.total(), exact.total()});
        if (random() % 50 != 0) continue;
        s.forget(e.what, hash_of(e.what));
        exact.forget(e.what);
        has_forgotten = true;
      }
      summary parent({slots, many_bytes}, hash_seed);
      parent.absorb(s);
      parent.absorb(s);
      REQUIRE(parent.totals().total_lower == 2 * s.totals().total_lower);
      REQUIRE(parent.totals().total_upper == 2 * s.totals().total_upper);
      REQUIRE(parent.totals().events == 2 * s.totals().events);
      REQUIRE(parent.totals().first == s.totals().first);
      REQUIRE(parent.totals().last == s.totals().last);
    }
  }
}

TEST_CASE("fold_is_pure", "[property][sketch]") {
  for (auto const kind : all_kinds) {
    for (std::uint32_t const slots : {1U, 2U, 3U, 8U, 40U}) {
      capacity const limits{slots, kind == stream_kind::byte_heavy ? slots * 80U : many_bytes};
      auto const stream = stream_of(kind, slots, 700);
      summary never(limits, hash_seed);
      std::vector<summary> reloaded;
      std::size_t const periods[] = {1, 2, 7, 50};
      for (std::size_t i = 0; i < std::size(periods); ++i) reloaded.emplace_back(limits, hash_seed);
      for (std::size_t i = 0; i < stream.size(); ++i) {
        add(never, stream[i].what, stream[i].weight, stream[i].time);
        for (std::size_t p = 0; p < std::size(periods); ++p) {
          add(reloaded[p], stream[i].what, stream[i].weight, stream[i].time);
          if (i % periods[p] == 0) reloaded[p] = reload(reloaded[p], limits);
        }
        if (i % 10 != 0) continue;
        auto const bytes = never.encode();
        for (auto const& one : reloaded) REQUIRE(one.encode() == bytes);
      }
    }
  }
}

TEST_CASE("fold_is_pure also for absorbing", "[property][sketch]") {
  for (auto const kind : all_kinds) {
    for (std::uint32_t const slots : {1U, 3U, 20U}) {
      capacity const limits{slots, many_bytes};
      auto const stream = stream_of(kind, slots, 900);
      summary never(limits, hash_seed);
      summary reloaded(limits, hash_seed);
      for (std::size_t from = 0; from + 50 <= stream.size(); from += 50) {
        auto const at = stream.begin() + static_cast<std::ptrdiff_t>(from);
        auto const child = filled({at, at + 50}, limits);
        never.absorb(child);
        auto const bytes = child.encode();
        auto const stored = stored_summary::parse(bytes);
        REQUIRE(stored);
        reloaded.absorb(*stored);
        reloaded = reload(reloaded, limits);
        REQUIRE(reloaded.encode() == never.encode());
      }
    }
  }
}

TEST_CASE("saturation", "[property][sketch]") {
  constexpr std::int64_t cell_end = (std::int64_t{1} << 32) - 1;
  constexpr std::int64_t heaviest = std::int64_t{1} << 40;
  summary s({1, many_bytes}, hash_seed);
  exact_counts exact(hash_seed);
  auto const event = [&](item const& what, std::int64_t weight) {
    add(s, what, weight);
    exact.add(what, weight);
    REQUIRE(first_violation(s, exact) == "");
    REQUIRE(s.is_consistent());
  };
  event(item::text("giant"), heaviest);
  for (std::int64_t const w : {cell_end - 1, std::int64_t{1}, std::int64_t{1}, heaviest / 2}) {
    event(item::text("full"), w);  // a cell just below its end, at it, past it
    event(item::text("small"), 1);
    event(item::text("owing"), -w);
  }
  // A full cell reads as u, so what the cell cannot count is not lost.
  REQUIRE(estimate(s, item::text("full")).upper == s.absent().upper);
  REQUIRE(estimate(s, item::text("owing")).lower == s.absent().lower);
  s = reload(s, {1, many_bytes});
  REQUIRE(first_violation(s, exact) == "");

  // The same relative to a base.
  summary parent({1, many_bytes}, hash_seed);
  for (int i = 0; i < 3; ++i) parent.absorb(s);
  exact_counts thrice(hash_seed);
  for (int i = 0; i < 3; ++i) thrice.add(exact);
  REQUIRE(first_violation(parent, thrice) == "");
  add(parent, item::text("full"), heaviest);
  thrice.add(item::text("full"), heaviest);
  REQUIRE(first_violation(parent, thrice) == "");
}

TEST_CASE("byte_capacity", "[property][sketch]") {
  for (auto const kind : all_kinds) {
    for (std::uint64_t const byte_limit : {1U, 100U, 700U, 5000U}) {
      capacity const limits{50, byte_limit};
      summary s(limits, hash_seed);
      exact_counts exact(hash_seed);
      int step = 0;
      for (auto const& e : stream_of(kind, 50, 700)) {
        add(s, e.what, e.weight, e.time);
        exact.add(e.what, e.weight);
        std::uint64_t charged = 0;
        for (std::size_t slot = 0; slot < s.size(); ++slot) {
          charged += capacity::entry_charge + s.entry(slot).item.bytes.size();
        }
        REQUIRE(s.size() <= limits.entries);
        REQUIRE((s.size() <= 1 || charged <= limits.bytes));
        if (++step % 20 == 0) REQUIRE(first_violation(s, exact) == "");
      }
    }
  }
  // One entry always fits, whatever its size.
  summary tiny({4, 1}, hash_seed);
  add(tiny, item::text(std::string(10'000, 'x')), 1);
  REQUIRE(tiny.size() == 1);
}

TEST_CASE("byte_capacity of a summary loaded under smaller limits", "[property][sketch]") {
  for (std::int64_t const weight : {1, 5, 1000}) {
    exact_counts exact(hash_seed);
    summary large({64, many_bytes}, hash_seed);
    for (std::int64_t i = 1; i <= 64; ++i) {
      add(large, item::integer(i), i);
      exact.add(item::integer(i), i);
    }
    auto small = reload(large, {8, many_bytes});
    REQUIRE(small.size() == 64);
    add(small, item::integer(64), 1);  // held: needs no room
    exact.add(item::integer(64), 1);
    REQUIRE(small.size() == 64);
    add(small, item::text("new"), weight);
    exact.add(item::text("new"), weight);
    // The lesser ones went, one by one; at the first that is greater the newcomer was turned away.
    REQUIRE(small.size() == (weight == 1000 ? 8 : 64 - static_cast<std::size_t>(weight)));
    REQUIRE(first_violation(small, exact) == "");
    REQUIRE(small.is_consistent());
  }
}
