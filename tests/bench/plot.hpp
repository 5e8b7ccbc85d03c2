// Line charts as SVG, both axes logarithmic.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace topk::bench {

struct curve {
  std::string name;
  std::vector<std::pair<double, double>> points;  // x and y above 0, x rising
};
enum class axis_unit { count, seconds, bytes };
struct chart {
  std::string title, x_axis, y_axis;
  std::vector<curve> curves;
  axis_unit x_unit = axis_unit::count;
  axis_unit y_unit = axis_unit::seconds;
};

[[nodiscard]] std::string as_svg(chart const& drawn);

}  // namespace topk::bench
