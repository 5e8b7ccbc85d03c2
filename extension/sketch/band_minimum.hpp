// Finds the slot with the least (value, slot) without keeping all slots in order.
//
//   order of (value, slot):   | nodes: a small heap | edge_ |  all other slots              |
//                                                       --> the sweep goes on from here
//
// Every slot before edge_ has a node, with a key no greater than it. Values mostly rise, and a rise
// touches nothing here: a key is corrected when it comes to the top. A fall is noted at once. When
// no node is left, edge_ moves on, slot by slot, to the next with the same value: where most events
// weigh 1, many slots share the least value, and a pass over all of them is paid for by as many
// events. When there is none, one scan finds the least value; where few slots have it, it makes
// nodes of about one slot in eight.
//
// So it is a cache only: it never changes which slot is found. And no slot's value is below floor_.
// Both rest on every fall being noted.
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
    if (!(noted < edge_)) return;
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
      if (nodes_.empty() && sweep(count, value_of)) {
        floor_ = edge_.value;
        return edge_.slot;
      }
      node const top = nodes_.front();
      if (top.slot < count) {
        node const now{value_of(top.slot), top.slot};
        if (now.value == top.value) {
          floor_ = now.value;
          return top.slot;
        }
        if (top < now && now < edge_) {
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
  static constexpr node lowest{std::numeric_limits<std::int64_t>::min(), 0xFFFFFFFF};
  static constexpr node highest{std::numeric_limits<std::int64_t>::max(), 0xFFFFFFFF};

  [[nodiscard]] static bool is_after(node const& a, node const& b) noexcept { return b < a; }

  // Moves edge_ to the next slot of its value, or to the first of the least value if many slots
  // have that. Else scans, and there are nodes.
  template <class ValueOf>
  bool sweep(std::uint32_t count, ValueOf& value_of) noexcept {
    for (; edge_.slot < count; ++edge_.slot) {
      if (value_of(edge_.slot) == edge_.value) return true;
    }
    edge_ = {value_of(0), 0};
    std::uint32_t shared_by = 0;
    for (std::uint32_t slot = 0; slot < count; ++slot) {
      std::int64_t const value = value_of(slot);
      if (value < edge_.value) {
        edge_ = {value, slot};
        shared_by = 0;
      }
      shared_by += value == edge_.value ? 1 : 0;
    }
    if (shared_by >= count / 16) return true;
    scan(count, value_of);
    return false;
  }

  // Keeps the keep_ least nodes: a buffer of twice that, halved by selection when it is full.
  template <class ValueOf>
  void scan(std::uint32_t count, ValueOf& value_of) noexcept {
    edge_ = highest;
    for (std::uint32_t slot = 0; slot < count; ++slot) {
      node const seen{value_of(slot), slot};
      if (!(seen < edge_)) continue;
      nodes_.push_back(seen);
      if (nodes_.size() == 2 * keep_) cut();
    }
    if (nodes_.size() > keep_) cut();
    std::make_heap(nodes_.begin(), nodes_.end(), is_after);
  }

  void cut() noexcept {
    auto const last = nodes_.begin() + static_cast<std::ptrdiff_t>(keep_ - 1);
    std::nth_element(nodes_.begin(), last, nodes_.end());
    edge_ = {last->value, last->slot + 1};
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
