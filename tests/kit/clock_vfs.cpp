#include "kit/clock_vfs.hpp"

#include <atomic>

#include "kit/forwarding_vfs.hpp"

namespace topk::test {
namespace {

std::atomic<std::int64_t> current_ms{1'800'000'000'000};

}  // namespace

void install_clock_vfs() { install_vfs<clock_vfs>(clock_vfs_name); }

void set_clock_ms(std::int64_t unix_milliseconds) noexcept { current_ms = unix_milliseconds; }
std::int64_t clock_ms() noexcept { return current_ms; }

}  // namespace topk::test
