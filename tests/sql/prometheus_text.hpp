// A strict reader of Prometheus' text exposition format 0.0.4, written from its description.
//
// Stricter than servers are: a family's lines stand together, HELP then TYPE before its samples,
// each at most once; no series twice; a type is known and fits the name; the last line ends.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace topk::test {

struct prometheus_sample {
  std::string name;
  std::map<std::string, std::string> labels;  // unescaped
  double value = 0;
};

struct prometheus_page {
  std::map<std::string, std::string> types;  // of families
  std::vector<prometheus_sample> samples;

  // The value of the one such sample. Throws std::out_of_range.
  [[nodiscard]] double at(std::string const& name,
                          std::map<std::string, std::string> const& labels) const;
};

// Throws std::runtime_error that names the line.
[[nodiscard]] prometheus_page read_prometheus(std::string const& text);

}  // namespace topk::test
