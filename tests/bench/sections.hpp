// What is measured, a section each. `is_quick` cuts sizes and turns, never what is compared.
#pragma once

#include "measure.hpp"
#include "report.hpp"
#include "sql.hpp"
#include "workload.hpp"

namespace topk::bench {

struct settings {
  libraries with;
  bool is_quick = false;
  std::int64_t events = 10'000'000;
  int rounds = 5;
};

void measure_ingest(settings const& how, report& into);
void measure_queries(settings const& how, report& into);
void measure_accuracy(settings const& how, report& into);
void measure_aggregates(settings const& how, report& into);
void measure_growth(settings const& how, report& into);

// A figure that is the ratio of two costs.
[[nodiscard]] inline figure ratio_figure(std::string what, double ours, std::string const& rival, double theirs,
                                         double most) {
  return {std::move(what), as_time(ours), rival + ": " + as_time(theirs), ours / theirs, as_ratio(ours / theirs),
          most, true, as_ratio(most)};
}
// ... where the rival is to cost at least so many times as much.
[[nodiscard]] inline figure gain_figure(std::string what, double ours, std::string const& rival, double theirs,
                                        double least) {
  return {std::move(what), as_time(ours), rival + ": " + as_time(theirs), theirs / ours,
          as_ratio(theirs / ours) + " cheaper", least, false, as_ratio(least)};
}
[[nodiscard]] inline figure limit_figure(std::string what, double seconds, double most) {
  return {std::move(what), as_time(seconds), "", seconds, as_time(seconds), most, true, as_time(most)};
}

}  // namespace topk::bench
