// Seeded random numbers that are the same on every platform: xoshiro256**, filled by splitmix64
// (Blackman, Vigna. "Scrambled linear pseudorandom number generators", ACM TOMS 47(4), 2021).
// No std distribution is used, since the standard leaves their results open.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace topk::test {

// One step of splitmix64; also mixes a seed and an index into a seed of its own.
[[nodiscard]] constexpr std::uint64_t splitmix(std::uint64_t& state) noexcept {
  state += 0x9E3779B97F4A7C15ULL;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBULL;
  return mixed ^ (mixed >> 31);
}

[[nodiscard]] constexpr std::uint64_t mix_seeds(std::uint64_t seed, std::uint64_t index) noexcept {
  std::uint64_t state = seed * 0xD1342543DE82EF95ULL + index;
  std::uint64_t const first = splitmix(state);
  return first ^ splitmix(state);
}

// A seed out of a name: FNV-1a.
[[nodiscard]] constexpr std::uint64_t seed_of(std::string_view name) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (char const c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

class random_source {
 public:
  explicit random_source(std::uint64_t seed) noexcept {
    for (auto& word : state_) word = splitmix(seed);
  }

  std::uint64_t next() noexcept {
    std::uint64_t const result = rotate(state_[1] * 5, 7) * 9;
    std::uint64_t const shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  // 0 .. n-1. Requires: n > 0. The bias of the remainder does not matter to a test.
  std::uint64_t below(std::uint64_t n) noexcept { return next() % n; }

  // low .. high, both inclusive. Requires: low <= high, and a distance below 2^63.
  std::int64_t between(std::int64_t low, std::int64_t high) noexcept {
    auto const distance = static_cast<std::uint64_t>(high - low) + 1;
    return low + static_cast<std::int64_t>(below(distance));
  }

  bool percent(std::uint64_t chance) noexcept { return below(100) < chance; }

  // 0 .. n-1, small numbers far more often. Requires: n > 0.
  std::size_t skewed(std::size_t n) noexcept {
    return static_cast<std::size_t>(below(below(below(n) + 1) + 1));
  }

  template <class T>
  T const& pick(std::vector<T> const& from) noexcept {
    return from[static_cast<std::size_t>(below(from.size()))];
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t x, int k) noexcept {
    return (x << k) | (x >> (64 - k));
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace topk::test
