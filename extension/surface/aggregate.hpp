// What the aggregate functions share: their state's life, and the constancy of their arguments.
//
// An aggregate is a class with
//   explicit Aggregate(connection& host);
//   status step(std::span<sqlite3_value* const>);     one row
//   status inverse(std::span<sqlite3_value* const>);  a row that was stepped leaves the frame
//   status value(sqlite3_context*);                   the result so far, of a frame that may move
//   status finish(sqlite3_context*);                  the last result
//   static void empty(sqlite3_context*);              the result where no row was ever stepped
//
// SQLite's own block holds only a pointer to the object. xFinal is called once for every block,
// also after errors, and destroys the object.
#pragma once

#include <memory>
#include <span>

#include "live/connection.hpp"
#include "sqlite/boundary.hpp"

namespace topk::surface {

inline constexpr std::size_t default_k = 10;
// Items an approximate aggregate counts at a time: some 500 KB with 15-byte items.
inline constexpr std::size_t default_counters = 4096;

// An argument that must be the same in every row.
class constant_argument {
 public:
  // The value, read by `read` where it is not the integer of the row before. `what` names it in
  // errors.
  template <class Read>
  status take(sqlite3_value* value, char const* what, Read&& read) {
    if (is(value)) return {};
    result<std::size_t> number = read(value);
    if (!number) return std::move(number).error();
    if (is_known_ && held_ != static_cast<std::int64_t>(*number)) {
      return failure(errc::invalid_argument, std::string(what) + " must be constant: it was " +
                                                 std::to_string(held_) + " and is now " +
                                                 std::to_string(*number));
    }
    held_ = static_cast<std::int64_t>(*number);
    is_known_ = true;
    return {};
  }
  // Whether the value is the integer that was taken.
  [[nodiscard]] bool is(sqlite3_value* value) const noexcept {
    return is_known_ && sqlite3_value_type(value) == SQLITE_INTEGER &&
           sqlite3_value_int64(value) == held_;
  }
  [[nodiscard]] std::size_t get_or(std::size_t otherwise) const noexcept {
    return is_known_ ? static_cast<std::size_t>(held_) : otherwise;
  }

 private:
  std::int64_t held_ = 0;
  bool is_known_ = false;
};

template <class Aggregate>
struct aggregate_callbacks {
  static live::connection& host_of(sqlite3_context* context) noexcept {
    return **static_cast<std::shared_ptr<live::connection>*>(sqlite3_user_data(context));
  }
  // The object, made at the first row.
  static Aggregate& object_of(sqlite3_context* context) {
    auto** const held =
        static_cast<Aggregate**>(sqlite3_aggregate_context(context, sizeof(Aggregate*)));
    if (held == nullptr) throw std::bad_alloc();
    if (*held == nullptr) *held = new Aggregate(host_of(context));
    return **held;
  }
  static Aggregate** block_of(sqlite3_context* context) noexcept {
    return static_cast<Aggregate**>(sqlite3_aggregate_context(context, 0));
  }
  static std::span<sqlite3_value* const> span_of(int count, sqlite3_value** arguments) noexcept {
    return {arguments, static_cast<std::size_t>(count)};
  }

  static void step(sqlite3_context* context, int count, sqlite3_value** arguments) noexcept {
    sqlite::guard(context, [&] { return object_of(context).step(span_of(count, arguments)); });
  }
  static void inverse(sqlite3_context* context, int count, sqlite3_value** arguments) noexcept {
    sqlite::guard(context, [&] { return object_of(context).inverse(span_of(count, arguments)); });
  }
  static void value(sqlite3_context* context) noexcept {
    sqlite::guard(context, [&]() -> status {
      auto** const held = block_of(context);
      if (held != nullptr && *held != nullptr) return (*held)->value(context);
      Aggregate::empty(context);
      return {};
    });
  }
  static void final(sqlite3_context* context) noexcept {
    sqlite::guard(context, [&]() -> status {
      auto** const held = block_of(context);
      std::unique_ptr<Aggregate> const last(held == nullptr ? nullptr
                                                            : std::exchange(*held, nullptr));
      if (last != nullptr) return last->finish(context);
      Aggregate::empty(context);
      return {};
    });
  }
};

// The callbacks of an aggregate and window function.
struct window_function {
  void (*step)(sqlite3_context*, int, sqlite3_value**);
  void (*final)(sqlite3_context*);
  void (*value)(sqlite3_context*);
  void (*inverse)(sqlite3_context*, int, sqlite3_value**);
};

template <class Aggregate>
inline constexpr window_function window_function_of = {
    aggregate_callbacks<Aggregate>::step, aggregate_callbacks<Aggregate>::final,
    aggregate_callbacks<Aggregate>::value, aggregate_callbacks<Aggregate>::inverse};

}  // namespace topk::surface
