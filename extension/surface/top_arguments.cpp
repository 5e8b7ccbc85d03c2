// Each reading names the argument, what was given, and what is allowed.
#include "surface/top_arguments.hpp"

#include "sqlite/values.hpp"

namespace topk::surface {

using sketch::stored_summary;

static result<std::int64_t> integer_of(sqlite3_value* value, char const* name, std::int64_t most,
                                       char const* shown_most) {
  std::int64_t const given =
      sqlite3_value_type(value) == SQLITE_INTEGER ? sqlite3_value_int64(value) : 0;
  if (given >= 1 && given <= most) return given;
  return failure(errc::invalid_argument, std::string(name) + "=" + sqlite::shown(value) +
                                             ": expected an integer from 1 to " + shown_most);
}

static result<std::size_t> size_of(sqlite3_value* value, char const* name) {
  TOPK_ASSIGN(auto const size, integer_of(value, name, greatest_counters, "1048576"));
  return static_cast<std::size_t>(size);
}

result<std::size_t> counters_of(sqlite3_value* value) { return size_of(value, "counters"); }

result<engine::state_contents> contents_of(sqlite3_value* entries, sqlite3_value* least) {
  engine::state_contents out;
  if (entries != nullptr) {
    TOPK_ASSIGN(out.entries, size_of(entries, "entries"));
  }
  if (least != nullptr) {
    TOPK_ASSIGN(out.least, integer_of(least, "least", greatest_sum - 1, "2^62 - 1"));
  }
  return out;
}

result<std::size_t> k_or_default(sqlite3_value* value) {
  if (value == nullptr || sqlite::is_null(value)) return default_k;
  return sqlite::k_of(value);
}

result<stored_summary> summary_of(sqlite3_value* value, std::string_view function) {
  std::string const prefix = std::string(function) + ": ";
  if (sqlite3_value_type(value) != SQLITE_BLOB) {
    return failure(errc::invalid_argument,
                   prefix + sqlite::shown(value) +
                       " is not a BLOB made by topk_state, approx_top_k_accumulate or _combine");
  }
  auto const* bytes = static_cast<std::byte const*>(sqlite3_value_blob(value));
  auto const size = static_cast<std::size_t>(sqlite3_value_bytes(value));
  if (bytes == nullptr && size != 0) throw std::bad_alloc();
  auto parsed = stored_summary::parse({bytes, size});
  if (parsed) return parsed;
  return failure(errc::invalid_argument, prefix + parsed.error().message);
}

status too_much() { return failure(errc::too_big, "the sum of all weights passes 2^62"); }

void result_blob(sqlite3_context* context, std::span<std::byte const> bytes) {
  sqlite3_result_blob64(context, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
}

}  // namespace topk::surface
