// A connection with the extension that is linked to the test, so that its allocations can fail.
#pragma once

#include <sqlite3.h>

#include <stdexcept>
#include <string>

#include "kit/database.hpp"
#include "surface/registry.hpp"

namespace topk::test {

// As database(path, vfs), whose extension is the loadable one.
[[nodiscard]] inline database open_linked(std::string const& path, char const* vfs = nullptr) {
  database db(path, vfs);
  if (surface::register_all(db.handle(), nullptr) != SQLITE_OK) {
    throw std::runtime_error("the extension could not be registered");
  }
  return db;
}

}  // namespace topk::test
