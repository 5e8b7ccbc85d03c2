// What is measured, a section each in sections/. `is_quick` cuts sizes, never what is compared.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "measure.hpp"
#include "report.hpp"
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
void measure_ingest(settings const& how, report& into);
void measure_commits(settings const& how, report& into);
void measure_queries(settings const& how, report& into);
void measure_hybrid(settings const& how, report& into);
void measure_space(settings const& how, report& into);
void measure_accuracy(settings const& how, report& into);
void measure_past(settings const& how, report& into);
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

// Bytes of the pages that the stream's tables hold, or one table.
[[nodiscard]] double stream_bytes(connection const& db, std::string const& stream);
[[nodiscard]] double table_bytes(connection const& db, std::string const& table);

}  // namespace topk::bench
