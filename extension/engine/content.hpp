// External content: the user's own table that a stream counts.
#pragma once

#include <string>
#include <string_view>

#include "live/open_stream.hpp"

namespace topk::engine {

// errc::invalid_argument unless the content is an ordinary table of the stream's own schema that
// has the named columns: no view, no virtual or shadow table, so that no schema can make us read
// elsewhere.
status check_content(live::open_stream& state);
// The version of the schema that what is found in it may be kept with; -1 inside a transaction: its
// rollback may bring an older schema back, and a later change the same number for another one.
result<std::int64_t> schema_version_to_keep(live::open_stream& state);

// An error of errc::invalid_argument about the table: `why`, after the names of both.
[[nodiscard]] status content_failure(live::open_stream& state, std::string const& why);

// "schema"."table".
[[nodiscard]] std::string content_table(live::open_stream& state);
// The mapped columns item, ts, weight and partition, NULL for those that are not mapped; each with
// `row` before it, such as "NEW.".
[[nodiscard]] std::string content_columns(live::open_stream& state, std::string_view row);

}  // namespace topk::engine
