// Two allocators that can be made to fail: our operator new, and the one SQLite is configured with.
//
// Both count what is alive, so that a test can tell that nothing leaked. failing_memory.cpp
// replaces operator new in the whole executable, so only those that need it list it. One thread at
// a time.
#pragma once

#include <new>

#include "kit/fault.hpp"

namespace topk::test {

[[nodiscard]] fault& our_memory() noexcept;
[[nodiscard]] fault& sqlite_memory() noexcept;

// Allocations that are alive at present.
[[nodiscard]] long our_live_allocations() noexcept;
[[nodiscard]] long sqlite_live_allocations() noexcept;
// Bytes of ours that are alive, as the allocator rounds them.
[[nodiscard]] long our_live_bytes() noexcept;
// The most of them that were alive at once since restart_our_peak().
[[nodiscard]] long our_peak_bytes() noexcept;
void restart_our_peak() noexcept;

// Must be called before SQLite is used for the first time; any number of calls. Throws
// std::runtime_error if SQLite was in use already.
void install_failing_memory();

// Runs `work`, which must not use a Catch2 macro, with the nth allocation of ours failing, n = 1,
// 2,
// ... True if it failed and bad_alloc came out.
template <class Work>
bool fails_at(long nth, Work&& work) {
  our_memory().arm(nth, false);
  bool is_thrown = false;
  try {
    work();
  } catch (std::bad_alloc const&) {
    is_thrown = true;
  }
  return our_memory().disarm() >= nth && is_thrown;
}

}  // namespace topk::test
