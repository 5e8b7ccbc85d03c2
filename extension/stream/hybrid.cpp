#include "stream/hybrid.hpp"

#include <algorithm>

#include "base/hash.hpp"
#include "base/saturate.hpp"
#include "stream/pane_entries.hpp"

namespace topk::stream {
namespace {

using sketch::stored_summary;

// One pane of the window and its part inside.
struct window_pane {
  std::vector<std::byte> body;
  stored_summary sketch;
  time_span inside;
};

// What is known of one item: sums over the panes not yet counted, and exact counts of the rest.
struct knowledge {
  std::int64_t upper = 0;  // sum of (hi - u)
  std::int64_t lower = 0;  // sum of (lo - z)
  std::int64_t counted = 0;
};

class settlement {
 public:
  settlement(window_source const& source, time_span span, std::optional<item> const& partition,
             std::size_t k, log_reader const& read)
      : source_(source), span_(span), partition_(partition), k_(k), read_(read) {}

  result<hybrid_answer> run() {
    if (auto loaded = load(); !loaded) return loaded;
    if (is_too_dear(cut_events_)) return hybrid_answer{};
    for (auto const& cut : cut_spans_) {
      if (auto counted = count(cut); !counted) return counted;
    }
    count_tail();
    for (;;) {
      if (is_settled()) {
        answer_.is_settled = true;
        answer_.rows = std::move(rows_);
        return std::move(answer_);
      }
      std::size_t const next = most_open();
      if (next == panes_.size()) return hybrid_answer{};
      if (is_too_dear(add_saturated(answer_.rows_read, panes_[next].sketch.totals().events))) {
        return hybrid_answer{};
      }
      if (auto counted = replace(next); !counted) return counted;
    }
  }

 private:
  status load() {
    auto const panes = cover_window(source_.levels, source_.head, span_);
    for (auto const& range : panes.inside) {
      pane_count_ += static_cast<std::size_t>(range.last - range.first + 1);
    }
    for (auto const& range : panes.inside) {
      if (auto seen = visit(range); !seen) return seen;
    }
    for (auto const& edge : panes.edges) {
      if (auto seen = visit(edge); !seen) return seen;
    }
    return {};
  }

  status visit(pane_range const& range) {
    micros const width = source_.levels[range.level].width;
    return each_pane(source_.store, partition_, range, [&](pane_row const& row) -> status {
      window_pane pane{{row.body.begin(), row.body.end()}, {}, {}};
      auto parsed = parse_pane(pane.body, row.pane, width);
      if (!parsed) return std::move(parsed).error();
      pane.sketch = *std::move(parsed);
      pane.inside = {std::max(span_.since, (row.pane - 1) * width),
                     std::min(span_.until, row.pane * width)};
      auto const& totals = pane.sketch.totals();
      events_ = add_saturated(events_, totals.events);
      if (totals.last <= span_.since || totals.first > span_.until) return {};
      if (totals.first <= span_.since || totals.last > span_.until) {
        cut_spans_.push_back(pane.inside);
        cut_events_ = add_saturated(cut_events_, totals.events);
        return {};
      }
      if (panes_.empty()) known_.expect(expected_keys(pane.sketch, pane_count_));
      join(pane.sketch, 1);
      panes_.push_back(std::move(pane));
      return {};
    });
  }

  // Adds the pane's sketch to what is known, or takes it away.
  void join(stored_summary const& pane, std::int64_t sign) {
    auto const [z, u] = pane.absent();
    each_entry(pane, source_.seed, known_, hashes_,
               [&, z = z, u = u](sketch::entry_view const& entry, std::uint64_t hash) {
                 auto& known = known_(entry.item, hash);
                 known.upper = add_saturated(known.upper, sign * (entry.hi - u));
                 known.lower = add_saturated(known.lower, sign * (entry.lo - z));
               });
    unknown_.upper = add_saturated(unknown_.upper, sign * u);
    unknown_.lower = add_saturated(unknown_.lower, sign * z);
  }

  // Adds the log's exact counts of a span. The tail's events lie in the log too: they are added
  // once, for the whole window, by count_tail.
  status count(time_span const& part) {
    item_map<std::int64_t> counts;
    auto read = read_(part, counts);
    if (!read) return std::move(read).error();
    answer_.rows_read += *read;
    ++answer_.panes_read;
    for (auto const& one : counts.entries()) {
      auto& known = known_(one.key, one.hash);
      known.counted = add_saturated(known.counted, one.value);
    }
    add_tail(part, -1);
    return {};
  }

  void count_tail() { add_tail(span_, 1); }

  void add_tail(time_span const& part, std::int64_t sign) {
    for (std::size_t i = 0; i < source_.events.size(); ++i) {
      auto const event = source_.events[i];
      if (!counts_in(event, part, partition_)) continue;
      auto& known = known_(event.item, hash_item(event.item, source_.seed));
      known.counted = add_saturated(known.counted, sign * event.weight);
    }
  }

  status replace(std::size_t at) {
    auto const pane = std::move(panes_[at]);
    panes_.erase(panes_.begin() + static_cast<std::ptrdiff_t>(at));
    join(pane.sketch, -1);
    return count(pane.inside);
  }

  [[nodiscard]] bool is_too_dear(std::int64_t rows) const noexcept { return rows > events_ / 2; }

  // One item's bounds, to be sorted by.
  struct place {
    std::int64_t lower;
    std::int64_t upper;
    std::uint32_t number;  // in known_
  };
  [[nodiscard]] item const& key_of(place const& of) const {
    return known_.entries()[of.number].key;
  }

  [[nodiscard]] std::vector<place> possible() const {
    std::vector<place> all;
    all.reserve(known_.size());
    for (std::uint32_t n = 0; n < known_.size(); ++n) {
      auto const& known = known_.entries()[n].value;
      auto const upper = add_saturated(add_saturated(known.upper, unknown_.upper), known.counted);
      auto const lower = add_saturated(add_saturated(known.lower, unknown_.lower), known.counted);
      if (upper > 0) all.push_back({std::max<std::int64_t>(lower, 0), upper, n});
    }
    return all;
  }

  // The top K by (lower desc, item), kept in rows_; true when it is exact and nothing can enter it.
  bool is_settled() {
    auto all = possible();
    std::size_t const wanted = std::min(k_, all.size());
    auto const border = all.begin() + static_cast<std::ptrdiff_t>(wanted);
    std::partial_sort(all.begin(), border, all.end(), [&](place const& a, place const& b) {
      return a.lower != b.lower ? a.lower > b.lower : item_before(key_of(a), key_of(b));
    });
    threshold_ = wanted == k_ ? std::max<std::int64_t>(all[k_ - 1].lower, 1) : 1;

    bool const is_full = wanted == k_;
    bool const settled =
        std::max<std::int64_t>(unknown_.upper, 0) < threshold_ &&
        std::all_of(all.begin(), border, [](place const& one) { return one.lower == one.upper; }) &&
        std::all_of(border, all.end(), [&](place const& one) {
          auto const& last = all[k_ - 1];
          return is_full && (one.upper < last.lower ||
                             (one.upper == last.lower && item_before(key_of(last), key_of(one))));
        });
    if (settled) {
      for (auto one = all.begin(); one != border; ++one) {
        rows_.push_back({key_of(*one), one->lower, one->lower, one->upper, true});
      }
      return true;
    }
    open_.clear();
    for (auto const& one : all) {
      auto const& known = known_.entries()[one.number];
      if (one.upper >= threshold_) open_(known.key, known.hash);
    }
    return false;
  }

  // The pane whose sketch leaves most open about the items that may be in the top K; none left,
  // or nothing open: panes_.size().
  [[nodiscard]] std::size_t most_open() const {
    bool const strangers = std::max<std::int64_t>(unknown_.upper, 0) >= threshold_;
    std::size_t best = panes_.size();
    std::int64_t most = 0;
    for (std::size_t i = 0; i < panes_.size(); ++i) {
      std::int64_t const open = strangers ? panes_[i].sketch.absent().upper : openness(panes_[i]);
      if (open > most) {
        most = open;
        best = i;
      }
    }
    return best;
  }

  [[nodiscard]] std::int64_t openness(window_pane const& pane) const {
    auto const [z, u] = pane.sketch.absent();
    std::int64_t open = 0;
    std::int64_t held = 0;
    for (auto const& entry : pane.sketch.entries()) {
      if (!open_.contains(entry.item, hash_item(entry.item, source_.seed))) continue;
      ++held;
      open = add_saturated(open, entry.hi - entry.lo);
    }
    std::int64_t absent = 0;
    if (__builtin_mul_overflow(static_cast<std::int64_t>(open_.size()) - held, u - z, &absent)) {
      absent = greatest_sum;
    }
    return add_saturated(open, absent);
  }

  window_source const& source_;
  time_span span_;
  std::optional<item> const& partition_;
  std::size_t k_;
  log_reader const& read_;

  std::vector<window_pane> panes_;
  std::size_t pane_count_ = 0;  // at most so many lie inside
  std::vector<time_span> cut_spans_;
  std::int64_t cut_events_ = 0;
  std::int64_t events_ = 0;
  item_map<knowledge> known_;
  std::vector<std::uint64_t> hashes_;  // of the pane that is being joined
  sketch::bounds unknown_;             // [Z, U]
  std::vector<ranked_item> rows_;
  item_map<char> open_;  // items that may be in the top K
  std::int64_t threshold_ = 1;
  hybrid_answer answer_;
};

}  // namespace

result<hybrid_answer> settle_top(window_source const& source, time_span span,
                                 std::optional<item> const& partition, std::size_t k,
                                 log_reader const& read) {
  return settlement(source, span, partition, k, read).run();
}

}  // namespace topk::stream
