// A recipe of sql/recipes as a user reads it into a database.
#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "kit/database.hpp"

namespace topk::test {

inline void paste_recipe(database& db, std::string const& name) {
  std::ifstream in(std::string(TOPK_RECIPES_PATH) + "/" + name);
  std::string const text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (text.empty()) throw std::runtime_error("sql/recipes/" + name + " cannot be read");
  db.exec(text);
}

}  // namespace topk::test
