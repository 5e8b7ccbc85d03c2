// Outcomes of operations that can fail for a reason the caller must hear about.
//
// Out of memory is std::bad_alloc and a bug is an assert; everything else is a `status`, or a
// `result<T>` that holds a value or a failed status, in std::expected's spelling.
//
// Passing a failure on to the caller is one line:
//
//   TOPK_TRY(store.save(row));                      // a status, or a result whose value is unused
//   TOPK_ASSIGN(auto const pane, store.load(key));  // the value of a result<T>
//
// Both return from the enclosing function if the expression failed. That function returns a status
// or any result<U>; a lambda that uses them states its return type: [&]() -> status { ... }.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace topk {

enum class errc {
  ok,
  invalid_argument,     // the caller's value; the message names it and what is allowed
  constraint,           // a value that breaks a rule of the table; OR IGNORE may skip its row
  too_big,              // longer than the stream or SQLite allows
  corrupt,              // stored bytes that cannot be ours
  drift,                // undamaged, but different from the user's table
  unsupported_version,  // stored by a newer release
  read_only,            // an operation that a stream does not offer
  backend,              // SQLite failed; `detail` is its extended code
};

// True when ok. `message` is for the person who typed the SQL.
struct [[nodiscard]] status {
  errc code = errc::ok;
  int detail = 0;  // opaque, except to the module that set it
  std::string message;

  explicit operator bool() const noexcept { return code == errc::ok; }
};

[[nodiscard]] inline status failure(errc code, std::string message, int detail = 0) {
  return status{code, detail, std::move(message)};
}

// A T, or a failed status.
template <class T>
class [[nodiscard]] result {
 public:
  result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  result(status failed) : held_(std::in_place_index<1>, std::move(failed)) {
    assert(!std::get<1>(held_));
  }

  [[nodiscard]] bool has_value() const noexcept { return held_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  // Requires: has_value().
  T& operator*() & noexcept { return *std::get_if<0>(&held_); }
  T const& operator*() const& noexcept { return *std::get_if<0>(&held_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&held_)); }
  T* operator->() noexcept { return std::get_if<0>(&held_); }
  T const* operator->() const noexcept { return std::get_if<0>(&held_); }

  // Requires: !has_value().
  status const& error() const& noexcept { return *std::get_if<1>(&held_); }
  status&& error() && noexcept { return std::move(*std::get_if<1>(&held_)); }

 private:
  std::variant<T, status> held_;
};

// The failed status inside either of them: what TOPK_TRY returns.
[[nodiscard]] inline status failed_status(status failed) noexcept { return failed; }
template <class T>
[[nodiscard]] status failed_status(result<T> const& failed) {
  return failed.error();
}
template <class T>
[[nodiscard]] status failed_status(result<T>&& failed) noexcept {
  return std::move(failed).error();
}

}  // namespace topk

// The name of the temporary differs at each use, so that uses nest without shadowing.
#define TOPK_JOIN_(a, b) a##b
#define TOPK_JOIN(a, b) TOPK_JOIN_(a, b)

// Evaluates an expression that yields a status or a result<T>, once; returns its status if failed.
#define TOPK_TRY(...) TOPK_TRY_(TOPK_JOIN(topk_tried_, __COUNTER__), __VA_ARGS__)
#define TOPK_TRY_(tried, ...)                                            \
  do {                                                                   \
    if (auto&& tried = (__VA_ARGS__); !tried) {                          \
      return ::topk::failed_status(static_cast<decltype(tried)>(tried)); \
    }                                                                    \
  } while (false)

// The same for a result<T>, whose value then initializes `target`: a declaration, or a variable to
// assign to. More than one statement: not for the body of an `if` without braces.
#define TOPK_ASSIGN(target, ...) \
  TOPK_ASSIGN_(TOPK_JOIN(topk_tried_, __COUNTER__), target, __VA_ARGS__)
#define TOPK_ASSIGN_(tried, target, ...)                               \
  auto&& tried = (__VA_ARGS__);                                        \
  if (!tried) {                                                        \
    return ::topk::failed_status(static_cast<decltype(tried)>(tried)); \
  }                                                                    \
  target = *static_cast<decltype(tried)>(tried)
