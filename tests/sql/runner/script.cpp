// Reading a script, line by line:
//
//     .word arguments        a directive; .define, .repeat and .setup open a block
//     -- comment             skipped between statements
//     name> SQL ... ;        a statement or several, up to where sqlite3_complete() says so
//     -- | -- ! -- ~         what the statements above return
//
// Steps go to the innermost open block: a .repeat, else a macro, the setup or the last case.
#include "sql/runner/script.hpp"

#include <sqlite3.h>

#include <cctype>
#include <fstream>
#include <stdexcept>

namespace topk::test {
namespace {

std::string trimmed(std::string const& text) {
  auto const first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// At each single bar; two bars are SQL's.
std::vector<std::string> split_turns(std::string const& text) {
  std::vector<std::string> turns(1);
  for (std::size_t at = 0; at < text.size(); ++at) {
    bool const is_double = text.compare(at, 2, "||") == 0;
    if (text[at] == '|' && !is_double) {
      turns.emplace_back();
    } else {
      turns.back() += text.substr(at, is_double ? 2 : 1);
      at += is_double ? 1 : 0;
    }
  }
  for (std::string& turn : turns) turn = trimmed(turn);
  return turns;
}

std::string trimmed_end(std::string const& text) {
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// Where "; -- | ..." begins its expectation behind a statement; the line's end without one.
std::size_t expectation_mark(std::string const& line) {
  for (std::string const each : {"; -- | ", "; -- ! ", "; -- ~ "}) {
    if (auto const found = line.rfind(each); found != std::string::npos) return found + 2;
  }
  return line.size();
}

class reader {
 public:
  explicit reader(std::string const& path) { read_.path = path; }

  script read() {
    std::ifstream in(read_.path);
    if (!in) throw std::runtime_error(read_.path + ": cannot be opened");
    for (std::string line; std::getline(in, line);) read_.lines.push_back(line);
    for (at_ = 0; at_ < read_.lines.size(); ++at_) take(read_.lines[at_]);
    if (!statement_.empty()) refuse("the last statement does not end");
    if (!repeats_.empty() || macro_ != nullptr) refuse("a block is not closed by .end");
    return std::move(read_);
  }

 private:
  [[noreturn]] void refuse(std::string const& why) const {
    throw std::runtime_error(read_.path + ":" + std::to_string(at_ + 1) + ": " + why);
  }

  void take(std::string const& line) {
    if (!statement_.empty()) return take_statement(line);
    if (line.starts_with("-- | ") || line.starts_with("-- ! ") || line.starts_with("-- ~ ")) {
      return take_expectation(line[3], line.substr(5));
    }
    is_expectable_ = false;
    if (trimmed(line).empty() || line.starts_with("--")) return;
    if (trimmed(line).starts_with('.')) return take_directive(trimmed(line).substr(1));
    connection_ = "main";
    std::size_t name = 0;
    while (name < line.size() && std::isalnum(static_cast<unsigned char>(line[name])) != 0) ++name;
    bool const is_named = name > 0 && line.compare(name, 2, "> ") == 0;
    if (is_named) connection_ = line.substr(0, name);
    first_line_ = at_;
    take_statement(is_named ? line.substr(name + 2) : line);
  }

  void take_statement(std::string const& line) {
    std::size_t const mark = expectation_mark(line);
    statement_ += (statement_.empty() ? "" : "\n") + trimmed_end(line.substr(0, mark));
    if (sqlite3_complete(statement_.c_str()) == 0) return;
    step taken;
    taken.line = first_line_ + 1;
    taken.text = std::move(statement_);
    taken.connection = connection_;
    taken.wanted.first = taken.wanted.last = at_ + 1;
    statement_.clear();
    block().push_back(std::move(taken));
    is_expectable_ = true;
    if (mark < line.size()) take_expectation(line[mark + 3], line.substr(mark + 5));
  }

  void take_expectation(char kind, std::string const& text) {
    if (!is_expectable_) refuse("an expectation without a statement above it");
    expectation& wanted = block().back().wanted;
    std::string& to = kind == '|' ? wanted.rows : kind == '!' ? wanted.error : wanted.pattern;
    to += (to.empty() ? "" : " ") + text;
    wanted.last = at_ + 1;  // the line after it, also where it stands behind the statement
  }

  void take_directive(std::string const& line) {
    std::string const word = line.substr(0, line.find(' '));
    std::string const text = trimmed(line.substr(word.size()));
    if (word == "case") {
      read_.cases.push_back({text, at_ + 1, {}, {}});
      is_setup_ = false;
    } else if (word == "setup") {
      if (!read_.cases.empty()) refuse(".setup comes before the first case");
      is_setup_ = true;
    } else if (word == "for") {
      take_for(text);
    } else if (word == "define") {
      macro_ = &read_.macros[text];
    } else if (word == "end") {
      if (!repeats_.empty()) repeats_.pop_back();
      else macro_ = nullptr;
    } else {
      block().push_back({at_ + 1, word, text, {}, {}, {}});
      if (word == "repeat") repeats_.push_back(&block().back());
    }
  }

  // Lines that begin with a bar go on with the list.
  void take_for(std::string text) {
    while (at_ + 1 < read_.lines.size() && trimmed(read_.lines[at_ + 1]).starts_with('|')) {
      text += " " + trimmed(read_.lines[++at_]);
    }
    variants taken;
    for (std::string const& turn : split_turns(text)) {
      auto const parts = split(" " + turn + " ", " ; ");
      if (taken.names.empty()) taken.names = parts;
      else taken.turns.push_back(parts);
    }
    for (auto const& turn : taken.turns) {
      if (turn.size() != taken.names.size()) refuse("as many values as names in each turn");
    }
    (read_.cases.empty() ? read_.loops : read_.cases.back().loops).push_back(std::move(taken));
  }

  std::vector<step>& block() {
    if (!repeats_.empty()) return repeats_.back()->body;
    if (macro_ != nullptr) return *macro_;
    if (is_setup_) return read_.setup;
    if (read_.cases.empty()) refuse("a statement before the first case");
    return read_.cases.back().steps;
  }

  script read_;
  std::size_t at_ = 0;
  std::string statement_;
  std::string connection_;
  std::size_t first_line_ = 0;
  bool is_expectable_ = false;
  bool is_setup_ = false;
  std::vector<step>* macro_ = nullptr;
  std::vector<step*> repeats_;
};

}  // namespace

std::size_t statement_end(std::string const& line) {
  return trimmed_end(line.substr(0, expectation_mark(line))).size();
}

std::vector<std::string> expectation::lines() const {
  std::vector<std::string> all;
  if (!rows.empty()) all = wrapped(rows, "-- | ");
  if (!error.empty()) {
    for (std::string& line : wrapped(error, "-- ! ")) all.push_back(std::move(line));
  }
  if (!pattern.empty()) all = {"-- ~ " + pattern};
  return all;
}

script read_script(std::string const& path) { return reader(path).read(); }

std::vector<std::string> split(std::string const& text, std::string const& by) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t to = 0; to != std::string::npos; from = to + by.size()) {
    to = text.find(by, from);
    parts.push_back(trimmed(text.substr(from, to == std::string::npos ? to : to - from)));
  }
  return parts;
}

std::vector<std::string> wrapped(std::string const& text, std::string const& prefix) {
  std::vector<std::string> lines;
  std::size_t const width = 100 - prefix.size();
  std::size_t from = 0;
  while (text.size() - from > width) {
    auto const fits =
        [&](std::size_t blank) {  // a single blank, at which lines can be joined again
          return text[blank] == ' ' && text[blank - 1] != ' ' && text[blank + 1] != ' ';
        };
    std::size_t to = from + width;
    while (to > from && !fits(to)) --to;
    if (to == from) break;  // no blank: one long line
    lines.push_back(prefix + text.substr(from, to - from));
    from = to + 1;
  }
  lines.push_back(prefix + text.substr(from));
  return lines;
}

}  // namespace topk::test
