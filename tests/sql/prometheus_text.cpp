#include "prometheus_text.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

namespace topk::test {
namespace {

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

class reader {
 public:
  explicit reader(std::string const& text) : text_(text) {}

  prometheus_page run() {
    while (at_ < text_.size()) {
      ++line_;
      if (text_[at_] == '#') {
        comment();
      } else {
        sample();
      }
      expect('\n', "the end of the line");
    }
    leave_family();
    return std::move(page_);
  }

 private:
  [[noreturn]] void fail(std::string const& what) const {
    throw std::runtime_error("line " + std::to_string(line_) + ": " + what);
  }
  [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
  void expect(char wanted, std::string const& what) {
    if (at_ >= text_.size() || text_[at_] != wanted) fail("expected " + what);
    ++at_;
  }
  void expect(std::string const& wanted) {
    if (text_.compare(at_, wanted.size(), wanted) != 0) fail("expected '" + wanted + "'");
    at_ += wanted.size();
  }

  std::string name(bool allows_colon) {
    std::size_t const from = at_;
    while (is_letter(peek()) || (allows_colon && peek() == ':') || (at_ > from && is_digit(peek())))
      ++at_;
    if (at_ == from) fail("expected a name");
    return text_.substr(from, at_ - from);
  }

  void comment() {
    expect("# ");
    bool const is_help = text_.compare(at_, 5, "HELP ") == 0;
    expect(is_help ? "HELP " : "TYPE ");
    std::string const family = name(true);
    expect(' ', "a blank");
    if (is_help) {
      leave_family();
      if (!closed_.insert(family).second) fail("family " + family + " begins twice");
      family_ = family;
      type_.reset();
      has_samples_ = false;
      help();
      return;
    }
    if (family != family_ || type_ || has_samples_) fail("TYPE of " + family + " is out of place");
    type_ = name(false);
    if (!std::set<std::string>{"counter", "gauge", "summary", "histogram", "untyped"}.contains(
            *type_))
      fail("unknown type " + *type_);
    if ((*type_ == "counter") != family_.ends_with("_total")) fail(family_ + " is a " + *type_);
    page_.types[family_] = *type_;
  }

  void help() {
    std::size_t const from = at_;
    for (; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
      if (text_[at_] != '\\') continue;
      ++at_;
      if (peek() != '\\' && peek() != 'n') fail("bad escape in HELP");
    }
    if (at_ == from) fail("HELP says nothing");
  }

  void leave_family() const {
    if (!family_.empty() && !has_samples_) fail("family " + family_ + " has no samples");
  }

  void sample() {
    prometheus_sample found;
    found.name = name(true);
    if (peek() == '{') labels(found.labels);
    expect(' ', "a blank");
    found.value = number();
    bool fits = found.name == family_;
    if (type_ == "summary") {
      bool const is_quantile = found.labels.contains("quantile");
      fits = fits ? is_quantile
                  : (!is_quantile &&
                     (found.name == family_ + "_count" || found.name == family_ + "_sum"));
    } else if (found.labels.contains("quantile")) {
      fail("only a summary has quantiles");
    }
    if (!type_ || !fits) fail(found.name + " is not of the family " + family_);
    if ((type_ == "counter" || found.name.ends_with("_count")) && !(found.value >= 0))
      fail("a counter is " + std::to_string(found.value));
    if (!series_.insert({found.name, found.labels}).second)
      fail(found.name + " has this series twice");
    has_samples_ = true;
    page_.samples.push_back(std::move(found));
  }

  void labels(std::map<std::string, std::string>& out) {
    expect('{', "{");
    while (peek() != '}') {
      std::string const label = name(false);
      if (label.starts_with("__")) fail("label " + label + " is reserved");
      expect('=', "=");
      expect('"', "a quote");
      std::string text;
      while (peek() != '"') {
        char c = peek();
        if (at_ >= text_.size() || c == '\n') fail("a label is not closed");
        ++at_;
        if (c == '\\') {
          c = peek();
          if (c != '\\' && c != '"' && c != 'n') fail("bad escape in a label");
          if (c == 'n') c = '\n';
          ++at_;
        }
        text += c;
      }
      ++at_;
      if (!out.emplace(label, text).second) fail("label " + label + " twice");
      if (peek() == ',') {
        ++at_;
        if (peek() == '}') fail("a comma too many");
      } else if (peek() != '}') {
        fail("expected a comma or }");
      }
    }
    ++at_;
  }

  double number() {
    std::size_t const from = at_;
    while (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != ' ') ++at_;
    std::string const word = text_.substr(from, at_ - from);
    if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (word == "+Inf") return std::numeric_limits<double>::infinity();
    if (word == "-Inf") return -std::numeric_limits<double>::infinity();
    if (word.empty() || word.find_first_not_of("0123456789+-.eE") != word.npos)
      fail("'" + word + "' is no number");
    try {
      std::size_t used = 0;
      double const value = std::stod(word, &used);
      if (used == word.size()) return value;
    } catch (std::exception const&) {
    }
    fail("'" + word + "' is no number");
  }

  std::string const& text_;
  std::size_t at_ = 0;
  int line_ = 0;
  prometheus_page page_;
  std::string family_;
  std::optional<std::string> type_;
  bool has_samples_ = false;
  std::set<std::string> closed_;
  std::set<std::pair<std::string, std::map<std::string, std::string>>> series_;
};

}  // namespace

double prometheus_page::at(std::string const& name,
                           std::map<std::string, std::string> const& labels) const {
  for (auto const& each : samples) {
    if (each.name == name && each.labels == labels) return each.value;
  }
  throw std::out_of_range("no sample " + name);
}

prometheus_page read_prometheus(std::string const& text) { return reader(text).run(); }

}  // namespace topk::test
