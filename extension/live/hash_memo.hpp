// Remembers hashes that were met, in a bounded table: for those it has, a lookup in the file is
// spared; for others it says nothing.
//
//   places_   [ a | 0 | b | c | 0 | 0 | d | 0 ]   0 is free
//
// A hash lies in one of the four places from its own on. Where all are taken, the first of them is
// written over. The table grows with what it is given, up to its limit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace topk::live {

class hash_memo {
 public:
  explicit hash_memo(std::size_t most_bytes) noexcept
      : most_places_(std::max(most_bytes / sizeof(std::uint64_t) / 2, least_places)) {}

  [[nodiscard]] bool has(std::uint64_t hash) const noexcept {
    if (places_.empty()) return false;
    for (std::size_t i = 0; i < reach; ++i) {
      if (places_[place_of(hash + i)] == known(hash)) return true;
    }
    return false;
  }
  void note(std::uint64_t hash) {
    if (has(hash)) return;
    if (noted_ >= places_.size() / 2 && 2 * places_.size() <= most_places_) grow();
    place(known(hash));
    ++noted_;
  }
  void clear() noexcept {
    places_ = {};
    noted_ = 0;
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return places_.capacity() * sizeof(std::uint64_t);
  }

 private:
  static constexpr std::size_t least_places = 64;
  static constexpr std::size_t reach = 4;

  // 0 means free, and shares its place with 1.
  [[nodiscard]] static std::uint64_t known(std::uint64_t hash) noexcept {
    return hash == 0 ? 1 : hash;
  }
  [[nodiscard]] std::size_t place_of(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>(hash) & (places_.size() - 1);
  }
  void place(std::uint64_t hash) noexcept {
    for (std::size_t i = 0; i < reach; ++i) {
      auto& at = places_[place_of(hash + i)];
      if (at != 0) continue;
      at = hash;
      return;
    }
    places_[place_of(hash)] = hash;
  }
  void grow() {
    std::vector<std::uint64_t> wider(std::max(2 * places_.size(), least_places), 0);
    places_.swap(wider);
    for (auto const hash : wider) {
      if (hash != 0) place(hash);
    }
  }

  std::size_t most_places_;
  std::vector<std::uint64_t> places_;  // a power of two, or none
  std::size_t noted_ = 0;
};

}  // namespace topk::live
