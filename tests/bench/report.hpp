// The report: Markdown to read, and line charts as SVG.
#pragma once

#include <string>
#include <vector>

namespace topk::bench {

// "12.3 ns", "4.56 us", "78.9 ms", "1.23 s".
[[nodiscard]] std::string as_time(double seconds);
// "1.85x".
[[nodiscard]] std::string as_ratio(double ratio);
// "123 B", "4.5 KiB", "6.7 MiB".
[[nodiscard]] std::string as_bytes(double bytes);
[[nodiscard]] std::string as_number(double value, int digits);

// A measured figure beside what it is to be.
struct figure {
  std::string what;
  std::string ours;
  std::string beside;   // the rival and its cost
  double value = 0;     // compared with the target
  std::string shown;    // the value as text
  double target = 0;
  bool at_most = true;  // else at least
  std::string target_shown;
};

// One line of a chart: y over x, both on logarithmic axes.
struct curve {
  std::string name;
  std::vector<std::pair<double, double>> points;
};
struct chart {
  std::string title, x_axis, y_axis;
  std::vector<curve> curves;
};

class report {
 public:
  void heading(std::string const& text);
  void text(std::string const& paragraph);
  void row(figure const& measured);  // begins a table of figures where none is open
  void table(std::vector<std::string> const& columns, std::vector<std::vector<std::string>> const& rows);
  void add(chart drawn);

  [[nodiscard]] std::string const& markdown() const noexcept { return markdown_; }
  // All charts in one picture.
  [[nodiscard]] std::string svg() const;
  [[nodiscard]] int missed() const noexcept { return missed_; }
  [[nodiscard]] int met() const noexcept { return met_; }

 private:
  void line(std::string const& text);

  std::string markdown_;
  std::vector<chart> charts_;
  bool in_figures_ = false;
  int met_ = 0;
  int missed_ = 0;
};

}  // namespace topk::bench
