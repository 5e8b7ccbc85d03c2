// The first of many items by one order, kept while single items change.
//
// Holds the first `room` of them; every other item ranks after all that are held. Filled by one
// pass over all items: begin, offer or skip each, end. After that, each item that changes is passed
// to update(). An item that falls out leaves a gap that only another pass can fill: has() says
// whether enough are left.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/item.hpp"
#include "base/memory_budget.hpp"
#include "sketch/ranking.hpp"

namespace topk::stream {

using sketch::by_count;
using sketch::by_upper;

// An item and what it is ranked by.
template <class Key>
struct basic_candidate {
  Key key;
  std::uint64_t hash = 0;
  std::int64_t count = 0;
  std::int64_t lower = 0;
  std::int64_t upper = 0;
};
using candidate = basic_candidate<item_view>;  // borrows the item
using leader = basic_candidate<item>;

// The count that an answer shows of an item that the window knows: one whose share rounds to 0 and
// that may be there all the same has 1.
template <class Key>
[[nodiscard]] std::int64_t shown_count(basic_candidate<Key> const& of) noexcept {
  return of.count == 0 && of.upper >= 1 ? 1 : of.count;
}

// `Before` is a total order. On bad_alloc, over_budget included: begin again.
template <class Before>
class leaders {
 public:
  explicit leaders(memory_budget* budget = nullptr) noexcept
      : held_(budget_allocator<leader>(budget)), long_items_(budget) {}

  // Room for this many, of which there may be `items`. Requires: room is at least 1.
  void begin(std::size_t room, std::size_t items) {
    room_ = room;
    held_.clear();
    held_.reserve(std::min(room + 1, items));  // update() may hold one more
    long_items_.clear();
    is_all_ = true;
  }
  void offer(candidate const& one) {
    if (held_.size() == room_) {
      is_all_ = false;
      if (!before_(one, held_.front())) return;
      auto next = made(one);
      std::pop_heap(held_.begin(), held_.end(), before_);
      let_go(held_.back());
      held_.back() = std::move(next);
    } else {
      held_.push_back(made(one));
    }
    std::push_heap(held_.begin(), held_.end(), before_);
  }
  [[nodiscard]] std::size_t room() const noexcept { return room_; }
  // While filled: the last of those held, null as long as there is room.
  [[nodiscard]] leader const* last() const noexcept {
    return held_.size() == room_ ? &held_.front() : nullptr;
  }
  // Items that rank after all that is held were not offered.
  void skip() noexcept { is_all_ = false; }
  // Holds nothing, and frees its memory. Then: begin again.
  void release() noexcept {
    held_.clear();
    held_.shrink_to_fit();
    long_items_.clear();
  }
  void end() { std::sort_heap(held_.begin(), held_.end(), before_); }

  // The item has changed, or is new; `counts`: it is one of the items that are ranked.
  void update(candidate const& one, bool counts) {
    auto const at = std::find_if(held_.begin(), held_.end(), [&](leader const& each) {
      return each.hash == one.hash && each.key.view() == one.key;
    });
    if (at != held_.end()) {
      let_go(*at);
      held_.erase(at);
    }
    if (!counts || (!is_all_ && (held_.empty() || !before_(one, held_.back())))) return;
    held_.insert(std::lower_bound(held_.begin(), held_.end(), one, before_), made(one));
    if (held_.size() <= room_) return;
    let_go(held_.back());
    held_.pop_back();
    is_all_ = false;
  }

  // In order. Only the first size() of all items, unless is_all().
  [[nodiscard]] budgeted<leader> const& in_order() const noexcept { return held_; }
  [[nodiscard]] bool has(std::size_t count) const noexcept {
    return is_all_ || held_.size() >= count;
  }

 private:
  [[nodiscard]] leader made(candidate const& of) {
    long_items_.add(item::heap_bytes_of(of.key));
    return {item(of.key), of.hash, of.count, of.lower, of.upper};
  }
  void let_go(leader const& gone) noexcept { long_items_.subtract(gone.key.heap_bytes()); }

  static constexpr Before before_{};

  budgeted<leader> held_;  // while filled a heap with the last in front, then in order
  std::size_t room_ = 0;
  bool is_all_ = false;
  memory_charge long_items_;
};

}  // namespace topk::stream
