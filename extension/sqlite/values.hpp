// What people write into arguments and columns: times, windows, weights, counts, modes, names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/item.hpp"
#include "base/status.hpp"
#include "base/time.hpp"
#include "sqlite/api.hpp"

namespace topk::sqlite {

inline constexpr std::int64_t greatest_weight = std::int64_t{1} << 40;
inline constexpr std::int64_t greatest_k = 100'000;

[[nodiscard]] inline bool is_null(sqlite3_value* value) noexcept {
  return sqlite3_value_type(value) == SQLITE_NULL;
}

// How a value looks in an error message: quoted, cut after 60 bytes.
[[nodiscard]] std::string shown(sqlite3_value* value);

// A ts or `at`. Numbers, and text that is one, are unix seconds; other text must begin with a full
// date and be one that SQLite's unixepoch() reads, or be 'now'. `what` is the argument's name in
// messages.
[[nodiscard]] result<micros> time_of(sqlite3* db, sqlite3_value* value, micros now,
                                     std::string_view what);

// -2^40 .. 2^40; an INTEGER, a REAL that is whole, or text that is an integer.
[[nodiscard]] result<std::int64_t> weight_of(sqlite3_value* value);

// A length of time, or nullopt for 'all'.
[[nodiscard]] result<std::optional<micros>> window_of(sqlite3_value* value);

// 1 .. greatest_k.
[[nodiscard]] result<std::size_t> k_of(sqlite3_value* value);

enum class answer_mode { fast, exact, hybrid };
[[nodiscard]] result<answer_mode> mode_of(sqlite3_value* value);

// `name` or `schema.name`, split at the first dot outside double quotes; parts may be quoted.
struct table_name {
  std::optional<std::string> schema;
  std::string table;
};
[[nodiscard]] result<table_name> table_name_of(std::string_view text);

[[nodiscard]] std::string lowercase(std::string_view text);

}  // namespace topk::sqlite
