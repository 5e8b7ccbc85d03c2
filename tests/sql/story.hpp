// What the stories share: a connection on a settable clock, answers as short text, errors as
// claims.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kit/database.hpp"
#include "sql/seen.hpp"

namespace topk::test {

// Where each story's clock starts: 2027-01-15 08:00:00 UTC, on the edge of a pane of every usual
// width.
inline constexpr std::int64_t start = 1'800'000'000;
inline constexpr std::int64_t one_hour = 3600;
inline constexpr std::int64_t one_day = 86'400;

void set_clock(std::int64_t unix_seconds) noexcept;

// The databases of this story have this encoding, and not the one that its name draws.
void tell_in(std::string const& encoding);

// A connection on that clock with the extension loaded; the first also puts the clock to `start`.
[[nodiscard]] database begin_story(std::string const& path = ":memory:");
[[nodiscard]] database connect(std::string const& path);
// The same with SQLITE_OPEN flags, for URIs.
[[nodiscard]] database connect(std::string const& path, int flags);

// "x=2 y=1": the first two columns of each row. Text is given bare, other values as literals.
[[nodiscard]] std::string pairs(database& db, std::string const& sql);
// The same of items and counts of topk(arguments).
[[nodiscard]] std::string top(database& db, std::string const& arguments = "");
// The rows of topk(arguments) with every column, hidden results included.
[[nodiscard]] std::string whole_answer(database& db, std::string const& arguments);

// The first column of the first row.
[[nodiscard]] std::int64_t number(database& db, std::string const& sql);
[[nodiscard]] std::string text(database& db, std::string const& sql);

// Columns of the one row of topk_stats for this stream, as number().
[[nodiscard]] std::int64_t stat(database& db, std::string const& stream, std::string const& column);

// Names of the schema entries of `schema` that begin with `prefix`, in order, with blanks between.
[[nodiscard]] std::string names_like(database& db, std::string const& prefix,
                                     std::string const& schema = "main");

// Checks that the statement fails with this primary code and that its message has every part, in
// whatever case.
void fails(database& db, std::string const& sql, int code, std::vector<std::string> const& parts);
// The same, and that main.<stream> answers and stores the same before and after.
void fails_without_trace(database& db, std::string const& stream, std::string const& sql, int code,
                         std::vector<std::string> const& parts);

// A file's bytes.
[[nodiscard]] std::string file_bytes(std::string const& path);

}  // namespace topk::test
