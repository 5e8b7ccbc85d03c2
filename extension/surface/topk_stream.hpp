// topk_stream: the virtual table of one stream.  CREATE VIRTUAL TABLE plays USING topk_stream(...);
#pragma once

#include "sqlite/api.hpp"

namespace topk::surface {

// The module; pAux is a std::shared_ptr<connection>*. With xIntegrity where this SQLite has it.
[[nodiscard]] sqlite3_module const* stream_module() noexcept;

}  // namespace topk::surface
