// A process that keeps its connection open while others die beside it, with all that it remembers.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "judge.hpp"
#include "workload.hpp"

namespace topk::test {

class survivor {
 public:
  // Requires: no connection is open in this process. Throws std::runtime_error.
  survivor(std::string const& path, std::string const& pragmas, std::uint64_t seed);
  ~survivor();
  survivor(survivor const&) = delete;
  survivor& operator=(survivor const&) = delete;

  // What judge() says there.
  sentence judges(std::int64_t least, std::int64_t most);

 private:
  pid_t process_ = 0;
  int question_ = -1;
  int answer_ = -1;
};

}  // namespace topk::test
