// One count over time: a window in steps, and bounds for each of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "sketch/summary.hpp"
#include "stream/window_cover.hpp"

namespace topk::stream {

// The most steps that one series has.
inline constexpr std::int64_t most_steps = 100'000;

// Steps end at until, until - length, ... and lie in the window; the oldest may be shorter.
class series_steps {
 public:
  // Events at or before `floor` are not counted. Requires: whole.since < whole.until, length > 0,
  // and no more than most_steps.
  series_steps(time_span whole, micros length, micros floor) noexcept
      : whole_(whole), length_(length), floor_(floor) {}

  // How many a window has.
  [[nodiscard]] static std::int64_t count(time_span whole, micros length) noexcept {
    return (whole.until - whole.since - 1) / length + 1;
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return static_cast<std::size_t>(count(whole_, length_));
  }
  // The oldest first. Requires: i < size().
  [[nodiscard]] time_span at(std::size_t i) const noexcept;
  // What is counted of it: nothing where since >= until.
  [[nodiscard]] time_span counted(std::size_t i) const noexcept;
  // What is counted of all.
  [[nodiscard]] time_span counted() const noexcept;
  // The step that holds a time. Requires: since < ts <= until of the window.
  [[nodiscard]] std::size_t index_of(micros ts) const noexcept {
    return size() - 1 - static_cast<std::size_t>((whole_.until - ts) / length_);
  }

  friend bool operator==(series_steps const&, series_steps const&) = default;

 private:
  time_span whole_;
  micros length_;
  micros floor_;
};

struct series_row {
  std::int64_t count = 0;
  std::int64_t lower = 0;
  std::int64_t upper = 0;
};

// A stored pane but for its entries.
struct pane_facts {
  sketch::pane_totals totals;  // with times, also where they are not known
  sketch::bounds absent;
};

// What is counted of a pane: an item, or all of them.
struct pane_share {
  sketch::bounds whole;         // in the pane
  std::int64_t part_upper = 0;  // in any part of its time, at most
};
[[nodiscard]] pane_share count_of_item(pane_facts const& pane, sketch::bounds const& item) noexcept;
[[nodiscard]] pane_share count_of_all(pane_facts const& pane) noexcept;

// Panes and events, added up by step. The rows are those of window_sum::estimate() for each step.
class series_sum {
 public:
  explicit series_sum(series_steps const& steps) : steps_(steps), sums_(steps.size()) {}

  [[nodiscard]] series_steps const& steps() const noexcept { return steps_; }

  // Each event in exactly one pane, or alone. What lies outside the window is not counted.
  void add_pane(pane_facts const& pane, pane_share const& of) noexcept;
  void add_event(micros ts, std::int64_t weight) noexcept;
  // From now on the step has nothing.
  void clear_step(std::size_t i) noexcept { sums_[i] = {}; }

  [[nodiscard]] series_row row(std::size_t i) const noexcept;

 private:
  struct one_sum {
    std::int64_t lower = 0;
    std::int64_t upper = 0;
    std::int64_t middle_twice = 0;  // of what lies wholly in the step
    std::int64_t share = 0;         // of panes that the step has a part of
  };

  series_steps steps_;
  std::vector<one_sum> sums_;
};

}  // namespace topk::stream
