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
[[nodiscard]] inline double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

struct contestant {
  std::string name;
  std::function<void()> prepare;  // before each turn, not measured; may be empty
  std::function<void()> run;
  double operations = 1;          // in one run
};

// The median CPU seconds of one operation, for each contestant. They take turns, `rounds` times, after
// one turn each that does not count.
[[nodiscard]] std::vector<double> duel(std::vector<contestant> const& contestants, int rounds);

}  // namespace topk::bench
