// A process that keeps its connection open, caches and all, while others die.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "examine.hpp"

namespace topk::test {

class observer {
 public:
  // Requires: no connection is open in this process. Throws std::runtime_error.
  observer(std::string const& path, std::string const& pragmas, std::uint64_t seed);
  ~observer();
  observer(observer const&) = delete;
  observer& operator=(observer const&) = delete;

  // What examine() says there.
  verdict examines(std::int64_t least, std::int64_t most);

 private:
  pid_t process_ = 0;
  int request_ = -1;
  int reply_ = -1;
};

}  // namespace topk::test
