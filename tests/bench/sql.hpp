// A connection as a program has it: the shipped library loaded, prepared statements, files in a
// folder that goes away.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace topk::bench {

struct libraries {
  std::string topk;    // the shipped topk.so
  std::string rivals;  // rivals.c
};

// Ends the program with the message: a benchmark has nobody to tell.
[[noreturn]] void give_up(std::string const& message);

class work_folder {
 public:
  work_folder();
  ~work_folder();
  work_folder(work_folder const&) = delete;
  work_folder& operator=(work_folder const&) = delete;
  [[nodiscard]] std::string file(std::string const& name) const { return (path_ / name).string(); }
  // The database and its journals.
  void remove(std::string const& name) const;
  [[nodiscard]] std::uintmax_t bytes(std::string const& name) const;

 private:
  std::filesystem::path path_;
};

class query {
 public:
  query(sqlite3* db, std::string const& sql);
  query& bind(int at, std::int64_t value);
  query& bind(int at, char const* text, std::size_t bytes);  // must outlive the run
  void run();                                                // all rows; resets
  [[nodiscard]] bool step();
  [[nodiscard]] std::int64_t integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
  }
  [[nodiscard]] double real(int column) const {
    return sqlite3_column_double(statement_.get(), column);
  }
  [[nodiscard]] std::string text(int column) const;
  void reset() { sqlite3_reset(statement_.get()); }

 private:
  struct finalize {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, finalize> statement_;
};

class connection {
 public:
  // WAL, synchronous=NORMAL, a page cache of 256 MB and temporary tables in memory: for all
  // contestants.
  connection(std::string const& path, libraries const& with);
  [[nodiscard]] sqlite3* get() const noexcept { return db_.get(); }
  void exec(std::string const& sql) const;
  [[nodiscard]] double number(std::string const& sql) const;
  [[nodiscard]] query prepare(std::string const& sql) const { return {db_.get(), sql}; }

 private:
  struct close {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, close> db_;
};

}  // namespace topk::bench
