// Finds the slot with the least (value, slot) without keeping all slots in order.
//
// The band is a small heap of the slots that were least at the last scan, about one in eight.
// Values mostly rise, and a rise touches nothing here: a heap key is the slot's value or less, and
// is corrected when it comes to the top. A fall is noted at once. When the band has run dry, one
// scan finds the next. Invariant: every slot with (value, slot) <= edge_ has a node with a key no
// greater. So it is a cache only: it never changes which slot is found. And no slot's value is
// below floor_: both rest on every fall being noted.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace topk::sketch {

class band_minimum {
 public:
  // Makes room to serve `slots` slots; nothing else here allocates. On bad_alloc nothing changed.
  void reserve(std::size_t slots) {
    std::size_t const wanted = slots / 8 + 8;
    if (wanted <= keep_) return;
    nodes_.reserve(2 * wanted);
    keep_ = wanted;
  }

  // The slot's value has fallen, or the slot has new content.
  void note(std::uint32_t slot, std::int64_t value) noexcept {
    floor_ = std::min(floor_, value);
    node const noted{value, slot};
    if (edge_ < noted) return;
    if (nodes_.size() >= 2 * keep_) return forget();  // paid for by as many notes as a scan is long
    nodes_.push_back(noted);
    std::push_heap(nodes_.begin(), nodes_.end(), is_after);
  }

  void forget() noexcept {
    nodes_.clear();
    edge_ = lowest;
  }

  // No slot's value is less than this: the least value found last, unless one has fallen below it
  // since.
  [[nodiscard]] std::int64_t floor() const noexcept { return floor_; }

  // The slot of 0..count-1 with the least (value_of(slot), slot).
  // Requires: count > 0, room reserved, values above the least int64.
  template <class ValueOf>
  [[nodiscard]] std::uint32_t least(std::uint32_t count, ValueOf&& value_of) noexcept {
    for (;;) {
      if (nodes_.empty()) scan(count, value_of);
      node const top = nodes_.front();
      if (top.slot < count) {
        node const now{value_of(top.slot), top.slot};
        if (now.value == top.value) {
          floor_ = now.value;
          return top.slot;
        }
        if (top < now && !(edge_ < now)) {
          sink_top(now);
          continue;
        }
      }
      std::pop_heap(nodes_.begin(), nodes_.end(), is_after);
      nodes_.pop_back();
    }
  }

  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return nodes_.capacity() * sizeof(node);
  }

 private:
  struct node {
    std::int64_t value;
    std::uint32_t slot;
    friend bool operator<(node const& a, node const& b) noexcept {
      return a.value < b.value || (a.value == b.value && a.slot < b.slot);
    }
  };
  static constexpr node lowest{std::numeric_limits<std::int64_t>::min(), 0};
  static constexpr node highest{std::numeric_limits<std::int64_t>::max(), 0xFFFFFFFF};

  [[nodiscard]] static bool is_after(node const& a, node const& b) noexcept { return b < a; }

  // Keeps the keep_ least nodes: a buffer of twice that, halved by selection when it is full.
  template <class ValueOf>
  void scan(std::uint32_t count, ValueOf& value_of) noexcept {
    nodes_.clear();
    edge_ = highest;
    for (std::uint32_t slot = 0; slot < count; ++slot) {
      node const seen{value_of(slot), slot};
      if (edge_ < seen) continue;
      nodes_.push_back(seen);
      if (nodes_.size() == 2 * keep_) cut();
    }
    if (nodes_.size() > keep_) cut();
    std::make_heap(nodes_.begin(), nodes_.end(), is_after);
  }

  void cut() noexcept {
    auto const last = nodes_.begin() + static_cast<std::ptrdiff_t>(keep_ - 1);
    std::nth_element(nodes_.begin(), last, nodes_.end());
    edge_ = *last;
    nodes_.erase(last + 1, nodes_.end());
  }

  // Replaces the top by a greater node.
  void sink_top(node const& heavier) noexcept {
    std::size_t at = 0;
    for (std::size_t child = 1; child < nodes_.size(); child = 2 * at + 1) {
      if (child + 1 < nodes_.size() && nodes_[child + 1] < nodes_[child]) ++child;
      if (!(nodes_[child] < heavier)) break;
      nodes_[at] = nodes_[child];
      at = child;
    }
    nodes_[at] = heavier;
  }

  std::vector<node> nodes_;
  node edge_ = lowest;
  std::int64_t floor_ = lowest.value;
  std::size_t keep_ = 0;
};

}  // namespace topk::sketch
