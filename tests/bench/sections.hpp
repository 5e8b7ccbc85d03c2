// What is measured, a section each in sections/. `is_quick` cuts sizes, never what is compared.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "measure.hpp"
#include "report.hpp"
#include "sketch/summary.hpp"
#include "sql.hpp"
#include "workload.hpp"

namespace topk::bench {

struct settings {
  libraries with;
  bool is_quick = true;
  std::int64_t events = 0;
  std::int64_t fewer_events =
      0;  // for sections that ask exact answers often; fewer in the quick mode
  int rounds = 5;
};

void measure_core(settings const& how, report& into);
void measure_instructions(settings const& how, report& into);
void measure_ingest(settings const& how, report& into);
void measure_commits(settings const& how, report& into);
void measure_queries(settings const& how, report& into);
void measure_hybrid(settings const& how, report& into);
void measure_space(settings const& how, report& into);
void measure_accuracy(settings const& how, report& into);
void measure_past(settings const& how, report& into);
void measure_states(settings const& how, report& into);
void measure_trending(settings const& how, report& into);
void measure_streams(settings const& how, report& into);
void measure_history(settings const& how, report& into);
void measure_growth(settings const& how, report& into);
void measure_aggregates(settings const& how, report& into);
void measure_hostile(settings const& how, report& into);

// ---- what several sections need

// The statement, prepared once; a turn runs it `times` times and reads every value of every row.
[[nodiscard]] contestant asking(connection const& db, std::string const& name,
                                std::string const& sql, int times = 1);

// The CPU seconds of each of `times` runs of `timed`, each after a run of `before`, which is not
// measured.
[[nodiscard]] std::vector<double> each_cost(int times, std::function<void()> const& before,
                                            std::function<void()> const& timed);

// The most entries with which a full summary of such items stays within 128 KiB.
[[nodiscard]] sketch::capacity entries_of_core(event_list const& events);
// Adds all of them to one summary; returns its entries.
std::size_t fill_summary(event_list const& events, sketch::capacity limits);

// One way to take events, into a fresh file with the events in source.src.
struct destination {
  std::string name;
  std::string schema;  // SQL that makes the table
  std::string bulk;    // INSERT .. SELECT from source.src
  std::string single;  // INSERT of item ?1 at second ?2; may be empty
};
[[nodiscard]] std::vector<destination> const& destinations();
enum of_destinations : std::size_t { empty, off, plain, on, counter, grouped };
// Runs `single` for each event.
void insert_all(connection const& db, std::string const& single, event_list const& events);

// The work of one probe, events of it counted from a mark on: see sections/instructions.cpp.
void run_probe(settings const& how, std::string const& way);

// Bytes of the pages that the stream's tables hold, or one table.
[[nodiscard]] double stream_bytes(connection const& db, std::string const& stream);
[[nodiscard]] double table_bytes(connection const& db, std::string const& table);

}  // namespace topk::bench
