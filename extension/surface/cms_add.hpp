// cms_add: the front of the default stream.  INSERT INTO cms_add(item) VALUES ('#sqlite');
#pragma once

#include "sqlite/api.hpp"

namespace topk::surface {

// The eponymous module; pAux is a std::shared_ptr<connection>*.
[[nodiscard]] sqlite3_module const* cms_add_module() noexcept;

}  // namespace topk::surface
