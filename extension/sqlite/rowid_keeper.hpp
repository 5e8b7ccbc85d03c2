// Keeps last_insert_rowid() the user's across writes of our own.
#pragma once

#include "sqlite/api.hpp"

namespace topk::sqlite {

class rowid_keeper {
 public:
  explicit rowid_keeper(sqlite3* db) noexcept : db_(db), rowid_(sqlite3_last_insert_rowid(db)) {}
  ~rowid_keeper() { sqlite3_set_last_insert_rowid(db_, rowid_); }
  rowid_keeper(rowid_keeper const&) = delete;
  rowid_keeper& operator=(rowid_keeper const&) = delete;
  [[nodiscard]] sqlite3_int64 rowid() const noexcept { return rowid_; }

 private:
  sqlite3* db_;
  sqlite3_int64 rowid_;
};

}  // namespace topk::sqlite
