// A small stream in memory, its events, and the truth about them: what window properties are
// checked on.
#pragma once

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "base/hash.hpp"
#include "kit/exact_counts.hpp"
#include "kit/settings.hpp"
#include "stream/counted_window.hpp"
#include "stream/fold.hpp"
#include "stream/window_cache.hpp"

namespace topk::test {

using namespace topk::stream;

inline constexpr std::uint64_t seed = 77;

// Panes in a map, all partitions together.
class memory_store final : public pane_store {
 public:
  result<std::optional<stored_pane>> load(std::size_t level, std::int64_t pane,
                                          item_view const*) override {
    auto const at = panes_.find({level, pane});
    if (at == panes_.end()) return std::optional<stored_pane>{};
    return std::optional(at->second);
  }
  status save(std::size_t level, pane_row const& row) override {
    panes_[{level, row.pane}] = {row.version, {row.body.begin(), row.body.end()}};
    return {};
  }
  status each(std::size_t level, std::int64_t first, std::int64_t last,
              visit const& visitor) override {
    auto const copy = panes_;
    for (auto const& [key, pane] : copy) {
      if (key.first != level || key.second < first || key.second > last) continue;
      if (auto seen = visitor({key.second, nullptr, pane.version, pane.body}); !seen) return seen;
    }
    return {};
  }
  status each_of(item_view const&, std::size_t, std::int64_t, std::int64_t, visit const&) override {
    return {};
  }
  status each_partition(std::size_t, std::int64_t, std::int64_t, visit const&) override {
    return {};
  }
  result<bool> has_partitions() override { return false; }
  result<std::optional<std::int64_t>> next_pane(std::size_t level, std::int64_t first) override {
    auto const at = panes_.lower_bound({level, first});
    if (at == panes_.end() || at->first.first != level) return std::optional<std::int64_t>{};
    return std::optional(at->first.second);
  }
  result<std::int64_t> bytes(std::size_t level, std::int64_t first, std::int64_t last,
                             std::int64_t most) override {
    std::int64_t sum = 0;
    for (auto const& [key, pane] : panes_) {
      if (key.first != level || key.second < first || key.second > last) continue;
      sum += std::min(static_cast<std::int64_t>(pane.body.size()) + 24, most);
    }
    return sum;
  }
  result<std::int64_t> expire(std::size_t level, std::int64_t last, std::int64_t) override {
    return static_cast<std::int64_t>(std::erase_if(panes_, [&](auto const& one) {
      return one.first.first == level && one.first.second <= last;
    }));
  }
  [[nodiscard]] std::vector<std::vector<std::byte>> bodies() const {
    std::vector<std::vector<std::byte>> out;
    for (auto const& [key, pane] : panes_) out.push_back(pane.body);
    return out;
  }

 private:
  std::map<std::pair<std::size_t, std::int64_t>, stored_pane> panes_;
};

struct logged {
  micros ts;
  std::int64_t weight;
  item what;
};

// A small stream: events, their fold, and the truth.
struct tiny_stream {
  explicit tiny_stream(unsigned number, bool retracts) : random(number), may_retract(retracts) {
    options.windows = {10 * second, minute, 10 * minute};
    options.retain = 10 * minute;
    options.memory = 16384;
    options.k = 3;
    levels = plan_levels(options);
    for (auto& level : levels) level.spare = std::min<std::uint32_t>(level.keep, 6);
    head.levels.resize(levels.size());
    constexpr std::array<std::int64_t, 3> budgets = {0, 500, 3'000};
    head.past_budget = budgets[number % budgets.size()];
  }

  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(n));
  }

  // Events around `now`, most in order, some late, folded in pieces of `piece`.
  void run(int count, std::size_t piece, std::int64_t distinct) {
    for (int i = 0; i < count; ++i) {
      now += below(second / 4);
      micros ts = now - (below(10) == 0 ? below(5 * minute) : 0);
      auto const rank = static_cast<double>(below(1'000'000)) / 1e6;
      auto const which =
          static_cast<std::int64_t>(static_cast<double>(distinct) * rank * rank * rank);
      std::int64_t weight = 1 + (below(20) == 0 ? below(50) : 0);
      item what = item::text("item" + std::to_string(which));
      if (may_retract && below(6) == 0) weight = -weight;
      if (ts <= now - options.retain) continue;
      batch.append({.seq = ++seq, .ts = ts, .weight = weight, .item = what});
      log.push_back({ts, weight, what});
      if (batch.size() >= piece) fold();
    }
  }
  void fold() {
    pane_fold work(levels, seed, true, store, head);
    REQUIRE(work.take(batch, batch.size(), {}));
    batch.clear();
    ++epoch;
    check_past();
  }
  // What the head says of panes kept for the past is what there is.
  void check_past() {
    for (std::size_t l = 0; l + 1 < levels.size(); ++l) {
      auto const& marks = head.levels[l];
      REQUIRE(marks.horizon >= head.levels[l + 1].horizon);
      REQUIRE(marks.past >= marks.horizon);
      micros const width = levels[l].width;
      auto const bytes = store.bytes(l, marks.horizon / width + 1, marks.past / width,
                                     std::numeric_limits<std::int64_t>::max());
      REQUIRE(marks.past_bytes == *bytes);
      // Twice as much, where late events have come since it was cut.
      REQUIRE(store.each(l, marks.horizon / width + 1, marks.past / width,
                         [&](pane_row const& row) -> topk::status {
                           auto const pane = parse_pane(row.body, row.pane, width);
                           REQUIRE(pane);
                           REQUIRE(pane->entries().size() <= 2 * levels[l].spare);
                           return {};
                         }));
    }
  }
  [[nodiscard]] window_source source() { return {levels, seed, head, store, batch, epoch}; }
  [[nodiscard]] exact_counts truth(time_span span) const {
    exact_counts sums(seed);
    for (auto const& one : log) {
      if (one.ts > span.since && one.ts <= span.until) sums.add(one.what, one.weight);
    }
    return sums;
  }
  // A span as queries have it: retained, of any length, ending now or before.
  [[nodiscard]] time_span some_span() {
    micros reference = head.reference;
    for (auto const& one : log) reference = std::max(reference, one.ts);
    micros const until = below(2) == 0 ? reference : reference - below(options.retain);
    micros const length = below(2) == 0 ? options.windows[static_cast<std::size_t>(below(3))]
                                        : 1 + below(options.retain);
    return {std::max(until - length, reference - options.retain), until};
  }

  std::mt19937_64 random;
  bool may_retract;
  stream_options options;
  std::vector<pane_level> levels;
  stream_head head;
  memory_store store;
  event_batch batch;
  std::uint64_t epoch = 0;
  std::int64_t seq = 0;
  micros now = 1'800'000'000 * second;
  std::vector<logged> log;
};

// Reads the log as hybrid asks for it.
inline log_reader reader_of(tiny_stream const& stream) {
  return [&stream](time_span span, item_map<std::int64_t>& counts) -> result<std::int64_t> {
    std::int64_t rows = 0;
    for (auto const& one : stream.log) {
      if (one.ts <= span.since || one.ts > span.until) continue;
      counts.find_or_insert(one.what, hash_item(one.what, seed)) += one.weight;
      ++rows;
    }
    return rows;
  };
}

}  // namespace topk::test
