#include "measure.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace topk::bench {
namespace {

using wall = std::chrono::steady_clock;
wall::time_point const began = wall::now();
wall::time_point last_said = began;

// glibc puts small freed chunks together when somebody next asks for a large one. A GROUP BY that
// sorts millions of rows leaves a third of a second of that to whoever comes after it: so it is
// asked here, in the turn of the one who left it.
void settle_allocator() {
  static void* volatile large = nullptr;  // else the pair would be optimised away
  large = std::malloc(16 * 1024);
  std::free(large);
}

}  // namespace

void say(std::string const& step) {
  last_said = wall::now();
  std::fprintf(stderr, "%6.1f s  %s\n", std::chrono::duration<double>(last_said - began).count(),
               step.c_str());
}
void say_progress(std::string const& step) {
  if (wall::now() - last_said >= std::chrono::seconds(5)) say(step);
}

double outcome::ratio(std::size_t ours, std::size_t theirs) const {
  std::vector<double> ratios;
  for (std::size_t turn = 0; turn < turns_[ours].size(); ++turn) {
    ratios.push_back(turns_[ours][turn] / turns_[theirs][turn]);
  }
  return median(std::move(ratios));
}

outcome duel(std::vector<contestant> const& contestants, int rounds, int warm_ups) {
  std::vector<std::vector<double>> turns(contestants.size());
  for (int round = -warm_ups; round < rounds; ++round) {
    for (std::size_t who = 0; who < contestants.size(); ++who) {
      auto const& now = contestants[who];
      say_progress((round < 0 ? std::string("warming up: ")
                              : "turn " + std::to_string(round + 1) + " of " +
                                    std::to_string(rounds) + ": ") +
                   now.name);
      if (now.prepare) now.prepare();
      double const start = cpu_seconds();
      now.run();
      settle_allocator();
      double const spent = cpu_seconds() - start;
      if (round >= 0) turns[who].push_back(spent / now.operations);
    }
  }
  return outcome(std::move(turns));
}

}  // namespace topk::bench
