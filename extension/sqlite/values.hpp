// What people write into arguments and columns: times, windows, weights, counts, modes, names.
#pragma once

#include <new>
#include <optional>
#include <string>
#include <string_view>

#include "base/item.hpp"
#include "base/limits.hpp"
#include "base/status.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "sqlite/api.hpp"
#include "sqlite/statement.hpp"

namespace topk::sqlite {

using topk::lowercase;
using topk::shown;

[[nodiscard]] inline bool is_null(sqlite3_value* value) noexcept {
  return sqlite3_value_type(value) == SQLITE_NULL;
}

// The value as text, all its bytes. Borrows from the value. Requires: not NULL. Throws
// std::bad_alloc.
[[nodiscard]] std::string_view text_of(sqlite3_value* value);

// The item in a value that comes from a row of ours; nullopt for NULL. Borrows from the value. A
// REAL that equals an INTEGER comes back as that INTEGER, its eight bytes in `number`.
[[nodiscard]] std::optional<item_view> stored_item_of(sqlite3_value* value, char (&number)[8]);

// A BLOB's bytes; a TEXT's in the encoding of the database. As text_of().
[[nodiscard]] inline std::string_view bytes_of(sqlite3_value* value) {
  auto const* bytes = static_cast<char const*>(sqlite3_value_blob(value));
  auto const size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  if (bytes == nullptr && size != 0) throw std::bad_alloc();
  return {bytes == nullptr ? "" : bytes, size};
}

// The bytes for SQLite, which takes a null pointer for NULL: an empty text or blob needs an
// address.
inline char const* address_of(std::string_view bytes) noexcept {
  return bytes.data() == nullptr ? "" : bytes.data();
}

// Sets a function's or column's result to the item.
void result_item(sqlite3_context* context, item_view const& item);
// To a time or a length of time in seconds: INTEGER where whole, else REAL.
void result_time(sqlite3_context* context, micros time);
// The same number, for messages.
std::string shown_time(micros time);

// How a value looks in an error message: as shown(std::string_view), a BLOB by its size.
[[nodiscard]] std::string shown(sqlite3_value* value);

// The bytes of an item that are not those of its value.
struct item_buffer {
  char number[8];
  std::string text;
};

// How values that users give become items, times and weights. All such values, those in rows of a
// user's table included, are read here, so that all paths agree.
class value_reader {
 public:
  explicit value_reader(sqlite3* db) noexcept : db_(db) {}

  // The item in a value; nullopt for NULL. Borrows from value and buffer. A REAL that equals an
  // INTEGER becomes that INTEGER. In a UTF-16 database, ill-formed text becomes what it will be
  // once it is stored (text_through_utf16), so that log and summaries agree. Throws std::bad_alloc.
  [[nodiscard]] std::optional<item_view> item(sqlite3_value* value, item_buffer& buffer) {
    bool const is_plain = keeps_utf8_ && *keeps_utf8_ && sqlite3_value_type(value) == SQLITE_TEXT;
    if (is_plain) return item_view{item_type::text, bytes_of(value)};
    return other_item(value, buffer);
  }

  // A ts or `at`. Numbers, and text that is one, are unix seconds; other text must begin with a
  // full date and be one that SQLite's unixepoch() reads, or be 'now'. Without a `now`, as for a
  // row that is read again later, 'now' is not a time. `what` is the argument's name in messages.
  // The time is one that the log can hold (as_logged).
  [[nodiscard]] result<micros> time(sqlite3_value* value, std::optional<micros> now,
                                    std::string_view what);

  // -2^40 .. 2^40: an INTEGER, a REAL that is whole, or text that is such a number as SQLite's
  // numeric affinity reads it: blanks around it, '4.0', '1e3', but no '0x10'.
  [[nodiscard]] static result<std::int64_t> weight(sqlite3_value* value);

  // Whether the connection's databases keep text as UTF-8; false also where SQLite does not say.
  // Asked once; forget_encoding() when the schema was read again.
  [[nodiscard]] bool keeps_utf8();
  void forget_encoding() noexcept { keeps_utf8_.reset(); }

 private:
  // The text, all its bytes, without the copy that SQLite makes of a bound one where it can be
  // spared.
  std::string_view text_in(sqlite3_value* value);
  std::optional<item_view> other_item(sqlite3_value* value, item_buffer& buffer);
  result<std::optional<micros>> ask_sqlite(std::string_view date);

  sqlite3* db_;
  std::optional<bool> keeps_utf8_;
  std::optional<statement> unixepoch_;
};

// A weight written as an integer; nullopt for what is not one.
[[nodiscard]] std::optional<std::int64_t> parse_weight(std::string_view text) noexcept;

// A length of time; `what` is the argument's name in messages.
[[nodiscard]] result<micros> length_of(sqlite3_value* value, std::string_view what);
// The same of a window, or nullopt for 'all'.
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
