#include "surface/topk_stream.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "engine/commands.hpp"
#include "engine/connection.hpp"
#include "engine/content.hpp"
#include "engine/integrity.hpp"
#include "engine/transaction.hpp"
#include "sqlite/boundary.hpp"
#include "sqlite/rowid_keeper.hpp"
#include "sqlite/values.hpp"
#include "surface/ingest.hpp"
#include "surface/options.hpp"
#include "surface/stream_reader.hpp"

namespace topk::surface {
namespace {

struct stream_vtab {
  stream_vtab() = default;
  stream_vtab(stream_vtab const&) = delete;
  stream_vtab& operator=(stream_vtab const&) = delete;
  // SQLite does not take the message of every method: not of xSavepoint, nor of xDestroy.
  ~stream_vtab() { sqlite3_free(base.zErrMsg); }

  sqlite3_vtab base{};
  std::shared_ptr<engine::connection> host;
  std::shared_ptr<engine::open_stream> state;
};

struct stream_cursor {
  sqlite3_vtab_cursor base{};
  stream_reader reader;
};

stream_vtab& of(sqlite3_vtab* vtab) noexcept { return *reinterpret_cast<stream_vtab*>(vtab); }
stream_cursor& of(sqlite3_vtab_cursor* cursor) noexcept {
  return *reinterpret_cast<stream_cursor*>(cursor);
}

// Names that would hide a column or a module of ours.
status check_name(std::string_view name) {
  constexpr std::array taken = {"item",       "ts",         "weight",    "partition",   "topk",
                                "topk_count", "topk_stats", "topk_each", "topk_stream", "cms_add"};
  std::string const lower = sqlite::lowercase(name);
  if (std::find(taken.begin(), taken.end(), lower) == taken.end()) return {};
  return failure(errc::invalid_argument,
                 "a stream can't be called '" + std::string(name) +
                     "': it is the name of a column of streams or of a module; choose another");
}

status connect(sqlite3* db, void* aux, int argc, char const* const* argv, bool is_new,
               sqlite3_vtab** out) {
  auto const& host = *static_cast<std::shared_ptr<engine::connection>*>(aux);
  std::string_view const schema = argv[1];
  std::string_view const table = argv[2];
  std::vector<std::string_view> arguments(argv + 3, argv + std::max(argc, 3));
  auto options = parse_stream_options(arguments);
  if (!options) return std::move(options).error();
  if (is_new) {
    if (auto allowed = check_name(table); !allowed) return allowed;
  }
  auto vtab = std::make_unique<stream_vtab>();
  vtab->host = host;
  if (!is_new) vtab->state = host->find(schema, table);
  if (vtab->state != nullptr) {
    auto const current = vtab->state->is_current();
    if (!current) return current.error();
    if (!*current) vtab->state.reset();
  }
  if (vtab->state != nullptr) {
    vtab->state->reconnected();
  } else {
    vtab->state = std::make_shared<engine::open_stream>(*host, std::string(schema),
                                                        std::string(table), *std::move(options));
  }
  vtab->state->text_is_utf8 = sqlite::has_utf8_text(db);
  if (is_new) {
    sqlite::rowid_keeper const keep(db);
    if (vtab->state->options().content) {
      if (auto known = engine::check_content(*vtab->state); !known) return known;
    }
    if (auto made = vtab->state->create(); !made) return made;
  }
  if (int const code = declare_stream_table(db, std::string(table)); code != SQLITE_OK) {
    return sqlite::last_error(db, code);
  }
  host->enter(vtab->state);
  *out = &vtab.release()->base;
  return {};
}

int x_create(sqlite3* db, void* aux, int argc, char const* const* argv, sqlite3_vtab** out,
             char** error) noexcept {
  return sqlite::guard(error, [&] { return connect(db, aux, argc, argv, true, out); });
}

int x_connect(sqlite3* db, void* aux, int argc, char const* const* argv, sqlite3_vtab** out,
              char** error) noexcept {
  return sqlite::guard(error, [&] { return connect(db, aux, argc, argv, false, out); });
}

int x_disconnect(sqlite3_vtab* vtab) noexcept {
  std::unique_ptr<stream_vtab> const owned(&of(vtab));
  return SQLITE_OK;
}

int x_destroy(sqlite3_vtab* vtab) noexcept {
  // The vtab is freed only on success: SQLite keeps it where DROP fails.
  int const code = sqlite::guard(&vtab->zErrMsg, [&]() -> status {
    auto& state = *of(vtab).state;
    sqlite::rowid_keeper const keep(state.host().db());
    if (state.options().content) {
      if (auto gone = engine::untrack(state); !gone) return gone;
    }
    if (auto gone = state.store().drop(); !gone) return gone;
    state.forget_memory();
    of(vtab).host->leave(state.store().schema(), state.store().table());
    return {};
  });
  return code == SQLITE_OK ? x_disconnect(vtab) : code;
}

int x_best_index(sqlite3_vtab*, sqlite3_index_info* info) noexcept { return plan_reading(info); }

int x_open(sqlite3_vtab* vtab, sqlite3_vtab_cursor** out) noexcept {
  return sqlite::guard(&vtab->zErrMsg, [&]() -> status {
    *out = &std::make_unique<stream_cursor>().release()->base;
    return {};
  });
}

int x_close(sqlite3_vtab_cursor* cursor) noexcept {
  std::unique_ptr<stream_cursor> const owned(&of(cursor));
  return SQLITE_OK;
}

int x_filter(sqlite3_vtab_cursor* cursor, int, char const* plan, int argc,
             sqlite3_value** argv) noexcept {
  return sqlite::guard(&cursor->pVtab->zErrMsg, [&] {
    return of(cursor).reader.start(of(cursor->pVtab).state, plan, argc, argv);
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
    auto& state = *of(vtab).state;
    // SQLite takes this for the row's: last_insert_rowid() stays the user's.
    *rowid = sqlite3_last_insert_rowid(state.host().db());
    if (!is_insert(argc, argv)) return refuse_change(argc, state.store().name());
    return insert_row(state, inserted_row_of(argv));
  });
}

int x_begin(sqlite3_vtab* vtab) noexcept {
  return sqlite::guard(&vtab->zErrMsg, [&]() -> status {
    (void)of(vtab).host->now();
    return {};
  });
}

int x_sync(sqlite3_vtab* vtab) noexcept {
  return engine::flush_for_commit(*of(vtab).state, &vtab->zErrMsg);
}

int x_commit(sqlite3_vtab* vtab) noexcept {
  of(vtab).state->committed();
  return SQLITE_OK;
}

int x_rollback(sqlite3_vtab* vtab) noexcept {
  of(vtab).state->rolled_back();
  of(vtab).state->committed();
  return SQLITE_OK;
}

int x_savepoint(sqlite3_vtab* vtab, int level) noexcept {
  return engine::make_savepoint(*of(vtab).state, &vtab->zErrMsg, level);
}

int x_release(sqlite3_vtab*, int) noexcept { return SQLITE_OK; }

int x_rollback_to(sqlite3_vtab* vtab, int level) noexcept {
  engine::undo_to_savepoint(*of(vtab).state, level);
  return SQLITE_OK;
}

int x_rename(sqlite3_vtab* vtab, char const* to) noexcept {
  return sqlite::guard(&vtab->zErrMsg, [&]() -> status {
    auto& self = of(vtab);
    sqlite::rowid_keeper const keep(self.host->db());
    if (auto allowed = check_name(to); !allowed) return allowed;
    return self.host->rename(self.state, to);
  });
}

int x_shadow_name(char const* suffix) noexcept { return storage::is_shadow_suffix(suffix) ? 1 : 0; }

// Damage is a row of PRAGMA integrity_check, which then goes on to other tables: an error would end
// it, with SQLite's words in place of ours. So only what says nothing of the data, such as an
// interrupt, is one.
int x_integrity(sqlite3_vtab* vtab, char const*, char const*, int flags, char** error) noexcept {
  return sqlite::guard(static_cast<char**>(nullptr), [&]() -> status {
    bool const is_quick = (flags & 1) != 0;
    if (is_quick) return {};
    auto& state = *of(vtab).state;
    sqlite::rowid_keeper const keep(of(vtab).host->db());
    status failed = state.refresh();
    // Own events of the open transaction are in no log yet, and would be missed there.
    if (failed) failed = state.flush(engine::moment::statement);
    std::string damage;
    if (failed) {
      auto found = engine::find_damage(state);
      if (found) damage = *found;
      else failed = std::move(found).error();
    }
    if (failed.code == errc::backend) return failed;
    if (!failed) damage = failed.message;
    if (!damage.empty()) {
      *error = sqlite3_mprintf("stream %s: %s", state.store().name().c_str(), damage.c_str());
      if (*error == nullptr) return failure(errc::backend, "out of memory", SQLITE_NOMEM);
    }
    return {};
  });
}

constexpr sqlite3_module module_of_version(int version) noexcept {
  sqlite3_module module{};
  module.iVersion = version;
  module.xCreate = x_create;
  module.xConnect = x_connect;
  module.xBestIndex = x_best_index;
  module.xDisconnect = x_disconnect;
  module.xDestroy = x_destroy;
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
  module.xRename = x_rename;
  module.xSavepoint = x_savepoint;
  module.xRelease = x_release;
  module.xRollbackTo = x_rollback_to;
  module.xShadowName = x_shadow_name;
#if SQLITE_VERSION_NUMBER >= 3044000
  module.xIntegrity = x_integrity;
#endif
  return module;
}

// SQLite 3.44 calls xIntegrity of a module of version 4. Older headers end before that member:
// there it stands right behind the struct that they know.
struct integrity_module {
  sqlite3_module base;
#if SQLITE_VERSION_NUMBER < 3044000
  int (*x_integrity)(sqlite3_vtab*, char const*, char const*, int, char**) noexcept;
#endif
};
#if SQLITE_VERSION_NUMBER < 3044000
constexpr integrity_module with_integrity = {module_of_version(4), x_integrity};
#else
constexpr integrity_module with_integrity = {module_of_version(4)};
#endif
constexpr sqlite3_module without_integrity = module_of_version(3);

}  // namespace

sqlite3_module const* stream_module() noexcept {
  return sqlite3_libversion_number() >= 3044000 ? &with_integrity.base : &without_integrity;
}

}  // namespace topk::surface
