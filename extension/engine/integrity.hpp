// 'integrity-check' and PRAGMA integrity_check: is what the stream stores sound?
#pragma once

#include <string>

#include "live/open_stream.hpp"

namespace topk::engine {

// The first thing found to be wrong.
struct finding {
  std::string text;
  bool is_drift = false;  // the stream is sound, but the table of content= holds something else
  explicit operator bool() const noexcept { return !text.empty(); }
};

// Damage is a pane that can't be read, or one whose bounds do not hold against the events of the
// log; against those of a table it is drift. Fails only where it can't look. Requires: refresh(),
// and no pending events.
result<finding> examine(live::open_stream& state);

}  // namespace topk::engine
