// A script of SQL statements and what they return (*.test), read into cases; the grammar is in
// tests/sql/README.md.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace topk::test {

// What stands behind or below a statement: "-- | rows", "-- ! code and message", "-- ~ pattern".
// Lines of one kind are joined by blanks, so that the width of the page does not matter.
struct expectation {
  std::string rows;
  std::string error;
  std::string pattern;    // of rows or error, as SQLite's GLOB reads it
  std::size_t first = 0;  // the lines of the file [first, last) below it, from 0 on
  std::size_t last = 0;

  // The lines to write it down.
  [[nodiscard]] std::vector<std::string> lines() const;
};

struct step {
  std::size_t line = 0;    // from 1 on
  std::string word;        // of a directive, without its dot; empty for SQL
  std::string text;        // its arguments, or the SQL
  std::string connection;  // for SQL
  expectation wanted;      // for SQL
  std::vector<step> body;  // of .repeat
};

// The variables of one ".for" and the values that they take together, one turn after the other.
struct variants {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> turns;
};

struct script_case {
  std::string name;
  std::size_t line = 0;
  std::vector<variants> loops;
  std::vector<step> steps;
};

struct script {
  std::string path;
  std::vector<std::string> lines;
  std::vector<variants> loops;  // before the first case: every case runs in all of them
  std::vector<step> setup;
  std::map<std::string, std::vector<step>> macros;
  std::vector<script_case> cases;
};

// Throws std::runtime_error, "FILE:LINE: what is wrong".
[[nodiscard]] script read_script(std::string const& path);

// The length of a line of SQL without the expectation behind it.
[[nodiscard]] std::size_t statement_end(std::string const& line);

// The parts of a text between separators, without the blanks around them.
[[nodiscard]] std::vector<std::string> split(std::string const& text, std::string const& by);

// The text in lines of at most 100 columns that each begin with the prefix.
[[nodiscard]] std::vector<std::string> wrapped(std::string const& text, std::string const& prefix);

}  // namespace topk::test
