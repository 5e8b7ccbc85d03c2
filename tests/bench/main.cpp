// topk_bench --topk FILE --rivals FILE [--quick] [--events N] [--rounds N] [--only SECTION]... [--out DIR]
// Writes the report to standard output as it grows, and to DIR/report.md and DIR/report.svg.
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "sections.hpp"

namespace {

using namespace topk::bench;

struct section {
  char const* name;
  void (*measure)(settings const&, report&);
};
constexpr section sections[] = {
    {"aggregates", measure_aggregates},
};

std::string machine() {
  utsname host{};
  uname(&host);
  std::string model = "unknown CPU";
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.rfind("model name", 0) == 0) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  return model + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores, " + host.sysname + " " + host.machine;
}

}  // namespace

int main(int count, char** arguments) {
  settings how;
  std::string out;
  std::vector<std::string> only;
  bool has_events = false;
  for (int i = 1; i < count; ++i) {
    std::string const option = arguments[i];
    if (option == "--quick") {
      how.is_quick = true;
      continue;
    }
    if (++i == count) give_up(option + " needs a value");
    std::string const value = arguments[i];
    if (option == "--topk") how.with.topk = value;
    else if (option == "--rivals") how.with.rivals = value;
    else if (option == "--events") how.events = std::atoll(value.c_str()), has_events = true;
    else if (option == "--rounds") how.rounds = std::atoi(value.c_str());
    else if (option == "--only") only.push_back(value);
    else if (option == "--out") out = value;
    else give_up("unknown option " + option);
  }
  if (how.is_quick && !has_events) how.events = 500'000;
  if (how.events < 1000 || how.rounds < 1) give_up("--events from 1000, --rounds from 1");
  for (auto const& name : only) {
    if (std::none_of(std::begin(sections), std::end(sections), [&](section const& one) { return name == one.name; })) {
      give_up("no section " + name);
    }
  }

  report written;
  written.text("# topk: measured");
  written.text(machine() + "; SQLite " + sqlite3_libversion() + "; " + std::to_string(how.events) +
               " events, Zipf 1.0 over 1,000,000 15-byte items unless said otherwise. CPU time of the process; contestants "
               "take turns in one run (A B A B), medians of " + std::to_string(how.is_quick ? 3 : how.rounds) +
               " turns or more; x is ours over the other's.");
  for (auto const& one : sections) {
    if (!only.empty() && std::find(only.begin(), only.end(), one.name) == only.end()) continue;
    std::fprintf(stderr, "measuring %s ...\n", one.name);
    one.measure(how, written);
  }
  written.text("");
  written.text(std::to_string(written.met()) + " targets met, " + std::to_string(written.missed()) + " missed.");
  if (!out.empty()) {
    std::ofstream(out + "/report.md") << written.markdown();
    std::ofstream(out + "/report.svg") << written.svg();
  }
  return 0;
}
