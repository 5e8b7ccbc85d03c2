#include "progress.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <stdexcept>

namespace topk::test {
namespace {

void* map_file(std::string const& path, int flags) {
  int const file = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("open " + path);
  bool const sized = (flags & O_CREAT) == 0 || ftruncate(file, sizeof(progress)) == 0;
  void* const page =
      sized ? mmap(nullptr, sizeof(progress), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
            : MAP_FAILED;
  ::close(file);
  if (page == MAP_FAILED) throw std::runtime_error("mmap " + path);
  return page;
}

}  // namespace

std::int64_t monotonic_ms() noexcept {
  auto const now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

void worker_progress::beat() noexcept {
  heartbeat_ms.store(monotonic_ms(), std::memory_order_relaxed);
}

void worker_progress::fail(std::string const& why) noexcept {
  std::size_t const size = std::min(why.size(), complaint.size() - 1);
  std::memcpy(complaint.data(), why.data(), size);
  complaint[size] = '\0';
  has_failed.store(true, std::memory_order_release);
}

bool progress::is_over() const noexcept {
  return monotonic_ms() >= deadline_ms.load(std::memory_order_relaxed);
}

shared_progress shared_progress::create(std::string const& path) {
  return shared_progress(new (map_file(path, O_RDWR | O_CREAT | O_EXCL)) progress);
}

shared_progress shared_progress::open(std::string const& path) {
  return shared_progress(std::launder(static_cast<progress*>(map_file(path, O_RDWR))));
}

shared_progress::~shared_progress() {
  if (progress_ != nullptr) munmap(progress_, sizeof(progress));
}

}  // namespace topk::test
