// The options of CREATE VIRTUAL TABLE ... USING topk_stream(key=value, ...).
#pragma once

#include <span>
#include <string_view>

#include "base/status.hpp"
#include "stream/stream_options.hpp"

namespace topk::surface {

// Reads the arguments as SQLite hands them over, one raw `key = value` each; the value may be
// quoted in any of SQLite's four ways. What is not given gets its default: `retain` the longest
// window, `memory` 16 MiB or 16 KiB for each of `k`, whichever is more. errc::invalid_argument,
// with the option, the value given and what is allowed.
[[nodiscard]] result<stream::stream_options> parse_stream_options(
    std::span<std::string_view const> arguments);

}  // namespace topk::surface
