// topk_sql_script [--rewrite] [--case PART] FILE.test...: plays scripts, prints what differs.
#include <fstream>
#include <iostream>

#include "sql/runner/player.hpp"

namespace {

using namespace topk::test;

constexpr std::size_t shown_failures = 20;

// True if all went as written.
bool play_file(std::string const& path, std::string const& part, bool rewrites) {
  script const given = read_script(path);
  played const done = play(given, part);
  if (rewrites) {
    std::size_t changed = 0;
    auto const lines = rewritten(given, done, changed);
    std::ofstream out(path);
    for (auto const& line : lines) out << line << '\n';
    std::cout << path << ": " << changed << " expectations rewritten\n";
  }
  for (std::size_t at = 0; at < done.failures.size() && at < shown_failures; ++at) {
    std::cout << done.failures[at] << '\n';
  }
  std::cout << path << ": " << done.cases << " cases in " << done.turns << " turns, "
            << done.statements << " statements, " << done.failures.size() << " failures"
            << std::endl;
  return done.failures.empty() && done.cases > 0;
}

}  // namespace

int main(int argc, char* argv[]) {
  std::string part;
  bool rewrites = false;
  bool is_good = true;
  int files = 0;
  for (int at = 1; at < argc; ++at) {
    std::string const argument = argv[at];
    if (argument == "--rewrite") {
      rewrites = true;
    } else if (argument == "--case" && at + 1 < argc) {
      part = argv[++at];
    } else {
      ++files;
      try {
        is_good = play_file(argument, part, rewrites) && is_good;
      } catch (std::exception const& failure) {
        std::cout << failure.what() << '\n';
        is_good = false;
      }
    }
  }
  if (files == 0) std::cout << "topk_sql_script [--rewrite] [--case PART] FILE.test...\n";
  return is_good && files > 0 ? 0 : 1;
}
