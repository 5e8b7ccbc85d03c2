// One SQLite connection with the real extension loaded, and its answers as plain values.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "kit/value.hpp"

struct sqlite3;

namespace topk::test {

// What became of one or more statements. `code` is the primary result code, SQLITE_OK when all ran.
struct outcome {
  int code = 0;
  std::string message;
  std::vector<row> rows;  // of all statements, up to the failure

  [[nodiscard]] bool ok() const noexcept { return code == 0; }
};

class sql_error : public std::runtime_error {
 public:
  sql_error(int code, std::string const& text) : std::runtime_error(text), code_(code) {}
  [[nodiscard]] int code() const noexcept { return code_; }

 private:
  int code_;
};

// The path of topk.so: the environment's TOPK_LIBRARY, else what the build compiled in.
[[nodiscard]] std::string library_path();

// The text encoding of the databases that are made from now on. A test draws one of UTF-8, UTF-16le
// and UTF-16be by a seed of its own; TOPK_ENCODING names one for all tests.
void draw_encoding(std::uint64_t seed);
// One that the test needs, whatever is drawn.
void use_encoding(std::string const& encoding);
[[nodiscard]] std::string const& encoding_in_use() noexcept;
// The text as a database of that encoding has it after it was stored.
[[nodiscard]] std::string stored_text(std::string const& bytes);

// A prepared statement that outlives its runs, as a program with a statement cache has it.
class prepared {
 public:
  prepared() = default;
  prepared(sqlite3* connection, std::string const& sql);

  explicit operator bool() const noexcept { return statement_ != nullptr; }
  outcome run(std::vector<value> const& parameters);
  void reset() noexcept { statement_.reset(); }

 private:
  struct finalize {
    void operator()(sqlite3_stmt* statement) const noexcept;
  };
  std::unique_ptr<sqlite3_stmt, finalize> statement_;
};

class database {
 public:
  // Opens (and creates) the file; `vfs` null means SQLite's default. Throws sql_error.
  explicit database(std::string const& path, char const* vfs = nullptr);
  // As sqlite3_open_v2 reads `flags`, e.g. for read-only and URI names.
  database(std::string const& path, int flags, char const* vfs);

  // Loads library_path(). Throws sql_error.
  void load_topk();

  // Runs every statement of `sql` with the same parameters; stops at the first failure.
  outcome attempt(std::string const& sql, std::vector<value> const& parameters = {});
  // The same, but a failure throws sql_error with the SQL in its text.
  std::vector<row> query(std::string const& sql, std::vector<value> const& parameters = {});
  void exec(std::string const& sql) { static_cast<void>(query(sql)); }
  // The first column of the first row; NULL without one.
  value scalar(std::string const& sql, std::vector<value> const& parameters = {});

  prepared prepare(std::string const& sql) { return prepared(handle_.get(), sql); }

  [[nodiscard]] bool in_transaction() const noexcept;
  [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }
  // Closes for good and returns sqlite3_close's code: SQLITE_BUSY if a statement is still alive.
  int close() noexcept;

 private:
  struct close_handle {
    void operator()(sqlite3* handle) const noexcept;
  };
  std::unique_ptr<sqlite3, close_handle> handle_;
};

// A fresh directory, in RAM where the machine offers it, that goes with the object.
class scratch_directory {
 public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(scratch_directory const&) = delete;
  scratch_directory& operator=(scratch_directory const&) = delete;

  [[nodiscard]] std::string file(std::string const& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace topk::test
