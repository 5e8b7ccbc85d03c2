#include "surface/cms_add.hpp"

#include "engine/connection.hpp"
#include "engine/transaction.hpp"
#include "sqlite/boundary.hpp"
#include "sqlite/rowid_keeper.hpp"
#include "surface/ingest.hpp"
#include "surface/stream_reader.hpp"

namespace topk::surface {
namespace {
namespace front {  // every table's callbacks have the names of SQLite's slots

struct front_vtab {
  front_vtab() = default;
  front_vtab(front_vtab const&) = delete;
  front_vtab& operator=(front_vtab const&) = delete;
  // SQLite does not take the message of every method: not of xSavepoint.
  ~front_vtab() { sqlite3_free(base.zErrMsg); }

  sqlite3_vtab base{};
  std::shared_ptr<engine::connection> host;
  // The default stream while it holds events of the open transaction: SQLite may disconnect its own
  // table in between.
  std::shared_ptr<engine::open_stream> state;
};

struct front_cursor {
  sqlite3_vtab_cursor base{};
  stream_reader reader;
};

front_vtab& of(sqlite3_vtab* vtab) noexcept { return *reinterpret_cast<front_vtab*>(vtab); }
front_cursor& of(sqlite3_vtab_cursor* cursor) noexcept {
  return *reinterpret_cast<front_cursor*>(cursor);
}

// The default stream, made if there is none. In xUpdate, never in xBegin: a CREATE VIRTUAL TABLE
// there corrupts SQLite's list of open virtual tables.
status find_stream(front_vtab& self, inserted_row const& row) {
  auto state = self.host->resolve_default();
  if (!state) return std::move(state).error();
  if (*state == nullptr) {
    auto good = check_row(*self.host, stream::stream_options{}, row);
    if (!good) return skippable(self.host->db(), std::move(good));
    sqlite::rowid_keeper const keep(self.host->db());
    auto made = sqlite::execute(self.host->db(),
                                "CREATE VIRTUAL TABLE main.topk_events USING topk_stream()");
    if (!made) return made;
    state = self.host->resolve_default();
    if (!state) return std::move(state).error();
    if (*state == nullptr) return failure(errc::corrupt, "the default stream could not be made");
  }
  self.state = *std::move(state);
  return {};
}

int x_connect(sqlite3* db, void* aux, int, char const* const*, sqlite3_vtab** out,
              char** error) noexcept {
  return sqlite::guard(error, [&]() -> status {
    if (int const code = declare_stream_table(db, "cms_add"); code != SQLITE_OK) {
      return sqlite::last_error(db, code);
    }
    auto vtab = std::make_unique<front_vtab>();
    vtab->host = *static_cast<std::shared_ptr<engine::connection>*>(aux);
    *out = &vtab.release()->base;
    return {};
  });
}

int x_disconnect(sqlite3_vtab* vtab) noexcept {
  std::unique_ptr<front_vtab> const owned(&of(vtab));
  return SQLITE_OK;
}

int x_best_index(sqlite3_vtab*, sqlite3_index_info* info) noexcept { return plan_reading(info); }

int x_open(sqlite3_vtab* vtab, sqlite3_vtab_cursor** out) noexcept {
  return sqlite::guard(&vtab->zErrMsg, [&]() -> status {
    *out = &std::make_unique<front_cursor>().release()->base;
    return {};
  });
}

int x_close(sqlite3_vtab_cursor* cursor) noexcept {
  std::unique_ptr<front_cursor> const owned(&of(cursor));
  return SQLITE_OK;
}

int x_filter(sqlite3_vtab_cursor* cursor, int, char const* plan, int argc,
             sqlite3_value** argv) noexcept {
  return sqlite::guard(&cursor->pVtab->zErrMsg, [&]() -> status {
    auto state = of(cursor->pVtab).host->resolve_default();
    if (!state) return std::move(state).error();
    return of(cursor).reader.start(*state, plan, argc, argv);
  });
}

int x_next(sqlite3_vtab_cursor* cursor) noexcept {
  return sqlite::guard(&cursor->pVtab->zErrMsg, [&] { return of(cursor).reader.next(); });
}

int x_eof(sqlite3_vtab_cursor* cursor) noexcept { return of(cursor).reader.has_row() ? 0 : 1; }

int x_column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int index) noexcept {
  return sqlite::guard(&cursor->pVtab->zErrMsg, [&]() -> status {
    of(cursor).reader.column(context, index);
    return {};
  });
}

int x_rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* rowid) noexcept {
  return sqlite::guard(&cursor->pVtab->zErrMsg, [&]() -> status {
    *rowid = of(cursor).reader.rowid();
    return {};
  });
}

int x_update(sqlite3_vtab* vtab, int argc, sqlite3_value** argv, sqlite3_int64* rowid) noexcept {
  return sqlite::guard(&vtab->zErrMsg, [&]() -> status {
    auto& self = of(vtab);
    // SQLite takes this for the row's: last_insert_rowid() stays the user's.
    *rowid = sqlite3_last_insert_rowid(self.host->db());
    if (!is_insert(argc, argv)) return refuse_change(argc, "cms_add");
    auto const row = inserted_row_of(argv);
    if (auto found = find_stream(self, row); !found) return found;
    // A nested statement that fails may roll all back, and x_rollback lets go of the stream.
    auto const state = self.state;
    return insert_row(*state, row);
  });
}

int x_begin(sqlite3_vtab* vtab) noexcept {
  return sqlite::guard(&vtab->zErrMsg, [&]() -> status {
    (void)of(vtab).host->now();
    return {};
  });
}

int x_sync(sqlite3_vtab* vtab) noexcept {
  auto const state = of(vtab).state;
  return state == nullptr ? SQLITE_OK : engine::flush_for_commit(*state, &vtab->zErrMsg);
}

int x_commit(sqlite3_vtab* vtab) noexcept {
  auto& self = of(vtab);
  if (self.state != nullptr) self.state->committed();
  self.state.reset();
  return SQLITE_OK;
}

int x_rollback(sqlite3_vtab* vtab) noexcept {
  auto& self = of(vtab);
  if (self.state != nullptr) {
    self.state->rolled_back();
    self.state->committed();
  }
  self.state.reset();
  return SQLITE_OK;
}

int x_savepoint(sqlite3_vtab* vtab, int level) noexcept {
  auto const state = of(vtab).state;
  return state == nullptr ? SQLITE_OK : engine::make_savepoint(*state, &vtab->zErrMsg, level);
}

int x_release(sqlite3_vtab*, int) noexcept { return SQLITE_OK; }

int x_rollback_to(sqlite3_vtab* vtab, int level) noexcept {
  auto& self = of(vtab);
  if (self.state != nullptr) engine::undo_to_savepoint(*self.state, level);
  return SQLITE_OK;
}

constexpr sqlite3_module make_module() noexcept {
  sqlite3_module module{};
  module.iVersion = 2;
  module.xConnect = x_connect;
  module.xBestIndex = x_best_index;
  module.xDisconnect = x_disconnect;
  module.xOpen = x_open;
  module.xClose = x_close;
  module.xFilter = x_filter;
  module.xNext = x_next;
  module.xEof = x_eof;
  module.xColumn = x_column;
  module.xRowid = x_rowid;
  module.xUpdate = x_update;
  module.xBegin = x_begin;
  module.xSync = x_sync;
  module.xCommit = x_commit;
  module.xRollback = x_rollback;
  module.xSavepoint = x_savepoint;
  module.xRelease = x_release;
  module.xRollbackTo = x_rollback_to;
  return module;
}

constexpr sqlite3_module module = make_module();

}  // namespace front
}  // namespace

sqlite3_module const* cms_add_module() noexcept { return &front::module; }

}  // namespace topk::surface
