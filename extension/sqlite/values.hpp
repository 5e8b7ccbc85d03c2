// What people write into arguments and columns: times, windows, weights, counts, modes, names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/item.hpp"
#include "base/limits.hpp"
#include "base/status.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "sqlite/api.hpp"

namespace topk::sqlite {

using topk::lowercase;
using topk::shown;

[[nodiscard]] inline bool is_null(sqlite3_value* value) noexcept {
  return sqlite3_value_type(value) == SQLITE_NULL;
}

// The value as text, all its bytes. Borrows from the value. Requires: not NULL. Throws
// std::bad_alloc.
[[nodiscard]] std::string_view text_of(sqlite3_value* value);

// The item in a value; nullopt for NULL. Borrows from the value. A REAL that equals an INTEGER
// comes back as that INTEGER, its eight bytes in `number`. Where the connection's text is known to
// be UTF-8 its bytes are taken as they lie: asked for text, SQLite makes a NUL-terminated copy of a
// bound one.
[[nodiscard]] std::optional<item_view> item_of(sqlite3_value* value, char (&number)[8],
                                               bool text_is_utf8 = false);

// Whether the databases of the connection keep text as UTF-8; false also where SQLite does not say.
// The answer holds until the schema is read again. Throws std::bad_alloc.
[[nodiscard]] bool has_utf8_text(sqlite3* db);

// Sets a function's or column's result to the item.
void result_item(sqlite3_context* context, item_view const& item);
// To a time or a length of time in seconds: INTEGER where whole, else REAL.
void result_time(sqlite3_context* context, micros time);

// How a value looks in an error message: as shown(std::string_view), a BLOB by its size.
[[nodiscard]] std::string shown(sqlite3_value* value);

// A ts or `at`. Numbers, and text that is one, are unix seconds; other text must begin with a full
// date and be one that SQLite's unixepoch() reads, or be 'now'. `what` is the argument's name in
// messages.
[[nodiscard]] result<micros> time_of(sqlite3* db, sqlite3_value* value, micros now,
                                     std::string_view what);

// -2^40 .. 2^40; an INTEGER, a REAL that is whole, or text that is an integer.
[[nodiscard]] result<std::int64_t> weight_of(sqlite3_value* value);
// The same for text; nullopt for what is not a weight.
[[nodiscard]] std::optional<std::int64_t> parse_weight(std::string_view text) noexcept;

// A length of time, or nullopt for 'all'.
[[nodiscard]] result<std::optional<micros>> window_of(sqlite3_value* value);

// 1 .. greatest_k.
[[nodiscard]] result<std::size_t> k_of(sqlite3_value* value);

enum class answer_mode { fast, exact, hybrid };
[[nodiscard]] result<answer_mode> mode_of(sqlite3_value* value);

// `name` or `schema.name`, split at the first dot; either may be in double quotes, as a whole.
struct table_name {
  std::optional<std::string> schema;
  std::string table;
};
[[nodiscard]] result<table_name> table_name_of(std::string_view text);

}  // namespace topk::sqlite
