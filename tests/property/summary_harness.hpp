// What the property tests of a summary share: seeded streams, the exact counts, and the comparison.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "base/hash.hpp"
#include "kit/exact_counts.hpp"
#include "kit/printers.hpp"
#include "sketch/summary.hpp"

namespace topk::test {

using sketch::bounds;
using sketch::capacity;
using sketch::stored_summary;
using sketch::summary;

inline constexpr std::uint64_t hash_seed = 0x5EED;
inline constexpr std::uint64_t many_bytes = std::uint64_t{1} << 40;

struct event {
  item what;
  std::int64_t weight = 1;
  std::int64_t time = 0;
};

inline std::uint64_t hash_of(item_view item) noexcept { return hash_item(item, hash_seed); }
inline void add(summary& to, item_view item, std::int64_t weight, std::int64_t time = 1) {
  to.add(item, hash_of(item), weight, time);
}
inline bounds estimate(summary const& of, item_view item) noexcept {
  return of.estimate(item, hash_of(item));
}
inline bool holds(summary const& of, item_view item) noexcept {
  for (std::size_t slot = 0; slot < of.size(); ++slot) {
    if (of.entry(slot).item == item) return true;
  }
  return false;
}
inline summary reload(summary const& from, capacity limits) {
  auto const bytes = from.encode();
  auto loaded = summary::decode(bytes, limits, hash_seed);
  if (!loaded) throw loaded.error().message;  // fails the test case
  return *std::move(loaded);
}

inline std::string outside(std::string const& what, std::int64_t truth, bounds const& allowed) {
  return what + ": " + std::to_string(truth) + " is not in [" + std::to_string(allowed.lower) +
         ", " + std::to_string(allowed.upper) + "]";
}
inline bool contains(bounds const& allowed, std::int64_t truth) noexcept {
  return allowed.lower <= truth && truth <= allowed.upper;
}

// The first promise broken for an item ever seen, some never seen, or the total; or nothing.
inline std::string first_violation(summary const& s, exact_counts const& exact) {
  for (auto const& one : exact.records()) {
    auto const allowed = s.estimate(one.what, one.hash);
    if (!contains(allowed, one.count)) return outside("an item", one.count, allowed);
    if (!contains(s.absent(), one.count) && !holds(s, one.what)) {
      return outside("an absent item", one.count, s.absent());
    }
  }
  for (int i = 0; i < 20; ++i) {
    auto const allowed = estimate(s, item::text("never seen " + std::to_string(i)));
    if (!contains(allowed, 0)) return outside("an item never seen", 0, allowed);
    if (allowed.upper > s.absent().upper || allowed.lower < s.absent().lower) {
      return "an absent item's bounds exceed [z, u]";
    }
  }
  bounds const total{s.totals().total_lower, s.totals().total_upper};
  if (!contains(total, exact.total())) return outside("the total", exact.total(), total);
  return {};
}

enum class stream_kind {
  uniform,
  zipf,
  all_distinct,
  round_robin,  // of one item more than there are slots
  one_giant,
  retracted_at_once,  // half the events are taken back by the next one
  retracted_late,     // taken back in another order, some of it more than once
  unmatched,          // weights of either sign, items below zero
  byte_heavy,         // sizes from 0 to 300 bytes
  saturating,         // weights near 2^33: more than a filter cell can count
};
inline constexpr stream_kind all_kinds[] = {
    stream_kind::uniform,        stream_kind::zipf,      stream_kind::all_distinct,
    stream_kind::round_robin,    stream_kind::one_giant, stream_kind::retracted_at_once,
    stream_kind::retracted_late, stream_kind::unmatched, stream_kind::byte_heavy,
    stream_kind::saturating};

// Items of all four storage classes, the same for the same number.
inline item nth_item(std::uint64_t n, std::size_t text_bytes = 8) {
  switch (n % 4) {
    case 0: return item::integer(static_cast<std::int64_t>(n) - 50);
    case 1: return item::real(static_cast<double>(n) + 0.5);
    case 2: return item::blob(std::to_string(n));
    default: break;
  }
  std::string text = "n" + std::to_string(n);
  text.resize(std::max(text.size(), text_bytes), '.');
  return item::text(text);
}

inline std::vector<event> make_stream(stream_kind kind, std::size_t slots, std::size_t length,
                                      std::uint64_t seed) {
  std::mt19937_64 random(seed * 1000 + static_cast<std::uint64_t>(kind));
  auto const below = [&](std::uint64_t n) { return random() % n; };
  std::uint64_t const universe = 4 * slots + 40;
  auto const skewed = [&] {  // about Zipf 1.0: the logarithm of the rank is uniform
    double const u = static_cast<double>(random() >> 11) * 0x1.0p-53;
    return static_cast<std::uint64_t>(std::pow(static_cast<double>(universe), u)) - 1;
  };
  std::vector<event> stream;
  for (std::uint64_t i = 0; stream.size() < length; ++i) {
    event e{nth_item(skewed()), 1, static_cast<std::int64_t>(below(500)) - 200};
    switch (kind) {
      case stream_kind::zipf: break;
      case stream_kind::uniform: e.what = nth_item(below(universe)); break;
      case stream_kind::all_distinct: e.what = nth_item(i); break;
      case stream_kind::round_robin: e.what = nth_item(i % (slots + 1)); break;
      case stream_kind::one_giant:
        e.what = below(2) == 0 ? item::text("the giant") : nth_item(below(universe));
        break;
      case stream_kind::retracted_at_once:
        if (i % 2 == 1) e = {stream.back().what, -stream.back().weight, stream.back().time};
        else e.weight = 1 + static_cast<std::int64_t>(below(9));
        break;
      case stream_kind::retracted_late:
        if (below(3) == 0 && !stream.empty()) {
          event const& earlier = stream[below(stream.size())];
          e = {earlier.what, -std::abs(earlier.weight), e.time};
        }
        break;
      case stream_kind::unmatched:
        e.what = nth_item(below(2) == 0 ? below(universe) : skewed());
        e.weight = static_cast<std::int64_t>(below(21)) - 10;
        break;
      case stream_kind::byte_heavy: {
        auto const n = skewed();  // before the size: arguments are evaluated in no certain order
        e.what = nth_item(n, below(300));
        break;
      }
      case stream_kind::saturating:
        e.weight = static_cast<std::int64_t>(below(std::uint64_t{1} << 33));
        if (below(3) == 0) e.weight = -e.weight;
        break;
    }
    if (e.weight != 0) stream.push_back(std::move(e));
  }
  return stream;
}

}  // namespace topk::test
