// Writes the report to standard output as it grows, to DIR/report.md with its pictures, and its
// figures to DIR/report.json.
//
//   topk_bench --topk FILE --rivals FILE [--quick | --full] [--events N] [--rounds N]
//              [--only SECTION]... [--out DIR] [--list]
//   topk_bench --topk FILE --rivals FILE --probe WAY EVENTS      for section `instructions`
#include <sys/utsname.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "sections.hpp"

namespace {

using namespace topk::bench;

struct section {
  char const* name;
  char const* about;
  void (*measure)(settings const&, report&);
};
constexpr section sections[] = {
    {"core", "the update of one summary, beside a hash and a probe", measure_core},
    {"instructions", "of the core, of a row, of a commit, of an answer, by callgrind",
     measure_instructions},
    {"ingest", "many events in a transaction, bulk and prepared", measure_ingest},
    {"commits", "an event in a transaction; WAL bytes at a commit a second", measure_commits},
    {"queries", "answers from sketches: repeated, after an event, after opening", measure_queries},
    {"hybrid", "exact answers: hybrid, exact, GROUP BY", measure_hybrid},
    {"space", "bytes on disk and in memory", measure_space},
    {"accuracy", "precision, errors, bounds, beside exact counts", measure_accuracy},
    {"past", "answers as of random times of the past, beside exact counts", measure_past},
    {"states", "windows as states, added up: size, time, precision, bounds", measure_states},
    {"trending", "what rises and falls: precision, bounds, proofs, costs", measure_trending},
    {"streams", "many streams in one file, many windows, many partitions", measure_streams},
    {"history", "a year of events beside a day's", measure_history},
    {"growth", "cost against events, items, K, window, partitions, connections", measure_growth},
    {"aggregates", "approx_top_k and its like over a scan, a frame, stored states",
     measure_aggregates},
    {"hostile", "items made to collide", measure_hostile},
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
  return model + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores, " +
         host.sysname + " " + host.release + " " + host.machine;
}

// Of the last minute: above the number of cores, others had the caches too.
std::string load() {
  std::string average = "unknown";
  std::ifstream("/proc/loadavg") >> average;
  return average;
}

std::string versions(settings const& how) {
  connection const db(":memory:", how.with);
  auto ours = db.prepare("SELECT topk_version()");
  return std::string("topk ") + (ours.step() ? ours.text(0) : "?") + ", SQLite " +
         sqlite3_libversion() +
#ifdef __clang__
         ", clang " __clang_version__;
#else
         ", g++ " __VERSION__;
#endif
}

struct order {
  settings how;
  std::string out;
  std::vector<std::string> only;
  std::string probe;  // what a run under callgrind does: see sections/instructions.cpp
};

order read_order(int count, char** arguments) {
  order wanted;
  for (int i = 1; i < count; ++i) {
    std::string const option = arguments[i];
    if (option == "--quick" || option == "--full") {
      wanted.how.is_quick = option == "--quick";
      continue;
    }
    if (option == "--probe") {
      if (i + 2 >= count) give_up("--probe needs a way and a number");
      wanted.probe = arguments[i + 1];
      wanted.how.events = std::atoll(arguments[i + 2]);
      i += 2;
      continue;
    }
    if (option == "--list") {
      for (auto const& one : sections) std::printf("%-12s %s\n", one.name, one.about);
      std::exit(0);
    }
    if (++i == count) give_up(option + " needs a value");
    std::string const value = arguments[i];
    if (option == "--topk") wanted.how.with.topk = value;
    else if (option == "--rivals") wanted.how.with.rivals = value;
    else if (option == "--events") wanted.how.events = std::atoll(value.c_str());
    else if (option == "--rounds") wanted.how.rounds = std::atoi(value.c_str());
    else if (option == "--only") wanted.only.push_back(value);
    else if (option == "--out") wanted.out = value;
    else give_up("unknown option " + option);
    if ((option == "--events" && wanted.how.events < 1000) || wanted.how.rounds < 1)
      give_up("--events from 1000, --rounds from 1");
  }
  bool const as_usual = wanted.how.events == 0;
  if (as_usual) wanted.how.events = wanted.how.is_quick ? 200'000 : 10'000'000;
  wanted.how.fewer_events = as_usual && wanted.how.is_quick ? 50'000 : wanted.how.events;
  for (auto const& name : wanted.only) {
    if (std::none_of(std::begin(sections), std::end(sections),
                     [&](section const& one) { return name == one.name; })) {
      give_up("no section " + name + "; --list names them");
    }
  }
  return wanted;
}

}  // namespace

int main(int count, char** arguments) {
  auto const wanted = read_order(count, arguments);
  auto const& how = wanted.how;
  if (!wanted.probe.empty()) {
    run_probe(how, wanted.probe);
    return 0;
  }
  auto const load_before = load();
  report written;
  written.text(machine() + "; " + versions(how) + ".");
  written.text(
      as_count(how.events) +
      " events of Zipf 1.0 over 1,000,000 text items of 15 bytes, spread over one day, default "
      "options, unless "
      "said otherwise. CPU time of the process, user and system; contestants take turns in one run "
      "(A B A B), " +
      std::to_string(how.rounds) +
      " turns or more: costs are medians, a ratio is the median of the turns' ratios. Each file is "
      "WAL, synchronous=NORMAL, page cache 256 MB.");
  if (how.events < 10'000'000) {
    written.text(
        "Targets are for 10 million events. With fewer, what is paid for a pane or a file weighs "
        "more in a "
        "row, and an exact answer is "
        "cheaper; sections hybrid, history and growth take " +
        as_count(how.fewer_events) + " here.");
  }
  for (auto const& one : sections) {
    if (!wanted.only.empty() &&
        std::find(wanted.only.begin(), wanted.only.end(), one.name) == wanted.only.end())
      continue;
    say(std::string("section ") + one.name + ": " + one.about);
    one.measure(how, written);
  }
  auto const verdict = written.verdict();
  std::printf("%s\nLoad of the machine: %s before, %s after.\n", verdict.c_str(),
              load_before.c_str(), load().c_str());
  if (!wanted.out.empty()) {
    std::filesystem::create_directories(wanted.out);
    std::ofstream out(wanted.out + "/report.md");
    out << "# topk: measured\n\n"
        << verdict << "\nLoad of the machine: " << load_before << " before, " << load()
        << " after.\n\n"
        << written.markdown();
    if (!out.flush()) give_up("cannot write " + wanted.out + "/report.md");
    std::ofstream(wanted.out + "/report.json") << written.json();
    for (auto const& [file, drawn] : written.charts())
      std::ofstream(wanted.out + "/" + file) << as_svg(drawn);
    say("written: " + wanted.out + "/report.md");
  }
  return 0;
}
