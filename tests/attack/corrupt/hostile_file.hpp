// A database file with all that a stream stores, to be damaged again and again; and all that can be
// asked of a stream, with what may be answered.
//
// The stream is `s`; next to it is `other`, with the same events and another seed.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sql/story.hpp"

namespace topk::test {

// What may be answered besides a clear SQLITE_CORRUPT_VTAB (or the refusal of a newer version).
enum class promise {
  right_rows,  // only what the sound file answers: the damage can always be seen
  any_rows     // the damage may be another content, well written: any rows
};

// Either stream has partitions, panes that hold filters, and a tail.
enum class shape {
  small,    // two levels of panes, some dozen events
  first,    // the same in the first format
  full,     // four levels, roll-ups that are still due, late events, a tail of hundreds
  followed  // as small, of a table of the user's, with rows dated ahead of the clock
};

class hostile_file {
 public:
  explicit hostile_file(std::string const& options = "log=on", shape of = shape::small);

  // SQL that names the shadow tables as they are: run behind the extension's back on a fresh copy
  // of the file. Then every question is asked. `parameters` are bound to each statement.
  void try_damage(std::string const& what, std::string const& sql,
                  std::vector<value> const& parameters, promise held);
  void try_damage(std::string const& sql, promise held) { try_damage(sql, sql, {}, held); }

  // A value in the sound file.
  [[nodiscard]] value sound(std::string const& sql);

 private:
  struct answer {
    int code;
    std::string text;
  };
  using answers = std::map<std::string, answer>;

  void create_small(database& db, std::string const& options);
  void fill_small(database& db);
  void fill_full(database& db, std::string const& options);
  void fill_followed(database& db, std::string const& options);
  void restore() const;
  [[nodiscard]] answers read(database& db);
  void write_and_undo(database& db);
  void write_and_drop(database& db);
  void examine(database& db, std::string const& sql, outcome const& got);
  void compare(answers const& got);
  outcome ask(database& db, std::string const& sql);

  scratch_directory folder_;
  std::string path_;
  std::string image_;
  std::string some_;  // an INSERT
  answers sound_;
  bool is_sound_ = true;  // while the sound file itself is asked
  std::map<std::string, outcome> sound_failures_;
};

// Inputs tried by this process so far.
void count_input();

}  // namespace topk::test
