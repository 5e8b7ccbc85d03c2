// A hash table from items to values, in insertion order until something is erased.
//
//   index_     [ 0 | 3 | 0 | 1 | 2 | 0 | ... ]   entry number + 1, 0 is free; at most half full
//   entries_   [ {key, hash, value} ... ]        dense
//
// Linear probing. Erasing moves the last entry into the gap and shifts the probe chain back, so
// there are no tombstones. Keys are compared only when all 64 bits of their hashes agree.
// References are valid until the next insert or erase. All its memory, the bytes of long items
// included, is charged to a budget where it has one: what inserts may then throw over_budget, and
// has changed nothing.
//
// Not sketch/slot_index, which would save the probing here: its groups of tags cost a fifth to a
// third more instructions for a lookup or an insert at the half load of this index.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/item.hpp"
#include "base/memory_budget.hpp"

namespace topk::stream {

// A place in a vector, or nowhere. Four bytes, where std::optional takes eight.
class slot_ref {
 public:
  constexpr slot_ref() noexcept = default;  // nowhere
  constexpr explicit slot_ref(std::uint32_t at) noexcept : at_(at) {}

  constexpr explicit operator bool() const noexcept { return at_ != nowhere; }
  // Requires: not nowhere.
  constexpr std::uint32_t operator*() const noexcept { return at_; }

 private:
  static constexpr std::uint32_t nowhere = 0xFFFFFFFF;

  std::uint32_t at_ = nowhere;
};

template <class Value>
class item_map {
 public:
  struct entry {
    entry(item_view const& of, std::uint64_t hash_of) : key(of), hash(hash_of) {}

    item key;
    std::uint64_t hash;
    Value value{};
  };
  using entry_list = budgeted<entry>;

  explicit item_map(memory_budget* budget = nullptr) noexcept
      : entries_(budget_allocator<entry>(budget)), index_(budget_allocator<std::uint32_t>(budget)),
        long_items_(budget) {}

  [[nodiscard]] Value* find(item_view const& key, std::uint64_t hash) noexcept {
    auto const at = position(key, hash);
    return at == none ? nullptr : &entries_[index_[at] - 1].value;
  }
  [[nodiscard]] Value const* find(item_view const& key, std::uint64_t hash) const noexcept {
    return const_cast<item_map*>(this)->find(key, hash);
  }
  [[nodiscard]] bool contains(item_view const& key, std::uint64_t hash) const noexcept {
    return position(key, hash) != none;
  }

  // Where the key's entry lies in entries().
  [[nodiscard]] slot_ref position_of(item_view const& key, std::uint64_t hash) const noexcept {
    auto const at = position(key, hash);
    return at == none ? slot_ref() : slot_ref(index_[at] - 1);
  }

  // The value of the key, inserted as Value{} if it was absent.
  Value& find_or_insert(item_view const& key, std::uint64_t hash) {
    if (entries_.size() + 1 > index_.size() / 2) grow();
    auto at = home(hash);
    for (; index_[at] != 0; at = (at + 1) & mask()) {
      auto& one = entries_[index_[at] - 1];
      if (one.hash == hash && one.key.view() == key) return one.value;
    }
    std::size_t const on_heap = item::heap_bytes_of(key);
    long_items_.add(on_heap);
    try {
      entries_.emplace_back(key, hash);
    } catch (...) {
      long_items_.subtract(on_heap);
      throw;
    }
    auto& made = entries_.back();
    index_[at] = static_cast<std::uint32_t>(entries_.size());
    return made.value;
  }

  // Addresses to prefetch for a lookup to come: its index slot `index_ahead` lookups before it,
  // its entry, which that slot names, `entry_ahead` before it. Returned rather than prefetched
  // here, because g++ drops a function whose only effect is a prefetch.
  [[nodiscard]] void const* index_address(std::uint64_t hash) const noexcept {
    return index_.empty() ? nullptr : &index_[home(hash)];
  }
  [[nodiscard]] void const* entry_address(std::uint64_t hash) const noexcept {
    if (index_.empty()) return nullptr;
    auto const number = index_[home(hash)];
    return number == 0 ? nullptr : &entries_[number - 1].hash;
  }
  // Long enough to come from memory, short enough to stay in the cache.
  static constexpr std::size_t entry_ahead = 8;
  static constexpr std::size_t index_ahead = 2 * entry_ahead;

  // Makes room for exactly this many more keys.
  void reserve(std::size_t more) {
    std::size_t const wanted = entries_.size() + more;
    entries_.reserve(wanted);
    if (wanted > index_.size() / 2) grow_index(std::bit_ceil(wanted * 2));
  }
  // Makes room for about this many keys in all, or for fewer where the budget has no more than four
  // times that: a guess that is too large must not be what does not fit. shrink() once they are
  // there.
  void reserve_guess(std::size_t keys) {
    if (auto const* const budget = entries_.get_allocator().budget(); budget != nullptr) {
      keys = std::min(keys, budget->room() / (4 * sizeof(entry)));
    }
    entries_.reserve(keys);
  }
  // Frees what a guess was too large by, where that is more than growing would have left unused.
  void shrink() {
    if (entries_.capacity() / 2 > entries_.size()) entries_.shrink_to_fit();
  }

  // Removes the key if it is there.
  void erase(item_view const& key, std::uint64_t hash) noexcept {
    auto const at = position(key, hash);
    if (at == none) return;
    auto const gone = index_[at];
    long_items_.subtract(item::heap_bytes_of(entries_[gone - 1].key));
    close_gap(at);
    if (gone != entries_.size()) {
      auto const last = static_cast<std::uint32_t>(entries_.size());
      auto moved = home(entries_.back().hash);
      while (index_[moved] != last) moved = (moved + 1) & mask();
      index_[moved] = gone;
      entries_[gone - 1] = std::move(entries_.back());
    }
    entries_.pop_back();
  }

  void clear() noexcept {
    entries_.clear();
    index_.clear();
    long_items_.clear();
  }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] entry_list const& entries() const noexcept { return entries_; }
  [[nodiscard]] entry_list& entries() noexcept { return entries_; }

 private:
  static constexpr std::size_t none = ~std::size_t{0};

  [[nodiscard]] std::size_t mask() const noexcept { return index_.size() - 1; }
  // The high bits: the low ones choose the cells of a summary's filter and are used up there.
  [[nodiscard]] std::size_t home(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>(hash >> 32) & mask();
  }
  [[nodiscard]] std::size_t position(item_view const& key, std::uint64_t hash) const noexcept {
    if (index_.empty()) return none;
    for (auto at = home(hash); index_[at] != 0; at = (at + 1) & mask()) {
      auto const& one = entries_[index_[at] - 1];
      if (one.hash == hash && one.key.view() == key) return at;
    }
    return none;
  }
  void place(std::uint64_t hash, std::uint32_t number) noexcept {
    auto at = home(hash);
    while (index_[at] != 0) at = (at + 1) & mask();
    index_[at] = number;
  }
  void close_gap(std::size_t gap) noexcept {
    for (auto at = gap;;) {
      at = (at + 1) & mask();
      if (index_[at] == 0) break;
      auto const wanted = home(entries_[index_[at] - 1].hash);
      if (((at - wanted) & mask()) >= ((at - gap) & mask())) {
        index_[gap] = index_[at];
        gap = at;
      }
    }
    index_[gap] = 0;
  }
  void grow() { grow_index(std::bit_ceil((entries_.size() + 1) * 4)); }
  void grow_index(std::size_t places) {
    budgeted<std::uint32_t> wider(places, 0, index_.get_allocator());
    index_.swap(wider);
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      place(entries_[i].hash, static_cast<std::uint32_t>(i + 1));
    }
  }

  entry_list entries_;
  budgeted<std::uint32_t> index_;  // number of the entry + 1; 0 is free
  memory_charge long_items_;
};

}  // namespace topk::stream
