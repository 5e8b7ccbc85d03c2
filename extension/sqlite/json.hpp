// JSON of items and rows, as the aggregates return it.
//
// INTEGER, REAL and TEXT items are JSON numbers and strings; an infinite REAL is 9e999 or -9e999,
// which SQLite reads as such. What JSON, or SQLite's reading of it, cannot carry is an object that
// can be turned back: {"blob":"<hex>"} for a BLOB, {"text":"<hex of its bytes>"} for TEXT that
// holds a NUL or is not valid UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "base/item.hpp"
#include "sqlite/api.hpp"

namespace topk::sqlite {

void append_json(std::string& out, item_view const& item);
void append_json(std::string& out, std::int64_t number);

// Sets a function's result to the text, as JSON that SQLite's JSON functions nest unquoted.
void result_json(sqlite3_context* context, std::string const& text);

}  // namespace topk::sqlite
