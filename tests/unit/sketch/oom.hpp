// Makes one chosen allocation of this thread fail, to walk through all of an operation.
#pragma once

#include <cstddef>
#include <new>

namespace topk::test {

// While armed, the allocation after `successes` successful ones throws std::bad_alloc; once.
void arm_oom(std::size_t successes) noexcept;
// True if it has fired since it was armed.
bool disarm_oom() noexcept;

// Runs `work`, which must not use a Catch2 macro, with the nth allocation failing.
// True if one failed and bad_alloc came out.
template <class Work>
bool fails_at(std::size_t nth, Work&& work) {
  arm_oom(nth);
  try {
    work();
  } catch (std::bad_alloc const&) {
    return disarm_oom();
  }
  disarm_oom();
  return false;
}

}  // namespace topk::test
