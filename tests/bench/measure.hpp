// CPU time of the process, and contestants that take turns: A B A B, medians, ratios.
#pragma once

#include <algorithm>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace topk::bench {

[[nodiscard]] inline double cpu_seconds() noexcept {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Requires: not empty.
[[nodiscard]] inline double quantile(std::vector<double> values, double share) {
  auto const at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}
[[nodiscard]] inline double median(std::vector<double> values) {
  return quantile(std::move(values), 0.5);
}

struct contestant {
  std::string name;
  std::function<void()> prepare;  // before each turn, not measured; may be empty
  std::function<void()> run;
  double operations = 1;  // in one run
};

// The CPU seconds of one operation, in each turn of each contestant.
class outcome {
 public:
  explicit outcome(std::vector<std::vector<double>> turns) : turns_(std::move(turns)) {}
  [[nodiscard]] double cost(std::size_t who) const { return median(turns_[who]); }
  // The median of the ratios within a turn: what slows the machine for a while slows both.
  [[nodiscard]] double ratio(std::size_t ours, std::size_t theirs) const;

 private:
  std::vector<std::vector<double>> turns_;
};

// They take turns, `rounds` times, after `warm_ups` turns each that do not count.
[[nodiscard]] outcome duel(std::vector<contestant> const& contestants, int rounds,
                           int warm_ups = 1);

// What is being measured, on standard error: at once where a section or step begins, else every few
// seconds. With the wall clock since the program began.
void say(std::string const& step);
void say_progress(std::string const& step);

}  // namespace topk::bench
