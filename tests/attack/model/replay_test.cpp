// Runs a program that the model test wrote, or one made by hand, and prints what each statement
// gives:
//   TOPK_MODEL_SCRIPT=/tmp/topk_model_seed_7.sql <this executable> '[.replay]'
// One statement a line. Directions: "-- clock <unix ms>", "-- connection <0|1>", "-- reopen".
#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>

#include "kit/clock_vfs.hpp"
#include "kit/database.hpp"

using namespace topk::test;

namespace {

using connections = std::array<std::unique_ptr<database>, 2>;

void open(connections& both, std::string const& path) {
  for (auto& each : both) {
    each.reset();
    each = std::make_unique<database>(path, clock_vfs_name);
    each->load_topk();
  }
}

}  // namespace

TEST_CASE("a script is replayed", "[.replay]") {
  char const* name = std::getenv("TOPK_MODEL_SCRIPT");
  REQUIRE(name != nullptr);
  std::ifstream script(name);
  REQUIRE(script.good());
  install_clock_vfs();
  scratch_directory const directory;
  connections both;
  open(both, directory.file("replay.db"));
  std::size_t acting = 0;
  for (std::string line; std::getline(script, line);) {
    std::cout << line << '\n';
    if (line.starts_with("-- clock ")) set_clock_ms(std::stoll(line.substr(9)));
    else if (line.starts_with("-- connection ")) acting = line.back() == '1' ? 1 : 0;
    else if (line.starts_with("-- reopen")) open(both, directory.file("replay.db"));
    if (line.starts_with("--") || line.empty()) continue;
    outcome const got = both[acting]->attempt(line);
    std::cout << to_text(got.rows);
    if (!got.ok()) std::cout << "error " << got.code << ": " << got.message << '\n';
  }
}
