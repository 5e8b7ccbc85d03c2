// The report: Markdown to read, figures next to their targets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "measure.hpp"
#include "plot.hpp"

namespace topk::bench {

// "12.3 ns", "4.56 us", "78.9 ms", "1.23 s".
[[nodiscard]] std::string as_time(double seconds);
// "1.85x".
[[nodiscard]] std::string as_ratio(double ratio);
// "20.0x cheaper", "1.60x dearer".
[[nodiscard]] std::string as_gain(double gain);
// "123 B", "4.5 KiB", "6.7 MiB".
[[nodiscard]] std::string as_bytes(double bytes);
[[nodiscard]] std::string as_number(double value, int digits);
// "1,234,567".
[[nodiscard]] std::string as_count(std::int64_t count);

// What a measured value is to be; `shown` as text.
struct target {
  double value = 0;
  bool at_most = true;  // else at least
  std::string shown;
  [[nodiscard]] bool is_met(double measured) const noexcept {
    return at_most ? measured <= value : measured >= value;
  }
};

// A row of the table of figures.
struct figure {
  std::string what;
  std::string beside;  // the rival; may be empty
  std::string ours;
  std::string rival;  // what it costs; may be empty
  double value = 0;   // compared with the target
  std::string shown;  // the value as text
  std::optional<target> aim;
};

// The cost of one operation as a multiple of the rival's, at most `most`.
[[nodiscard]] figure ratio_figure(std::string what, std::string beside, outcome const& of,
                                  std::size_t ours, std::size_t rival, double most);
// How many times as much the rival costs, at least `least`.
[[nodiscard]] figure gain_figure(std::string what, std::string beside, outcome const& of,
                                 std::size_t ours, std::size_t rival, double least);
// A ratio for information.
[[nodiscard]] figure plain_figure(std::string what, std::string beside, outcome const& of,
                                  std::size_t ours, std::size_t rival);
[[nodiscard]] figure limit_figure(std::string what, double seconds, double most);

class report {
 public:
  void heading(std::string const& text);
  void text(std::string const& paragraph);
  void row(figure const& measured);  // begins a table of figures where none is open
  void table(std::vector<std::string> const& columns,
             std::vector<std::vector<std::string>> const& rows);
  // A chart in a file of its own, shown at this place.
  void add(std::string const& file, chart drawn);

  [[nodiscard]] std::string const& markdown() const noexcept { return markdown_; }
  // The rows as JSON: an array of objects {section, what, beside, ours, rival, value, target,
  // at_most, met}; the last three only where there is a target.
  [[nodiscard]] std::string json() const { return "[" + json_ + "\n]\n"; }
  [[nodiscard]] std::vector<std::pair<std::string, chart>> const& charts() const noexcept {
    return charts_;
  }
  // How many targets are met, and which are not.
  [[nodiscard]] std::string verdict() const;

 private:
  void line(std::string const& text);
  void add_json(figure const& measured);
  void end_table();

  std::string markdown_;
  std::string json_;
  std::string section_;
  std::vector<std::pair<std::string, chart>> charts_;
  bool in_figures_ = false;
  int met_ = 0;
  std::vector<std::string> missed_;
};

}  // namespace topk::bench
