// 'integrity-check' and PRAGMA integrity_check: is what the stream stores sound?
#pragma once

#include <string>

#include "engine/open_stream.hpp"

namespace topk::engine {

// The first damage found: a pane that can't be read, or one whose bounds do not hold against the
// events of log or content. Empty: none. Fails only where it can't look. Requires: refresh(), and
// no pending events.
result<std::string> find_damage(open_stream& state);

}  // namespace topk::engine
