// A recipe of sql/recipes as a user pastes it, without the stream that shows it.
#pragma once

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "../support/database.hpp"

namespace topk::test {

// The statements before the line "-- Shown on ...".
inline void paste_recipe(database& db, std::string const& name) {
  std::ifstream in(std::string(TOPK_RECIPES_PATH) + "/" + name);
  std::string const text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  auto const end = text.find("\n-- Shown on ");
  if (end == text.npos)
    throw std::runtime_error("sql/recipes/" + name + " has no line '-- Shown on'");
  db.exec(text.substr(0, end));
}

}  // namespace topk::test
