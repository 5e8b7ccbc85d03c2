// A summary of `counters` entries until it is full; then exact counts (sketch/frame_counts) where
// the frame moves, as a summary cannot take a row back.
#include "surface/item_counter.hpp"

namespace topk::surface {

using sketch::bounds;
using sketch::entry_view;
using sketch::frame_counts;

namespace {

// Room in an approximate aggregate for the bytes of its items: long ones may not make it grow.
constexpr std::uint64_t bytes_per_counter = sketch::capacity::entry_charge + 1024;

}  // namespace

void item_counter::take_back(item_view const& item, std::int64_t weight) {
  become_exact();
  if (!frame_) return sketch_->add(item, hash_item(item, seed_), -weight, 0);  // true bounds still
  frame_->add(item, hash_item(item, seed_), -weight);
  (weight > 0 ? gross_in_ : gross_out_) -= weight < 0 ? -weight : weight;
  if (weight != 0) --events_;
}

std::vector<sketch::ranked_entry> item_counter::top(std::size_t k, bool will_move_on) {
  if (will_move_on) become_exact();
  if (!frame_) {
    if (!sketch_) return {};
    return sketch::rank(entries(), sketch_->absent().upper, k);
  }
  if (will_move_on) frame_->keep_order();
  std::vector<sketch::ranked_entry> rows;
  for (auto const& entry : frame_->top(k)) {
    rows.push_back({{entry.item, entry.lo, entry.lo, entry.lo, true}, {entry.lo, entry.lo}});
  }
  return rows;
}

std::vector<std::byte> item_counter::encode(std::size_t counters) const {
  std::int64_t const total = gross_in_ - gross_out_;
  sketch::pane_totals const totals{gross_in_, gross_out_, total, total, events_, 0, 0};
  return sketch::encode_closed(entries(), sketch_ ? sketch_->absent() : bounds{}, totals, counters);
}

std::vector<entry_view> item_counter::entries() const {
  std::vector<entry_view> all;
  std::size_t const size = frame_ ? frame_->size() : sketch_ ? sketch_->size() : 0;
  all.reserve(size);
  for (std::size_t at = 0; at < size; ++at) {
    all.push_back(frame_ ? frame_->entry(at) : sketch_->entry(at));
  }
  return all;
}

void item_counter::begin_sketch(std::size_t counters) {
  sketch_.emplace(
      sketch::capacity{static_cast<std::uint32_t>(counters), counters * bytes_per_counter}, seed_);
}

void item_counter::become_exact() {
  if (frame_ || (sketch_ && !sketch_->is_exact())) return;
  frame_counts exact;
  for (auto const& entry : entries()) exact.add(entry.item, hash_item(entry.item, seed_), entry.lo);
  frame_ = std::move(exact);
  sketch_.reset();
}

}  // namespace topk::surface
