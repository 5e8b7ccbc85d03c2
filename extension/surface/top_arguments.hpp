// The arguments that the functions of the top K share.
#pragma once

#include "engine/state.hpp"
#include "sketch/summary.hpp"
#include "sqlite/api.hpp"
#include "surface/aggregate.hpp"

namespace topk::surface {

// How many entries a summary has at most: an integer from 1 to 2^20.
result<std::size_t> counters_of(sqlite3_value* value);

// What goes into a state: of the arguments `entries`, as counters, and `least`, from 1 on; null for
// what is absent or NULL.
result<engine::state_contents> contents_of(sqlite3_value* entries, sqlite3_value* least);

// A k; where the argument is missing (nullptr) or NULL, the default.
result<std::size_t> k_or_default(sqlite3_value* value);

// The summary in an argument. Its bytes must outlive the result.
result<sketch::stored_summary> summary_of(sqlite3_value* value, std::string_view function);

// An aggregate's weights add up to more than a summary may hold.
status too_much();

// A result of bytes, copied.
void result_blob(sqlite3_context* context, std::span<std::byte const> bytes);

}  // namespace topk::surface
