#include "measure.hpp"

namespace topk::bench {

std::vector<double> duel(std::vector<contestant> const& contestants, int rounds) {
  std::vector<std::vector<double>> turns(contestants.size());
  for (int round = -1; round < rounds; ++round) {
    for (std::size_t who = 0; who < contestants.size(); ++who) {
      auto const& now = contestants[who];
      if (now.prepare) now.prepare();
      double const began = cpu_seconds();
      now.run();
      double const spent = cpu_seconds() - began;
      if (round >= 0) turns[who].push_back(spent / now.operations);
    }
  }
  std::vector<double> medians;
  for (auto const& one : turns) medians.push_back(median(one));
  return medians;
}

}  // namespace topk::bench
