// The counts behind the aggregates of the top K: exact ones, or a summary with bounds.
//
//   exact while the items fit ──── one more item ──┬── the frame moves ───► exact for ever
//                                                  └── it does not ───────► a summary: bounded
//
// Whether a frame moves is known from the first xValue or xInverse, or from the running statement's
// program when the summary is about to become inexact.
#pragma once

#include <optional>
#include <vector>

#include "base/hash.hpp"
#include "live/connection.hpp"
#include "sketch/frame_counts.hpp"
#include "sketch/ranking.hpp"
#include "sketch/summary.hpp"

namespace topk::surface {

// Counts items exactly while they fit into `counters`, and for ever in a frame that moves: its rows
// leave again, and SQLite keeps them all anyway. Else a summary with bounds, of bounded memory.
class item_counter {
 public:
  // `function`: how SQLite's program spells a call of it, "name(".
  item_counter(live::connection& host, char const* function)
      : host_(host), function_(function), seed_(host.aggregate_seed()) {}

  // Whatever the number of items.
  void keep_exact() { frame_.emplace(); }

  // False, and nothing added: the sum of all weights would pass 2^62.
  [[nodiscard]] bool add(item_view const& item, std::int64_t weight, std::size_t counters) {
    std::int64_t const magnitude = weight < 0 ? -weight : weight;
    if (magnitude >= greatest_sum - gross()) return false;
    std::uint64_t const hash = hash_item(item, seed_);
    if (frame_) {
      frame_->add(item, hash, weight);
    } else {
      if (!sketch_) begin_sketch(counters);
      add_to_sketch(item, hash, weight);
    }
    (weight > 0 ? gross_in_ : gross_out_) += magnitude;
    if (weight != 0) ++events_;
    return true;
  }
  // The row's event was added before.
  void take_back(item_view const& item, std::int64_t weight);

  // The first k rows. `will_move_on`: rows of this frame may leave it later.
  [[nodiscard]] std::vector<sketch::ranked_entry> top(std::size_t k, bool will_move_on);
  // A closed pane of the best `counters` entries (FORMAT.md).
  [[nodiscard]] std::vector<std::byte> encode(std::size_t counters) const;

 private:
  [[nodiscard]] std::int64_t gross() const noexcept { return gross_in_ + gross_out_; }
  [[nodiscard]] std::vector<sketch::entry_view> entries() const;
  // Into the sketch, or into the exact counts where this item makes them necessary.
  void add_to_sketch(item_view const& item, std::uint64_t hash, std::int64_t weight) {
    if (!may_overflow_ && !sketch_->has_room(item.bytes.size())) {
      may_overflow_ = true;
      if (host_.slides_a_frame_of(function_)) become_exact();
    }
    if (frame_) {
      frame_->add(item, hash, weight);
    } else {
      sketch_->add(item, hash, weight, 0);
    }
  }
  void begin_sketch(std::size_t counters);
  // Where nothing was left out yet.
  void become_exact();

  live::connection& host_;
  char const* function_;
  std::uint64_t seed_;
  std::optional<sketch::summary> sketch_;
  std::optional<sketch::frame_counts> frame_;
  bool may_overflow_ = false;
  std::int64_t gross_in_ = 0;
  std::int64_t gross_out_ = 0;
  std::int64_t events_ = 0;
};

}  // namespace topk::surface
