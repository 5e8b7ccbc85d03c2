// The arguments that the functions of the top K share.
#pragma once

#include "sketch/summary.hpp"
#include "sqlite/api.hpp"
#include "surface/aggregate.hpp"

namespace topk::surface {

// How many entries a summary or a state has at most: an integer from 1 to 2^20.
result<std::size_t> counters_of(sqlite3_value* value);
result<std::size_t> entries_of(sqlite3_value* value);

// A k; where the argument is missing (nullptr) or NULL, the default.
result<std::size_t> k_or_default(sqlite3_value* value);

// The summary in an argument. Its bytes must outlive the result.
result<sketch::stored_summary> summary_of(sqlite3_value* value, std::string_view function);

// An aggregate's weights add up to more than a summary may hold.
status too_much();

// A result of bytes, copied.
void result_blob(sqlite3_context* context, std::span<std::byte const> bytes);

}  // namespace topk::surface
