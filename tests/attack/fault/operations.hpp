// The table of what the fault walk tries: one line for each operation of the surface.
#pragma once

#include <string>
#include <vector>

namespace topk::test {

struct operation {
  char const* name;
  std::string setup;  // makes the database, once, with nothing failing
  std::string
      before;       // on the walked connection, with nothing failing; may leave a transaction open
  std::string sql;  // the operation itself, which meets the failure
  // What another connection commits between these two; then `before` leaves no transaction open.
  std::string others = {};
};

[[nodiscard]] std::vector<operation> const& operations();

}  // namespace topk::test
