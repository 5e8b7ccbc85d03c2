#include "plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace topk::bench {
namespace {

constexpr double width = 800, height = 440, left = 84, right = 226, top = 64, bottom = 58;
constexpr std::size_t colour_count = 8;

// Follows the reader's scheme: light, or dark where the browser says so.
char const* const style =
    "<style>\n"
    "  .title{font-size:16px;font-weight:600} .name{font-weight:600}\n"
    "  .page{fill:#fff} text{fill:#24292f} .soft{fill:#57606a} .grid{stroke:#d8dee4} "
    ".fine{stroke:#eff2f5} "
    ".frame{stroke:#8c959f;fill:none}\n"
    "  .line{fill:none;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round} "
    ".dot{stroke:#fff;stroke-width:1.2}\n"
    "  .c0{stroke:#0969da} .c1{stroke:#cf222e} .c2{stroke:#1a7f37} .c3{stroke:#bc4c00} "
    ".c4{stroke:#8250df} "
    ".c5{stroke:#0c7792} .c6{stroke:#bf3989} .c7{stroke:#6e7781}\n"
    "  .f0{fill:#0969da} .f1{fill:#cf222e} .f2{fill:#1a7f37} .f3{fill:#bc4c00} .f4{fill:#8250df} "
    ".f5{fill:#0c7792} .f6{fill:#bf3989} .f7{fill:#6e7781}\n"
    "  @media (prefers-color-scheme: dark){\n"
    "    .page{fill:#0d1117} text{fill:#e6edf3} .soft{fill:#9198a1} .grid{stroke:#30363d} "
    ".fine{stroke:#1b2129} .frame{stroke:#656c76} .dot{stroke:#0d1117}\n"
    "    .c0{stroke:#58a6ff} .c1{stroke:#ff7b72} .c2{stroke:#3fb950} .c3{stroke:#f0883e} "
    ".c4{stroke:#bc8cff} "
    ".c5{stroke:#39c5cf} .c6{stroke:#f778ba} .c7{stroke:#9198a1}\n"
    "    .f0{fill:#58a6ff} .f1{fill:#ff7b72} .f2{fill:#3fb950} .f3{fill:#f0883e} .f4{fill:#bc8cff} "
    ".f5{fill:#39c5cf} .f6{fill:#f778ba} .f7{fill:#9198a1}\n"
    "  }\n"
    "</style>\n";

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}
std::string escaped(std::string const& text) {
  std::string out;
  for (char const c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else out += c;
  }
  return out;
}
std::string trimmed(double value, char const* unit) {
  char text[40];
  std::snprintf(text, sizeof text, "%.4g%s", value, unit);
  return text;
}

// A tick's label: "10 us", "1 MB", "100k".
std::string label(double value, axis_unit unit) {
  if (unit == axis_unit::seconds) {
    if (value < 0.99e-6) return trimmed(value * 1e9, " ns");
    if (value < 0.99e-3) return trimmed(value * 1e6, " us");
    if (value < 0.99) return trimmed(value * 1e3, " ms");
    return trimmed(value, " s");
  }
  char const* const suffix = unit == axis_unit::bytes ? "B" : "";
  if (value >= 0.99e9) return trimmed(value / 1e9, unit == axis_unit::bytes ? " GB" : "G");
  if (value >= 0.99e6) return trimmed(value / 1e6, unit == axis_unit::bytes ? " MB" : "M");
  if (value >= 0.99e3) return trimmed(value / 1e3, unit == axis_unit::bytes ? " kB" : "k");
  return trimmed(value, suffix[0] == 0 ? "" : " B");
}

struct scale {
  double low, high;  // logarithms
  double from, to;   // pixels
  [[nodiscard]] double at(double value) const {
    return from + (std::log10(value) - low) / (high - low) * (to - from);
  }
};

std::string text_at(double x, double y, std::string const& classes, char const* anchor,
                    std::string const& words) {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + classes +
         "\" text-anchor=\"" + anchor + "\">" + escaped(words) + "</text>\n";
}
std::string rule(double x1, double y1, double x2, double y2, char const* classes) {
  return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) +
         "\" y2=\"" + number(y2) + "\" class=\"" + classes + "\"/>\n";
}

// Decades with their labels, and the lines 2 to 9 between them.
std::string grid(scale const& x, scale const& y, chart const& drawn) {
  std::string out;
  for (int decade = static_cast<int>(std::floor(x.low)); decade <= x.high; ++decade) {
    for (int step = 1; step < 10; ++step) {
      double const value = step * std::pow(10.0, decade);
      if (std::log10(value) < x.low - 1e-9 || std::log10(value) > x.high + 1e-9) continue;
      out += rule(x.at(value), y.from, x.at(value), y.to, step == 1 ? "grid" : "fine");
      if (step == 1)
        out += text_at(x.at(value), y.from + 18, "soft", "middle", label(value, drawn.x_unit));
    }
  }
  for (int decade = static_cast<int>(std::floor(y.low)); decade <= y.high; ++decade) {
    for (int step = 1; step < 10; ++step) {
      double const value = step * std::pow(10.0, decade);
      if (std::log10(value) < y.low - 1e-9 || std::log10(value) > y.high + 1e-9) continue;
      out += rule(x.from, y.at(value), x.to, y.at(value), step == 1 ? "grid" : "fine");
      if (step == 1)
        out += text_at(x.from - 8, y.at(value) + 4, "soft", "end", label(value, drawn.y_unit));
    }
  }
  return out;
}

std::string line_of(curve const& one, scale const& x, scale const& y, std::string const& colour) {
  std::string points, dots;
  for (auto const& [at, value] : one.points) {
    points += number(x.at(at)) + "," + number(y.at(value)) + " ";
    dots += "<circle class=\"dot f" + colour + "\" r=\"3.4\" cx=\"" + number(x.at(at)) +
            "\" cy=\"" + number(y.at(value)) + "\"/>\n";
  }
  return "<polyline class=\"line c" + colour + "\" points=\"" + points + "\"/>\n" + dots;
}

// Each name at the end of its line, moved apart where they would touch.
std::string names(chart const& drawn, scale const& x, scale const& y) {
  constexpr double apart = 15;
  std::vector<std::pair<double, std::size_t>> places;
  for (std::size_t i = 0; i < drawn.curves.size(); ++i)
    places.emplace_back(y.at(drawn.curves[i].points.back().second), i);
  std::sort(places.begin(), places.end());
  for (std::size_t i = 1; i < places.size(); ++i)
    places[i].first = std::max(places[i].first, places[i - 1].first + apart);
  double const over = places.empty() ? 0 : std::max(0.0, places.back().first - y.from);
  std::string out;
  for (auto const& [place, i] : places) {
    out += text_at(x.to + 10, place - over + 4, "name f" + std::to_string(i % colour_count),
                   "start", drawn.curves[i].name);
  }
  return out;
}

}  // namespace

std::string as_svg(chart const& drawn) {
  double x_low = std::numeric_limits<double>::max(), x_high = 0, y_low = x_low, y_high = 0;
  for (auto const& one : drawn.curves) {
    for (auto const& [x, y] : one.points) {
      x_low = std::min(x_low, x), x_high = std::max(x_high, x);
      y_low = std::min(y_low, y), y_high = std::max(y_high, y);
    }
  }
  double const least = std::floor(std::log10(y_low));
  scale const x{std::log10(x_low), std::max(std::log10(x_high), std::log10(x_low) + 0.5), left,
                width - right};
  scale const y{least, std::max(std::ceil(std::log10(y_high)), least + 1), height - bottom, top};
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) +
                    " " + number(height) +
                    "\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\" font-size=\"12\" "
                    "role=\"img\">\n<title>" +
                    escaped(drawn.title) + "</title>\n" + style +
                    "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n" +
                    text_at(left, 26, "title", "start", drawn.title) +
                    text_at(left, 48, "soft", "start", drawn.y_axis) +
                    text_at((x.from + x.to) / 2, height - 14, "soft", "middle", drawn.x_axis) +
                    grid(x, y, drawn);
  out += "<rect class=\"frame\" x=\"" + number(x.from) + "\" y=\"" + number(y.to) + "\" width=\"" +
         number(x.to - x.from) + "\" height=\"" + number(y.from - y.to) + "\"/>\n";
  for (std::size_t i = 0; i < drawn.curves.size(); ++i)
    out += line_of(drawn.curves[i], x, y, std::to_string(i % colour_count));
  return out + names(drawn, x, y) + "</svg>\n";
}

}  // namespace topk::bench
