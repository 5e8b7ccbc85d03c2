// A sum that changes moves its item from one bucket to another:
//
//   buckets_   sum 7 --> slot 4 <-> slot 0            a list through the slots, in no order
//              sum 3 --> slot 2
//              sum 1 --> slot 9 <-> slot 5 <-> ...    a big one also keeps its least items sorted
//
// With weights of 1 the new bucket is a neighbour of the old one in the map, found in one step. A
// slot that empties is filled by the last slot, whose links and place in `least` are corrected.
//
// `least` is a cache of the items that an answer takes first from a bucket of equal sums. It may
// hold fewer than the bucket; it may not lack an item that comes before its greatest. Adding to it
// never allocates, so that a step cannot fail half way: when it is full, its greater half goes.
#include "sketch/frame_counts.hpp"

#include <algorithm>

namespace topk::sketch {
namespace {

// Up to this size a bucket is sorted when asked; a bigger one keeps this many of its least items
// and a sixteenth of all of them.
constexpr std::size_t small_bucket = 64;

}  // namespace

void frame_counts::add(item_view const& item, std::uint64_t hash, std::int64_t weight) {
  if (weight == 0) return;
  std::uint32_t const found = index_.find(
      hash, [&](std::uint32_t at) { return slots_[at].hash == hash && items_[at].view() == item; });
  if (found != none) {  // known: move it to the bucket of its new sum
    std::int64_t const sum = slots_[found].sum + weight;
    if (sum == 0) return remove(found);
    if (is_ordered_) {
      auto const from = slots_[found].in;
      auto const to = bucket_of(sum, from);
      unlink(found);
      link(to, found);
      if (from->second.size == 0) buckets_.erase(from);
    }
    slots_[found].sum = sum;
    return;
  }
  if (slots_.size() == index_.room()) {
    index_.reserve(std::max<std::size_t>(2 * slots_.size(), 16),
                   static_cast<std::uint32_t>(slots_.size()),
                   [&](std::uint32_t at) { return slots_[at].hash; });
  }
  // New. All that may throw comes before the first change.
  topk::item owned(item);
  auto const room = [](auto& of) {
    if (of.size() == of.capacity()) of.reserve(std::max<std::size_t>(2 * of.size(), 8));
  };
  room(slots_);
  room(items_);
  auto const to = is_ordered_ ? bucket_of(weight, buckets_.end()) : buckets_.end();
  auto const at = static_cast<std::uint32_t>(slots_.size());  // nothing below throws
  slots_.push_back({hash, weight, to, none, none});
  items_.push_back(std::move(owned));
  index_.insert(hash, at);
  if (is_ordered_) link(to, at);
}

// Frees the slot; the last one moves into it.
void frame_counts::remove(std::uint32_t at) noexcept {
  if (is_ordered_) {
    auto const from = slots_[at].in;
    unlink(at);
    if (from->second.size == 0) buckets_.erase(from);
  }
  index_.erase(slots_[at].hash, at, [&](std::uint32_t held) { return slots_[held].hash; });
  auto const last = static_cast<std::uint32_t>(slots_.size() - 1);
  if (at != last) {
    index_.move(slots_[last].hash, last, at);
    if (is_ordered_) {
      slot const& moved = slots_[last];
      bucket& home = moved.in->second;
      if (moved.before == none) home.first = at;
      if (moved.before != none) slots_[moved.before].after = at;
      if (moved.after != none) slots_[moved.after].before = at;
      auto const kept = place_in_least(home, last);
      if (kept != home.least.end() && *kept == last) *kept = at;
    }
    slots_[at] = slots_[last];
    items_[at] = std::move(items_[last]);
  }
  slots_.pop_back();
  items_.pop_back();
}

// The buckets first, since they may throw; then the links.
void frame_counts::keep_order() {
  if (is_ordered_) return;
  for (auto const& one : slots_) buckets_.try_emplace(one.sum);
  is_ordered_ = true;
  for (std::uint32_t at = 0; at < slots_.size(); ++at) link(buckets_.find(slots_[at].sum), at);
}

// The bucket of this sum, made if it is missing. A neighbour of `near` is found without a search.
frame_counts::bucket_map::iterator frame_counts::bucket_of(std::int64_t sum,
                                                           bucket_map::iterator near) {
  auto at = near;
  if (near == buckets_.end()) {
    at = buckets_.lower_bound(sum);
  } else if (sum > near->first) {
    ++at;
    if (at != buckets_.end() && at->first < sum) at = buckets_.lower_bound(sum);
  } else if (near != buckets_.begin() && std::prev(near)->first >= sum) {
    --at;
    if (at->first > sum) at = buckets_.lower_bound(sum);
  }
  if (at != buckets_.end() && at->first == sum) return at;
  return buckets_.emplace_hint(at, sum, bucket{});
}

// Where the slot is in `least`, or would be: the first that does not come after it.
std::vector<std::uint32_t>::iterator frame_counts::place_in_least(bucket& of, std::uint32_t at) {
  return std::partition_point(of.least.begin(), of.least.end(),
                              [&](std::uint32_t other) { return comes_before(at, other); });
}

void frame_counts::link(bucket_map::iterator to, std::uint32_t at) noexcept {
  bucket& home = to->second;
  if (!home.least.empty() &&
      (home.least.size() == home.size || comes_before(at, home.least.front()))) {
    if (home.least.size() == home.least.capacity()) {  // the greater half goes: no allocation here
      auto const half = static_cast<std::ptrdiff_t>(home.least.size() / 2);
      home.least.erase(home.least.begin(), home.least.begin() + half);
    }
    if (home.least.size() == home.size || comes_before(at, home.least.front())) {
      home.least.insert(place_in_least(home, at), at);
    }
  }
  slot& linked = slots_[at];
  linked.in = to;
  linked.before = none;
  linked.after = home.first;
  if (home.first != none) slots_[home.first].before = at;
  home.first = at;
  ++home.size;
}

// Leaves the bucket in place, even if it is empty now: the caller may still need its neighbours.
void frame_counts::unlink(std::uint32_t at) noexcept {
  slot const& linked = slots_[at];
  bucket& home = linked.in->second;
  if (auto const kept = place_in_least(home, at); kept != home.least.end() && *kept == at) {
    home.least.erase(kept);
  }
  if (linked.before == none) home.first = linked.after;
  if (linked.before != none) slots_[linked.before].after = linked.after;
  if (linked.after != none) slots_[linked.after].before = linked.before;
  --home.size;
}

// The `count` least items of the bucket, ascending. Requires: count <= of.size.
void frame_counts::append_least(bucket& of, std::size_t count, std::vector<entry_view>& to) {
  auto const greater = [&](std::uint32_t a, std::uint32_t b) { return comes_before(b, a); };
  if (of.least.size() < count && of.least.size() < of.size) {
    std::vector<std::uint32_t> members;
    std::size_t const wanted =
        of.size <= small_bucket
            ? of.size
            : std::min<std::size_t>(of.size, count + small_bucket + of.size / 16);
    members.reserve(of.size);
    for (std::uint32_t at = of.first; at != none; at = slots_[at].after) members.push_back(at);
    auto const cut = members.end() - static_cast<std::ptrdiff_t>(wanted);
    if (cut != members.begin()) std::nth_element(members.begin(), cut, members.end(), greater);
    std::vector<std::uint32_t> least;
    least.reserve(2 * wanted);
    least.assign(cut, members.end());
    std::sort(least.begin(), least.end(), greater);
    of.least = std::move(least);
  }
  for (std::size_t i = 0; i < count; ++i) to.push_back(entry(of.least[of.least.size() - 1 - i]));
  // A small bucket is sorted at every question: keeping its list up to date would cost more.
  if (of.size <= small_bucket) of.least.clear();
}

std::vector<entry_view> frame_counts::top(std::size_t k) {
  std::vector<entry_view> rows;
  if (is_ordered_) {
    for (auto at = buckets_.rbegin(); at != buckets_.rend() && at->first > 0 && rows.size() < k;
         ++at) {
      append_least(at->second, std::min<std::size_t>(k - rows.size(), at->second.size), rows);
    }
    return rows;
  }
  for (std::size_t at = 0; at < size(); ++at) {
    if (slots_[at].sum > 0) rows.push_back(entry(at));
  }
  auto const end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(k, rows.size()));
  std::partial_sort(rows.begin(), end, rows.end(), [](entry_view const& a, entry_view const& b) {
    return a.lo != b.lo ? a.lo > b.lo : item_before(a.item, b.item);
  });
  rows.erase(end, rows.end());
  return rows;
}

bool frame_counts::is_consistent() const {
  if (items_.size() != slots_.size()) return false;
  if (!is_ordered_) return buckets_.empty();
  std::size_t members = 0;
  for (auto const& [sum, of] : buckets_) {
    std::size_t here = 0;
    for (auto at = of.first; at != none; at = slots_[at].after, ++here) {
      if (slots_[at].sum != sum || here > of.size) return false;
      bool const is_kept = std::find(of.least.begin(), of.least.end(), at) != of.least.end();
      if (!of.least.empty() && !is_kept && !comes_before(of.least.front(), at)) return false;
    }
    if (here != of.size || here == 0 || of.least.size() > here) return false;
    members += here;
  }
  return members == slots_.size();
}

}  // namespace topk::sketch
