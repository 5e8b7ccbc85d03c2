#include "report.hpp"

#include <cstdio>

namespace topk::bench {
namespace {

std::string formatted(double value, char const* unit) {
  int const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return as_number(value, digits) + unit;
}
// Thousands of times are counts: "12,345x".
std::string times(double ratio) {
  return ratio < 1000 ? formatted(ratio, "x") : as_count(static_cast<std::int64_t>(ratio)) + "x";
}

std::string as_json(std::string const& text) {
  std::string out = "\"";
  for (char const each : text) {
    if (each == '"' || each == '\\') out += '\\';
    out += each;
  }
  return out + "\"";
}

std::string joined(std::vector<std::string> const& cells) {
  std::string text = "|";
  for (auto const& cell : cells) text += " " + cell + " |";
  return text;
}

}  // namespace

std::string as_time(double seconds) {
  if (seconds < 1e-6) return formatted(seconds * 1e9, " ns");
  if (seconds < 1e-3) return formatted(seconds * 1e6, " us");
  if (seconds < 1) return formatted(seconds * 1e3, " ms");
  return formatted(seconds, " s");
}
std::string as_ratio(double ratio) { return times(ratio); }
std::string as_gain(double gain) {
  return gain >= 1 ? times(gain) + " cheaper" : times(1 / gain) + " dearer";
}
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
std::string as_count(std::int64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

figure ratio_figure(std::string what, std::string beside, outcome const& of, std::size_t ours,
                    std::size_t rival, double most) {
  auto measured = plain_figure(std::move(what), std::move(beside), of, ours, rival);
  measured.aim = {most, true, as_ratio(most)};
  return measured;
}
figure gain_figure(std::string what, std::string beside, outcome const& of, std::size_t ours,
                   std::size_t rival, double least) {
  double const gain = of.ratio(rival, ours);
  return {std::move(what),
          std::move(beside),
          as_time(of.cost(ours)),
          as_time(of.cost(rival)),
          gain,
          as_gain(gain),
          target{least, false, as_gain(least)}};
}
figure plain_figure(std::string what, std::string beside, outcome const& of, std::size_t ours,
                    std::size_t rival) {
  double const ratio = of.ratio(ours, rival);
  return {std::move(what),
          std::move(beside),
          as_time(of.cost(ours)),
          as_time(of.cost(rival)),
          ratio,
          as_ratio(ratio),
          {}};
}
figure limit_figure(std::string what, double seconds, double most) {
  return {
      std::move(what), "", as_time(seconds), "", seconds, "", target{most, true, as_time(most)}};
}

void report::line(std::string const& text) {
  markdown_ += text + "\n";
  std::fputs((text + "\n").c_str(), stdout);
  std::fflush(stdout);
}
void report::end_table() {
  if (in_figures_) line("");
  in_figures_ = false;
}
void report::heading(std::string const& text) {
  end_table();
  section_ = text;
  line("## " + text + "\n");
}
void report::text(std::string const& paragraph) {
  end_table();
  line(paragraph + "\n");
}

void report::row(figure const& measured) {
  if (!in_figures_) {
    line(
        "| what | compared with | ours | rival | ratio | target | met "
        "|\n|---|---|---|---|---|---|---|");
    in_figures_ = true;
  }
  std::string wanted, verdict;
  if (measured.aim) {
    auto const& aim = *measured.aim;
    bool const is_met = aim.is_met(measured.value);
    wanted = (aim.at_most ? "at most " : "at least ") + aim.shown;
    verdict = is_met ? "yes" : "**no**";
    if (is_met) {
      ++met_;
    } else {
      missed_.push_back(measured.what + ": " + measured.ours +
                        (measured.shown.empty() ? "" : ", " + measured.shown) + ", wanted " +
                        wanted);
    }
  }
  line(joined({measured.what, measured.beside, measured.ours, measured.rival, measured.shown,
               wanted, verdict}));
  add_json(measured);
}

void report::add_json(figure const& measured) {
  auto const number = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return std::string(text);
  };
  json_ += json_.empty() ? "\n  {" : ",\n  {";
  for (auto const& [name, text] : {std::pair<char const*, std::string const&>("section", section_),
                                   {"what", measured.what},
                                   {"beside", measured.beside},
                                   {"ours", measured.ours},
                                   {"rival", measured.rival}}) {
    json_ += std::string("\"") + name + "\": " + as_json(text) + ", ";
  }
  json_ += "\"value\": " + number(measured.value);
  if (measured.aim) {
    auto const& aim = *measured.aim;
    json_ += ", \"target\": " + number(aim.value) +
             ", \"at_most\": " + (aim.at_most ? "true" : "false") +
             ", \"met\": " + (aim.is_met(measured.value) ? "true" : "false");
  }
  json_ += "}";
}

std::string report::verdict() const {
  std::string text = std::to_string(met_) + " targets met, " + std::to_string(missed_.size()) +
                     " missed" + (missed_.empty() ? ".\n" : ":\n\n");
  for (auto const& one : missed_) text += "* " + one + "\n";
  return text;
}

void report::table(std::vector<std::string> const& columns,
                   std::vector<std::vector<std::string>> const& rows) {
  end_table();
  line(joined(columns));
  std::string rule = "|";
  for (std::size_t i = 0; i < columns.size(); ++i) rule += "---|";
  line(rule);
  for (auto const& cells : rows) line(joined(cells));
  line("");
}

void report::add(std::string const& file, chart drawn) {
  end_table();
  line("![" + drawn.title + "](" + file + ")\n");
  charts_.emplace_back(file, std::move(drawn));
}

}  // namespace topk::bench
