// A countdown to a failure: the one injector behind failing allocations, I/O calls and interrupts.
#pragma once

namespace topk::test {

// While armed, calls 1 .. nth-1 pass and the nth fails; with `stays` all that follow fail too.
// Allocates nothing.
class fault {
 public:
  fault() = default;

  void arm(long nth, bool stays) noexcept { *this = fault{nth, stays}; }
  // How many calls there were since arm(); at least `nth` of them: it has fired.
  long disarm() noexcept {
    nth_ = 0;
    return calls_;
  }
  // Counts a call; true if it must fail.
  bool fires() noexcept {
    if (nth_ == 0) return false;
    ++calls_;
    return calls_ == nth_ || (stays_ && calls_ > nth_);
  }

 private:
  fault(long nth, bool stays) noexcept : nth_(nth), stays_(stays) {}

  long nth_ = 0;  // 0: not armed
  long calls_ = 0;
  bool stays_ = false;
};

}  // namespace topk::test
