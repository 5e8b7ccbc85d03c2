// A transaction, as SQLite reports it to the table of a stream:
//
//   begin ──> update ... ──> savepoint(n) ──> update ... ──> sync ──> commit
//             rows wait in    writes them, so    │           writes     they are
//             memory          that the pager     │           the rest   the file's
//                             can undo what      │
//                             comes after        └─ rollback_to(n): memory forgets what it
//                                                   knows of pages, as rollback does
//
// An error in the middle of a statement may roll back everything, and so unbind the stream while a
// method of it runs: each method holds on to the stream for itself.
#include "surface/stream_table.hpp"

#include "engine/tracking.hpp"
#include "engine/transaction.hpp"
#include "sqlite/statement.hpp"

namespace topk::surface {

status stream_table::declare(sqlite3* db, std::string const& command_column) {
  int code = sqlite3_declare_vtab(
      db, ("CREATE TABLE stream(item, ts, weight, \"partition\", " +
           sqlite::quoted(command_column) + " HIDDEN, " + engine::tracked_column + " HIDDEN)")
              .c_str());
  if (code == SQLITE_OK) code = sqlite3_vtab_config(db, SQLITE_VTAB_CONSTRAINT_SUPPORT, 1);
  if (code == SQLITE_OK) code = sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  return code == SQLITE_OK ? status{} : sqlite::last_error(db, code);
}

status stream_table::insert(inserted_row const& row) {
  auto const state = state_;
  return insert_row(*state, row);
}

// The clock is read once here, so that rows without a ts need not read it.
status stream_table::begin() {
  (void)host_->now();
  return {};
}

int stream_table::sync() noexcept {
  auto const state = state_;
  return state == nullptr ? SQLITE_OK : engine::flush_for_commit(*state, &zErrMsg);
}

void stream_table::commit() noexcept {
  if (state_ != nullptr) state_->committed();
}

void stream_table::rollback() noexcept {
  if (state_ == nullptr) return;
  state_->rolled_back();
  state_->committed();
}

int stream_table::savepoint(int level) noexcept {
  auto const state = state_;
  return state == nullptr ? SQLITE_OK : engine::make_savepoint(*state, &zErrMsg, level);
}

void stream_table::rollback_to(int level) noexcept {
  if (state_ != nullptr) engine::undo_to_savepoint(*state_, level);
}

}  // namespace topk::surface
