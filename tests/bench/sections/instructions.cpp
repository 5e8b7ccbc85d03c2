// Instructions, which neither other programs nor the clock of the CPU change: each way runs in a
// process of its own under callgrind, which counts from a mark on.
//
// callgrind counts user code alone. It needs valgrind, with its header, where this is built.
#include <cstdio>
#include <cstring>
#include <filesystem>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_TOGGLE_COLLECT
#endif

#include "sections.hpp"

namespace topk::bench {
namespace {

// Counts while it lives.
class counting {
 public:
  counting() { CALLGRIND_TOGGLE_COLLECT; }
  ~counting() { CALLGRIND_TOGGLE_COLLECT; }
  counting(counting const&) = delete;
  counting& operator=(counting const&) = delete;
};

struct probe {
  char const* way;
  char const* what;
  std::int64_t events;  // a run's
  double most;          // instructions an event; 0: no target
  void (*run)(settings const&);
};

void probe_core(settings const& how, double skew) {
  bool const is_distinct = skew == 0;
  workload const of{
      .events = how.events, .skew = skew, .distinct = is_distinct ? 99'999'999'999 : 1'000'000};
  event_list const events(of);
  event_list const distinct({.events = how.events, .skew = 0, .distinct = 99'999'999'999});
  auto const limits = entries_of_core(distinct);
  counting const mark;
  if (fill_summary(events, limits) == 0) give_up("an empty summary");
}

// A file with the events of a day and an empty destination.
class day_file {
 public:
  day_file(settings const& how, destination const& into) {
    make_events(connection(folder_.file("source.db"), how.with), {.events = how.events});
    db_ = std::make_unique<connection>(folder_.file("into.db"), how.with);
    db_->exec(into.schema);
    db_->exec("ATTACH '" + folder_.file("source.db") + "' AS source");
  }
  [[nodiscard]] connection const& db() const { return *db_; }

 private:
  work_folder folder_;
  std::unique_ptr<connection> db_;
};

void probe_bulk(settings const& how, std::size_t which) {
  auto const& into = destinations()[which];
  day_file const file(how, into);
  counting const mark;
  file.db().exec(into.bulk);
}

void probe_prepared(settings const& how, std::size_t which) {
  auto const& into = destinations()[which];
  day_file const file(how, into);
  event_list const events({.events = how.events});
  counting const mark;
  insert_all(file.db(), into.single, events);
}

void probe_commits(settings const& how, std::size_t which) {
  auto const& into = destinations()[which];
  day_file const file(how, into);
  // At the rate of 10 million a day.
  event_list const events({.events = how.events, .seconds = how.events * day / 10'000'000});
  auto put = file.db().prepare(into.single);
  counting const mark;
  for (std::size_t i = 0; i < events.size(); ++i) {
    put.bind(1, events.item(i), item_bytes).bind(2, events.second(i));
    put.run();
  }
}

void probe_answer(settings const& how, char const* mode) {
  auto const& into = destinations()[on];
  day_file const file(how, into);
  file.db().exec(into.bulk);
  auto ask = file.db().prepare(std::string("SELECT * FROM topk('1day', 10, 's', '") + mode +
                               "', 'latest')");
  if (mode == std::string_view("fast")) ask.run();
  counting const mark;
  ask.run();
}

constexpr probe probes[] = {
    {"core-1.0", "core update, 128 KiB, Zipf 1.0", 300'000, 125,
     [](settings const& how) { probe_core(how, 1.0); }},
    {"core-1.5", "core update, 128 KiB, Zipf 1.5", 300'000, 105,
     [](settings const& how) { probe_core(how, 1.5); }},
    {"core-distinct", "core update, 128 KiB, all distinct", 300'000, 155,
     [](settings const& how) { probe_core(how, 0); }},
    {"bulk-empty", "INSERT INTO empty virtual table SELECT, a row", 300'000, 0,
     [](settings const& how) { probe_bulk(how, empty); }},
    {"bulk-off", "INSERT INTO s SELECT, log=off, a row", 300'000, 1350,
     [](settings const& how) { probe_bulk(how, off); }},
    {"bulk-plain", "INSERT INTO plain table SELECT, a row", 300'000, 0,
     [](settings const& how) { probe_bulk(how, plain); }},
    {"bulk-on", "INSERT INTO s SELECT, log=on, a row", 300'000, 0,
     [](settings const& how) { probe_bulk(how, on); }},
    {"prepared-empty", "prepared INSERT into empty virtual table", 200'000, 0,
     [](settings const& how) { probe_prepared(how, empty); }},
    {"prepared-off", "prepared INSERT, log=off", 200'000, 0,
     [](settings const& how) { probe_prepared(how, off); }},
    {"prepared-plain", "prepared INSERT into plain table", 200'000, 0,
     [](settings const& how) { probe_prepared(how, plain); }},
    {"prepared-on", "prepared INSERT, log=on", 200'000, 0,
     [](settings const& how) { probe_prepared(how, on); }},
    {"commit-plain", "a row a transaction, plain table", 5'000, 0,
     [](settings const& how) { probe_commits(how, plain); }},
    {"commit-off", "an event a transaction, log=off", 5'000, 0,
     [](settings const& how) { probe_commits(how, off); }},
    {"commit-on", "an event a transaction, log=on", 5'000, 0,
     [](settings const& how) { probe_commits(how, on); }},
    {"exact", "topk('1day', 10), exact, an event of the day", 300'000, 0,
     [](settings const& how) { probe_answer(how, "exact"); }},
    {"repeated", "topk('1day', 10), repeated, the whole of it", 300'000, 0,
     [](settings const& how) { probe_answer(how, "fast"); }},
};

// The number behind "Collected :" in callgrind's last lines; 0: it could not run.
double collected(settings const& how, probe const& of) {
  std::string const self = std::filesystem::read_symlink("/proc/self/exe").string();
  std::string const command =
      "valgrind --tool=callgrind --collect-atstart=no --callgrind-out-file=/dev/null '" + self +
      "' --topk '" + how.with.topk + "' --rivals '" + how.with.rivals + "' --probe " + of.way +
      " " + std::to_string(of.events) + " 2>&1";
  std::FILE* const output = popen(command.c_str(), "r");
  if (output == nullptr) return 0;
  double count = 0;
  char line[512];
  while (std::fgets(line, sizeof line, output) != nullptr) {
    char const* const found = std::strstr(line, "Collected :");
    if (found != nullptr) count = std::strtod(found + std::strlen("Collected :"), nullptr);
  }
  return pclose(output) == 0 ? count : 0;
}

}  // namespace

void run_probe(settings const& how, std::string const& way) {
  for (auto const& one : probes) {
    if (way == one.way) return one.run(how);
  }
  give_up("no way " + way);
}

void measure_instructions(settings const& how, report& into) {
  into.heading("Instructions");
#if __has_include(<valgrind/callgrind.h>)
  into.text(
      "Of user code, by callgrind: events of Zipf 1.0 over a day, 300,000 in bulk and 200,000 "
      "prepared, 5,000 commits at the rate of 10 million a day.");
  for (auto const& one : probes) {
    say(one.what);
    double const count = collected(how, one);
    if (count == 0) {
      into.text("Skipped: valgrind does not run here.");
      return;
    }
    bool const is_whole = one.way == std::string_view("repeated");
    double const each = is_whole ? count : count / static_cast<double>(one.events);
    figure row{one.what, "", as_count(static_cast<std::int64_t>(each + 0.5)), "", each, "", {}};
    if (one.most > 0) {
      row.aim = {one.most, true, as_count(static_cast<std::int64_t>(one.most))};
    }
    into.row(row);
  }
#else
  static_cast<void>(how);
  into.text("Skipped: this was built without valgrind's header.");
#endif
}

}  // namespace topk::bench
