// A limit on bytes and what is charged to it, for a stream and for each part of it.
//
//   stream              limit 12 MiB   [ window 3 | window 1 |  answers  | merge under way |     ]
//     ^                                                                      ^
//     '-- what a part takes, it takes from all above                         |
//   merge under way     limit 6 MiB    [ items | index | item bytes | .. ]---'
//
// Containers charge a budget as they allocate, so the bytes that a vector holds twice while it
// grows are counted, too. If there is no room, the owner is asked to give something up; if that
// does not help, over_budget is thrown.
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace topk {

// There is memory, but the budget allows no more. Caught by whoever set the limit.
class over_budget final : public std::bad_alloc {
 public:
  [[nodiscard]] char const* what() const noexcept override { return "over the memory budget"; }
};

// What an allocation of so many bytes takes from the heap, its header included.
[[nodiscard]] constexpr std::size_t heap_bytes_of(std::size_t bytes) noexcept {
  return bytes == 0 ? 0 : (bytes + 23) / 16 * 16;
}

class memory_budget {
 public:
  // Gives something up that is charged to this budget; false if nothing is left to give up.
  using reclaim = bool (*)(void* owner) noexcept;
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  // `above` must outlive it.
  explicit memory_budget(std::size_t limit = unlimited, memory_budget* above = nullptr) noexcept
      : limit_(limit), above_(above) {}
  memory_budget(memory_budget const&) = delete;
  memory_budget& operator=(memory_budget const&) = delete;
  ~memory_budget() {
    if (above_ != nullptr) above_->give(used_);
  }

  void reclaim_with(reclaim how, void* owner) noexcept {
    how_ = how;
    owner_ = owner;
  }

  // False, and nothing taken: there is no room.
  [[nodiscard]] bool take(std::size_t bytes) noexcept {
    while (used_ > limit_ || bytes > limit_ - used_) {
      if (how_ == nullptr || !how_(owner_)) return false;
    }
    if (above_ != nullptr && !above_->take(bytes)) return false;
    used_ += bytes;
    return true;
  }
  // Requires: taken before.
  void give(std::size_t bytes) noexcept {
    used_ -= bytes;
    if (above_ != nullptr) above_->give(bytes);
  }

  // What is taken already stays taken.
  void set_limit(std::size_t bytes) noexcept { limit_ = bytes; }
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  [[nodiscard]] std::size_t used() const noexcept { return used_; }
  // What may be taken without anything being given up.
  [[nodiscard]] std::size_t room() const noexcept {
    std::size_t const own = used_ > limit_ ? 0 : limit_ - used_;
    return above_ == nullptr ? own : std::min(own, above_->room());
  }

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
  memory_budget* above_;
  reclaim how_ = nullptr;
  void* owner_ = nullptr;
};

// What is free in a budget, or where that is less an n-th of it, for which something is given up.
[[nodiscard]] inline memory_budget part_of(memory_budget& all, std::size_t n) noexcept {
  return memory_budget(std::max(all.room(), all.limit() / n), &all);
}

// Bytes taken by hand, given back when it goes. Null budget: not counted.
class memory_charge {
 public:
  explicit memory_charge(memory_budget* from = nullptr) noexcept : from_(from) {}
  memory_charge(memory_charge&& other) noexcept
      : from_(other.from_), bytes_(std::exchange(other.bytes_, 0)) {}
  memory_charge& operator=(memory_charge&& other) noexcept {
    if (this != &other) {
      clear();
      from_ = other.from_;
      bytes_ = std::exchange(other.bytes_, 0);
    }
    return *this;
  }
  ~memory_charge() { clear(); }

  // Throws over_budget, and has taken nothing then.
  void add(std::size_t bytes) {
    if (bytes == 0) return;
    if (from_ != nullptr && !from_->take(bytes)) throw over_budget();
    bytes_ += bytes;
  }
  void subtract(std::size_t bytes) noexcept {
    if (from_ != nullptr && bytes != 0) from_->give(bytes);
    bytes_ -= bytes;
  }
  void clear() noexcept { subtract(bytes_); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  memory_budget* from_;
  std::size_t bytes_ = 0;
};

// Of containers that charge a budget; with none, it is std::allocator.
template <class T>
class budget_allocator {
 public:
  using value_type = T;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  using is_always_equal = std::false_type;

  explicit budget_allocator(memory_budget* from = nullptr) noexcept : from_(from) {}
  template <class U>
  budget_allocator(budget_allocator<U> const& other) noexcept : from_(other.budget()) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T)) throw std::bad_alloc();
    std::size_t const bytes = count * sizeof(T);
    if (from_ != nullptr && !from_->take(heap_bytes_of(bytes))) throw over_budget();
    try {
      return std::allocator<T>().allocate(count);
    } catch (...) {
      if (from_ != nullptr) from_->give(heap_bytes_of(bytes));
      throw;
    }
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    std::allocator<T>().deallocate(memory, count);
    if (from_ != nullptr) from_->give(heap_bytes_of(count * sizeof(T)));
  }
  [[nodiscard]] memory_budget* budget() const noexcept { return from_; }

  template <class U>
  friend bool operator==(budget_allocator const& a, budget_allocator<U> const& b) noexcept {
    return a.budget() == b.budget();
  }

 private:
  memory_budget* from_;
};

template <class T>
using budgeted = std::vector<T, budget_allocator<T>>;

}  // namespace topk
