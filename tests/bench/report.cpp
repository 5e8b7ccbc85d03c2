#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace topk::bench {
namespace {

std::string formatted(double value, char const* unit) {
  char text[64];
  int const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  std::snprintf(text, sizeof text, "%.*f%s", digits, value, unit);
  return text;
}

}  // namespace

std::string as_time(double seconds) {
  if (seconds < 1e-6) return formatted(seconds * 1e9, " ns");
  if (seconds < 1e-3) return formatted(seconds * 1e6, " us");
  if (seconds < 1) return formatted(seconds * 1e3, " ms");
  return formatted(seconds, " s");
}
std::string as_ratio(double ratio) { return formatted(ratio, "x"); }
std::string as_bytes(double bytes) {
  if (bytes < 1024) return formatted(bytes, " B");
  if (bytes < 1024 * 1024) return formatted(bytes / 1024, " KiB");
  return formatted(bytes / 1024 / 1024, " MiB");
}
std::string as_number(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

void report::line(std::string const& text) {
  markdown_ += text + "\n";
  std::fputs((text + "\n").c_str(), stdout);
  std::fflush(stdout);
}

void report::heading(std::string const& text) {
  in_figures_ = false;
  line("\n## " + text + "\n");
}

void report::text(std::string const& paragraph) {
  if (in_figures_) line("");
  in_figures_ = false;
  line(paragraph + "\n");
}

void report::row(figure const& measured) {
  if (!in_figures_) {
    line("| what | ours | beside | measured | target | |\n|---|---|---|---|---|---|");
    in_figures_ = true;
  }
  bool const is_met = measured.at_most ? measured.value <= measured.target : measured.value >= measured.target;
  ++(is_met ? met_ : missed_);
  line("| " + measured.what + " | " + measured.ours + " | " + measured.beside + " | " + measured.shown + " | " +
       (measured.at_most ? "at most " : "at least ") + measured.target_shown + " | " + (is_met ? "met" : "**missed**") +
       " |");
}

void report::table(std::vector<std::string> const& columns, std::vector<std::vector<std::string>> const& rows) {
  if (in_figures_) line("");
  in_figures_ = false;
  auto const joined = [](std::vector<std::string> const& cells) {
    std::string text = "|";
    for (auto const& cell : cells) text += " " + cell + " |";
    return text;
  };
  line(joined(columns));
  std::string rule = "|";
  for (std::size_t i = 0; i < columns.size(); ++i) rule += "---|";
  line(rule);
  for (auto const& cells : rows) line(joined(cells));
  line("");
}

void report::add(chart drawn) { charts_.push_back(std::move(drawn)); }

std::string report::svg() const {
  constexpr double width = 460, height = 300, left = 76, right = 20, top = 44, bottom = 56;
  static constexpr char const* colours[] = {"#2563eb", "#dc2626", "#059669", "#d97706", "#7c3aed"};
  std::size_t const columns = 2;
  std::size_t const lines = (charts_.size() + columns - 1) / columns;
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + as_number(columns * width, 0) + " " +
                    as_number(static_cast<double>(lines) * height, 0) +
                    "\" font-family=\"sans-serif\" font-size=\"11\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  for (std::size_t which = 0; which < charts_.size(); ++which) {
    auto const& drawn = charts_[which];
    double x_low = std::numeric_limits<double>::max(), x_high = 0, y_low = x_low, y_high = 0;
    for (auto const& one : drawn.curves) {
      for (auto const& [x, y] : one.points) {
        x_low = std::min(x_low, x), x_high = std::max(x_high, x);
        y_low = std::min(y_low, y), y_high = std::max(y_high, y);
      }
    }
    double const decade_low = std::floor(std::log10(y_low)), decade_high = std::max(std::ceil(std::log10(y_high)), decade_low + 1);
    double const x_span = std::max(std::log10(x_high / x_low), 1e-9);
    auto const at_x = [&](double x) { return left + std::log10(x / x_low) / x_span * (width - left - right); };
    auto const at_y = [&](double y) {
      return height - bottom - (std::log10(y) - decade_low) / (decade_high - decade_low) * (height - top - bottom);
    };
    out += "<g transform=\"translate(" + as_number(static_cast<double>(which % columns) * width, 0) + " " +
           as_number(static_cast<double>(which / columns) * height, 0) + ")\">\n<text x=\"" + as_number(left, 0) +
           "\" y=\"18\" font-size=\"13\" font-weight=\"bold\">" + drawn.title + "</text>\n<text x=\"" +
           as_number(left, 0) + "\" y=\"34\" fill=\"#555\">" + drawn.y_axis + "</text>\n<text x=\"" +
           as_number((left + width - right) / 2, 0) + "\" y=\"" + as_number(height - 26, 0) +
           "\" text-anchor=\"middle\" fill=\"#555\">" + drawn.x_axis + "</text>\n";
    for (double decade = decade_low; decade <= decade_high; ++decade) {
      double const y = at_y(std::pow(10.0, decade));
      out += "<line x1=\"" + as_number(left, 0) + "\" x2=\"" + as_number(width - right, 0) + "\" y1=\"" + as_number(y, 1) +
             "\" y2=\"" + as_number(y, 1) + "\" stroke=\"#ddd\"/><text x=\"" + as_number(left - 6, 0) + "\" y=\"" +
             as_number(y + 4, 1) + "\" text-anchor=\"end\">" + as_time(std::pow(10.0, decade)) + "</text>\n";
    }
    for (auto const& [x, y] : drawn.curves.front().points) {
      static_cast<void>(y);
      char text[32];
      std::snprintf(text, sizeof text, "%.4g", x);
      out += "<text x=\"" + as_number(at_x(x), 1) + "\" y=\"" + as_number(height - bottom + 14, 0) +
             "\" text-anchor=\"middle\">" + text + "</text>\n";
    }
    for (std::size_t i = 0; i < drawn.curves.size(); ++i) {
      auto const& one = drawn.curves[i];
      std::string const colour = colours[i % std::size(colours)];
      out += "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"" + colour + "\" points=\"";
      for (auto const& [x, y] : one.points) out += as_number(at_x(x), 1) + "," + as_number(at_y(y), 1) + " ";
      out += "\"/>\n<text x=\"" + as_number(left + static_cast<double>(i) * 120, 0) + "\" y=\"" + as_number(height - 8, 0) +
             "\" fill=\"" + colour + "\">" + one.name + "</text>\n";
    }
    out += "</g>\n";
  }
  return out + "</svg>\n";
}

}  // namespace topk::bench
