// One worker as a process: topk_concurrency_worker PROGRESS ROLE AT NUMBER WRITERS SEED PATH FLAGS
// SCRATCH
#include <cstdlib>
#include <exception>
#include <iostream>

#include "client.hpp"

int main(int argc, char* argv[]) {
  using namespace topk::test;
  if (argc != 10) {
    std::cerr << "usage: " << argv[0]
              << " PROGRESS ROLE AT NUMBER WRITERS SEED PATH FLAGS SCRATCH\n";
    return 2;
  }
  try {
    shared_progress const shared = shared_progress::open(argv[1]);
    assignment given;
    given.is_a = static_cast<role>(std::atoi(argv[2]));
    given.at = static_cast<std::size_t>(std::atoi(argv[3]));
    given.number = std::atoll(argv[4]);
    given.writers = std::atoll(argv[5]);
    given.seed = std::strtoull(argv[6], nullptr, 10);
    given.path = argv[7];
    given.flags = std::atoi(argv[8]);
    given.scratch = argv[9];
    work(given, *shared);
    return shared->workers[given.at].has_failed ? 1 : 0;
  } catch (std::exception const& error) {
    std::cerr << argv[0] << ": " << error.what() << '\n';
    return 2;
  }
}
