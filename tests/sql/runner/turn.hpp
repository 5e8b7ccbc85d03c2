// One turn of one case: its connections, its clock, its variables.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kit/database.hpp"
#include "sql/runner/player.hpp"
#include "sql/runner/script.hpp"

namespace topk::test {

// What a statement returned, as a script writes it down.
struct reply {
  std::string rows;
  std::string error;

  friend bool operator==(reply const&, reply const&) = default;
};

class turn {
 public:
  turn(script const& given, script_case const& played_case,
       std::map<std::string, std::string> variables, played& result);

  // Plays the setup and the case, then checks every stream and closes every connection. False where
  // the case asks for a newer SQLite.
  bool run();

 private:
  void play_steps(std::vector<step> const& steps);
  bool play_directive(step const& each);
  void play_statement(step const& each);
  void check_guarded(step const& each, std::string const& sql, reply const& got);
  void compare(step const& each, std::string const& sql, reply const& got);
  void open(step const& each);
  void make_first_format(std::string const& stream);
  void set_clock(std::string const& given);
  void finish();

  reply ask(std::string const& connection, std::string const& sql);
  // As ask(), of "answers s", "stored s" or "name> SQL".
  std::string seen(std::string const& given);
  database& connection(std::string const& name);
  std::string path(std::string const& file) const { return folder_.file(file); }
  std::string expanded(std::string const& text) const;
  void fail(std::size_t line, std::string const& what);

  script const& script_;
  script_case const& case_;
  std::map<std::string, std::string> variables_;
  played& result_;
  scratch_directory folder_;
  std::map<std::string, std::unique_ptr<database>> connections_;
  std::map<std::string, std::string> remembered_;
  std::string main_file_ = ":memory:";
  std::string between_;
  std::string guarded_;     // a stream that a refused statement may not touch
  std::size_t caller_ = 0;  // the line of the macro that is being played
  bool is_damaged_ = false;
  bool is_skipped_ = false;
};

}  // namespace topk::test
