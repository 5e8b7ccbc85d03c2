// What is measured, a section each in sections/. `is_quick` cuts sizes, never what is compared.
#pragma once

#include "measure.hpp"
#include "report.hpp"
#include "sql.hpp"
#include "workload.hpp"

namespace topk::bench {

struct settings {
  libraries with;
  bool is_quick = true;
  std::int64_t events = 0;
  int rounds = 5;
};

void measure_ingest(settings const& how, report& into);
void measure_aggregates(settings const& how, report& into);

}  // namespace topk::bench
