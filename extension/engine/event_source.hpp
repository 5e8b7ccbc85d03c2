// The events themselves: the stream's log, or the user's table that it counts.
//
// Exact answers, hybrid's counts, rebuild and integrity-check read them here.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "live/open_stream.hpp"
#include "stream/hybrid.hpp"

namespace topk::engine {

class event_source {
 public:
  // Requires: has_events(state). Pending events of a stream of format 1 must be flushed, or they
  // are not seen.
  explicit event_source(live::open_stream& state) noexcept : state_(state) {}

  [[nodiscard]] static bool has_events(live::open_stream const& state) noexcept {
    return state.options().log || state.options().content.has_value();
  }

  // The visitor's views are valid during the call. Events come in no particular order, with seq 0
  // where the source has none. Rows that the stream would not have taken (no item, no ts, an
  // unreadable weight) are passed over.
  using visitor = std::function<status(stream::event_fields const&)>;
  status each(stream::time_span span, visitor const& visit);
  // All rows of a log of format 1, in order of seq. Requires: none is held in the tail.
  status each_by_seq(visitor const& visit);

  // The same events, of one item or of all (null).
  using weight_visitor = std::function<void(micros ts, std::int64_t weight)>;
  status each_weight(stream::time_span span, std::optional<item> const& partition,
                     item_view const* wanted, weight_visitor const& visit);

  // Calls the visitor with sums that add up to those of the items; an item may come several times.
  // Returns how many events were read, those of other partitions included.
  using sum_visitor = std::function<void(item_view const&, std::uint64_t hash, std::int64_t sum)>;
  result<std::int64_t> each_sum(stream::time_span span, std::optional<item> const& partition,
                                sum_visitor const& visit);

  // The k items with the greatest sums: see exact_top.cpp.
  result<std::vector<stream::ranked_item>> top(stream::time_span span,
                                               std::optional<item> const& partition, std::size_t k);
  result<std::int64_t> count(stream::time_span span, std::optional<item> const& partition,
                             item_view const& wanted);
  result<std::int64_t> total(stream::time_span span, std::optional<item> const& partition);
  // Sums of weights by item, of those whose hashes lie in `range`, and how many events were read.
  result<std::int64_t> sums(stream::time_span span, std::optional<item> const& partition,
                            stream::item_map<std::int64_t>& into, stream::hash_range range = {});

  // The same, as hybrid reads it. Borrows the partition, and this.
  [[nodiscard]] stream::log_reader reader(std::optional<item> const& partition) {
    return [this, &partition](stream::time_span span, stream::item_map<std::int64_t>& into) {
      return sums(span, partition, into);
    };
  }

  // The sums of a span's two parts, before and after a time in it (which is of the former).
  struct divided_sums {
    std::int64_t before = 0;
    std::int64_t after = 0;
  };
  struct divided_span {
    stream::time_span span;
    micros cut = 0;
  };
  using divided_visitor = std::function<void(item_view const&, divided_sums const&)>;
  // Calls the visitor for each item of the span. `totals`, null where nobody needs them, are those
  // of all items; they are there before the first call.
  status each_divided(divided_span const& of, std::optional<item> const& partition,
                      divided_sums* totals, divided_visitor const& visit);

 private:
  status count_divided(divided_span const& of, std::optional<item> const& partition,
                       stream::hash_range range, stream::item_map<divided_sums>& counts,
                       divided_sums& all);
  using rows = std::vector<stream::ranked_item>;
  result<std::optional<rows>> top_at_once(stream::time_span span,
                                          std::optional<item> const& partition, std::size_t k);
  result<std::optional<rows>> top_by_buckets(stream::time_span span,
                                             std::optional<item> const& partition, std::size_t k);
  result<rows> top_by_slices(stream::time_span span, std::optional<item> const& partition,
                             std::size_t k);
  result<std::int64_t> each_block_sum(stream::time_span span, std::optional<item> const& partition,
                                      sum_visitor const& visit);
  status each_in_blocks(stream::time_span span, visitor const& visit);
  status each_row(stream::time_span span, visitor const& visit);
  status visit_rows(sqlite::statement::execution& use, visitor const& visit);
  [[nodiscard]] status log_is_damaged() const;

  live::open_stream& state_;
};

}  // namespace topk::engine
