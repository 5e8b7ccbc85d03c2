// One operation with one failure in it, and what must hold afterwards.
#pragma once

#include <cstdint>
#include <string>

#include "operations.hpp"

struct sqlite3;

namespace topk::test {

// A kind of failure: how to arm it for the nth call, and which codes may come of it.
struct failure_kind {
  char const* name;
  void (*arm)(sqlite3* db, long nth, bool stays);
  // Disarms, and returns how many calls came; fewer than armed for: nothing has failed.
  long (*disarm)(sqlite3* db);
  bool (*is_expected)(int extended_code);
  // A failed write may come to light after the point of no return: then all is stored, in spite of
  // the error.
  bool may_report_late = false;
  // SQLite takes the file to be damaged, and keeps what it saw in its cache until the transaction
  // ends; topk_stats shows a damaged stream as NULLs.
  bool looks_like_damage = false;
};

struct verdict {
  bool has_failed = false;    // the nth call came
  bool is_swallowed = false;  // and the operation succeeded in spite of it
  std::string complaint;      // empty: all is as promised
};

// The same for the loading of the extension.
[[nodiscard]] verdict load_step(std::string const& path, failure_kind const& kind, long nth,
                                bool stays);

// One operation, made ready: the database file it starts from, and what is in it in each outcome.
class walked_operation {
 public:
  // Runs it with nothing failing. `pragma` runs first on every connection, e.g. journal_mode.
  // Throws std::runtime_error if the operation does not do the same twice.
  walked_operation(operation const& of, std::string const& path, std::string const& pragma);

  // Counts the calls of this kind.
  [[nodiscard]] long calls(failure_kind const& kind) const;

  [[nodiscard]] verdict step(failure_kind const& kind, long nth, bool stays) const;

 private:
  void begin(database& db) const;
  // The complaint.
  std::string examine(failure_kind const& kind, long nth, bool stays, verdict& got) const;

  operation of_;
  std::string path_;
  std::string pragma_;
  std::string image_;
  std::uint64_t answer_ = 0;  // of the operation's rows
  // What a user sees when nothing was kept, when all but the operation was, and when all was.
  std::string nothing_;
  std::string without_;
  std::string whole_;
};

}  // namespace topk::test
