// Which statements are running on a connection, and what they do with a table or a function.
//
// SQLite has no call for either. But it lists the connection's statements and says which of them
// are running, and EXPLAIN shows the program of each. If a program cannot be read, the answer is
// yes, to be safe.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/status.hpp"
#include "sqlite/api.hpp"

namespace topk::sqlite {

class running_statements {
 public:
  explicit running_statements(sqlite3* db) noexcept : db_(db) {}

  // Whether a statement that is under way, ours or the user's, has the table with this root page
  // open. Verdicts are kept until forget_verdicts(): at the latest when the transaction ends.
  result<bool> read(std::string const& schema, std::int64_t root);
  void forget_verdicts() noexcept { verdicts_.clear(); }

  // Whether a statement that is under way slides a window frame over a function of this name, and
  // will ask it for inverse steps. `function` is the start of its name in EXPLAIN: "topk(".
  bool slide_a_frame_of(std::string_view function);

 private:
  result<bool> opens(char const* sql, std::int64_t database, std::int64_t root);
  template <class Wanted>
  bool has_instruction(char const* sql, Wanted&& wanted);

  sqlite3* db_;
  std::unordered_map<std::string, bool> verdicts_;  // by root page, schema and statement
  struct {  // the last answer of slide_a_frame_of, for the many groups of one GROUP BY
    std::string question;
    bool answer = false;
  } slides_;
};

}  // namespace topk::sqlite
