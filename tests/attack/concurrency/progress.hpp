// What workers, in processes or threads, report while they run.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace topk::test {

inline constexpr std::size_t most_workers = 9;

enum class role : std::int32_t { none, writer, reader, maintainer };

[[nodiscard]] constexpr char const* name_of(role which) noexcept {
  switch (which) {
    case role::writer: return "writer";
    case role::reader: return "reader";
    case role::maintainer: return "maintainer";
    case role::none: break;
  }
  return "no worker";
}

// One worker's part; only that worker writes it.
struct worker_progress {
  std::atomic<role> is_a{role::none};
  std::atomic<std::int64_t> acknowledged{0};  // transactions 1 .. this of a writer have committed
  std::atomic<std::int64_t> given_up{0};      // met BUSY when time was up, and left nothing
  std::atomic<std::int64_t> reads{0};         // snapshots checked by a reader
  std::atomic<std::int64_t> busy{0};          // BUSY and LOCKED met
  std::atomic<std::int64_t> kept{0};          // maintenance operations done
  std::atomic<std::int64_t> heartbeat_ms{0};  // when the last statement came to its end
  std::atomic<bool> has_ended{false};
  std::atomic<bool> has_failed{false};  // and says why:
  std::array<char, 1200> complaint{};

  void beat() noexcept;
  void fail(std::string const& why) noexcept;
};
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "shared between processes");

struct progress {
  std::atomic<std::int64_t> deadline_ms{0};
  std::array<worker_progress, most_workers> workers{};

  [[nodiscard]] bool is_over() const noexcept;
};

// Milliseconds of a clock that all processes share.
[[nodiscard]] std::int64_t monotonic_ms() noexcept;

// Progress in a file, for all processes that map it.
class shared_progress {
 public:
  // Throws std::runtime_error.
  static shared_progress create(std::string const& path);
  static shared_progress open(std::string const& path);
  shared_progress(shared_progress&& from) noexcept : progress_(from.progress_) {
    from.progress_ = nullptr;
  }
  shared_progress& operator=(shared_progress&&) = delete;
  ~shared_progress();

  progress* operator->() const noexcept { return progress_; }
  progress& operator*() const noexcept { return *progress_; }

 private:
  explicit shared_progress(progress* mapped) noexcept : progress_(mapped) {}
  progress* progress_;
};

}  // namespace topk::test
