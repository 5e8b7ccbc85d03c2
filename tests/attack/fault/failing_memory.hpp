// Two allocators that can be made to fail: our operator new, and the one SQLite is configured with.
//
// Both count what is alive, so that a walk can tell that nothing leaked.
#pragma once

namespace topk::test {

// A countdown to a failure. While armed, calls 1 .. nth-1 pass and the nth fails; with `stays` all
// that follow fail too. Allocates nothing.
class fuse {
 public:
  void arm(long nth, bool stays) noexcept {
    *this = fuse{};
    nth_ = nth;
    stays_ = stays;
  }
  // How many calls there were since arm().
  long disarm() noexcept {
    nth_ = 0;
    return calls_;
  }
  // Counts a call; true if it must fail.
  bool blows() noexcept {
    if (nth_ == 0) return false;
    bool const now = ++calls_ == nth_ || (stays_ && calls_ > nth_);
    has_blown_ = has_blown_ || now;
    return now;
  }
  [[nodiscard]] bool has_blown() const noexcept { return has_blown_; }

 private:
  long nth_ = 0;  // 0: not armed
  long calls_ = 0;
  bool stays_ = false;
  bool has_blown_ = false;
};

[[nodiscard]] fuse& our_memory() noexcept;
[[nodiscard]] fuse& sqlite_memory() noexcept;

// Allocations that are alive at present.
[[nodiscard]] long our_live_allocations() noexcept;
[[nodiscard]] long sqlite_live_allocations() noexcept;
// Bytes of ours that are alive, as the allocator rounds them.
[[nodiscard]] long our_live_bytes() noexcept;

// Must be called before SQLite is used for the first time; any number of calls. Throws
// std::runtime_error if SQLite was in use already.
void install_failing_memory();

}  // namespace topk::test
