// The end of a statement, a savepoint or a transaction, for every virtual table over a stream.
//
// SQLite calls xSavepoint before a statement that may need to be undone, xSync before a commit.
// Both write what is pending, so that from then on the pager alone can undo it; xRollbackTo then
// only has to drop what memory knows of the pages.
#include "engine/transaction.hpp"

#include "engine/ahead.hpp"
#include "sqlite/boundary.hpp"
#include "sqlite/rowid_keeper.hpp"

namespace topk::engine {
namespace {

// A commit moves at most so many rows whose time has come; the rest waits for the next ones.
constexpr std::int64_t due_at_a_commit = 1024;

}  // namespace

int flush_for_commit(live::open_stream& state, char** error) noexcept {
  if (state.running() == live::own_statement::spill) return SQLITE_OK;
  return sqlite::guard(error, [&] {
    sqlite::rowid_keeper const keep(state.host().db());
    if (state.is_writing()) {
      TOPK_ASSIGN(bool const is_current, state.is_current());
      if (is_current) TOPK_TRY(take_due(state, due_at_a_commit));
    }
    return state.flush(live::moment::commit);
  });
}

int make_savepoint(live::open_stream& state, char** error, int level) noexcept {
  if (state.running() == live::own_statement::spill) return SQLITE_OK;
  int const code = sqlite::guard(error, [&] {
    sqlite::rowid_keeper const keep(state.host().db());
    return state.flush(live::moment::statement);
  });
  state.host().unmade_savepoint.reset();
  if (code != SQLITE_OK) state.host().unmade_savepoint = level;
  return code;
}

// Of a savepoint that was not made the pager undoes nothing, so what is pending must stay; that of
// other streams too, which may not have been asked for a savepoint.
void undo_to_savepoint(live::open_stream& state, int level) noexcept {
  if (state.running() == live::own_statement::spill || state.host().unmade_savepoint == level)
    return;
  state.rolled_back();
}

}  // namespace topk::engine
