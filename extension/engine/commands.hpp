// The commands of a stream: INSERT INTO plays(plays) VALUES('rebuild').
#pragma once

#include <optional>
#include <string_view>

#include "live/open_stream.hpp"

namespace topk::engine {

// Runs the command. Each is atomic: called inside a statement that has a journal (see
// stream_table). errc::invalid_argument for an unknown one, listing all commands.
status run_command(live::open_stream& state, std::string_view command,
                   std::optional<item_view> const& item);

// Their names, for messages.
inline constexpr char const* command_names =
    "rebuild, integrity-check, optimize, prune, delete-all, forget, track, untrack";

// The command behind the nested statement of a full batch; not for users.
inline constexpr std::string_view spill_command = "spill";

}  // namespace topk::engine
