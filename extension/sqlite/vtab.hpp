// A virtual table as a class: module_of<Table>() is SQLite's struct of callbacks for it.
//
//   class words final : public sqlite::table {
//    public:
//     static result<std::unique_ptr<words>> connect(sqlite::table_call const& call);
//     int best_index(sqlite3_index_info& info) noexcept;
//
//     class cursor final : public sqlite::table_cursor {
//      public:
//       explicit cursor(words& of);
//       status filter(int number, char const* plan, std::span<sqlite3_value* const> arguments);
//       void next() noexcept;
//       bool eof() const noexcept;
//       void column(sqlite3_context* context, int index) const noexcept;
//       std::int64_t rowid() const noexcept;
//     };
//   };
//
// Without create() and destroy() the table is eponymous: it is there by its name alone. A table
// that has update() can be written to, one that has begin() takes part in transactions: begin,
// sync, commit, rollback, savepoint(level), rollback_to(level). Besides: rename(name), and the
// static is_shadow_name(suffix).
//
// A method that returns a status may throw; one that returns SQLite's code, or nothing, may not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>

#include "sqlite/boundary.hpp"

namespace topk::sqlite {

// What SQLite passes to xCreate and xConnect. `arguments`: module, schema, table, then what is in
// the parentheses of CREATE VIRTUAL TABLE.
struct table_call {
  sqlite3* db;
  void* aux;
  std::span<char const* const> arguments;
};

class table : public sqlite3_vtab {
 public:
  table() noexcept : sqlite3_vtab{} {}
  table(table const&) = delete;
  table& operator=(table const&) = delete;
  // SQLite does not take the message of every method: not of xSavepoint, nor of xDestroy.
  ~table() { sqlite3_free(zErrMsg); }
};

class table_cursor : public sqlite3_vtab_cursor {
 public:
  table_cursor() noexcept : sqlite3_vtab_cursor{} {}
  table_cursor(table_cursor const&) = delete;
  table_cursor& operator=(table_cursor const&) = delete;
};

// The callbacks, named as SQLite's slots.
template <class Table>
struct table_slots {
  using cursor = typename Table::cursor;

  static Table& of(sqlite3_vtab* vtab) noexcept { return *static_cast<Table*>(vtab); }
  static cursor& of(sqlite3_vtab_cursor* open) noexcept { return *static_cast<cursor*>(open); }

  // Calls a method; its failure becomes a code, and a message in the slot.
  template <class Method>
  static int run(char** error, Method&& method) noexcept {
    using returned = std::invoke_result_t<Method>;
    if constexpr (std::is_void_v<returned>) {
      method();
      return SQLITE_OK;
    } else if constexpr (std::is_same_v<returned, int>) {
      return method();
    } else {
      return guard(error, std::forward<Method>(method));
    }
  }
  template <class Method>
  static int run(sqlite3_vtab* vtab, Method&& method) noexcept {
    return run(&vtab->zErrMsg, std::forward<Method>(method));
  }
  template <class Method>
  static int run(sqlite3_vtab_cursor* open, Method&& method) noexcept {
    return run(&open->pVtab->zErrMsg, std::forward<Method>(method));
  }

  // ---- the table

  template <class Make>
  static int make(sqlite3_vtab** out, char** error, Make&& make) noexcept {
    return guard(error, [&]() -> status {
      TOPK_ASSIGN(auto made, make());
      *out = made.release();
      return {};
    });
  }
  static int x_create(sqlite3* db, void* aux, int argc, char const* const* argv, sqlite3_vtab** out,
                      char** error) noexcept {
    return make(out, error, [&] {
      return Table::create({db, aux, {argv, static_cast<std::size_t>(argc)}});
    });
  }
  static int x_connect(sqlite3* db, void* aux, int argc, char const* const* argv,
                       sqlite3_vtab** out, char** error) noexcept {
    return make(out, error, [&] {
      return Table::connect({db, aux, {argv, static_cast<std::size_t>(argc)}});
    });
  }
  static int x_disconnect(sqlite3_vtab* vtab) noexcept {
    std::unique_ptr<Table> const owned(&of(vtab));
    return SQLITE_OK;
  }
  // The table is freed only on success: SQLite keeps it where DROP fails.
  static int x_destroy(sqlite3_vtab* vtab) noexcept {
    int const code = run(vtab, [&] { return of(vtab).destroy(); });
    return code == SQLITE_OK ? x_disconnect(vtab) : code;
  }
  static int x_best_index(sqlite3_vtab* vtab, sqlite3_index_info* info) noexcept {
    return of(vtab).best_index(*info);
  }

  // ---- reading

  static int x_open(sqlite3_vtab* vtab, sqlite3_vtab_cursor** out) noexcept {
    return guard(&vtab->zErrMsg, [&]() -> status {
      *out = std::make_unique<cursor>(of(vtab)).release();
      return {};
    });
  }
  static int x_close(sqlite3_vtab_cursor* open) noexcept {
    std::unique_ptr<cursor> const owned(&of(open));
    return SQLITE_OK;
  }
  static int x_filter(sqlite3_vtab_cursor* open, int number, char const* plan, int argc,
                      sqlite3_value** argv) noexcept {
    return run(open, [&] {
      return of(open).filter(number, plan, {argv, static_cast<std::size_t>(argc)});
    });
  }
  static int x_next(sqlite3_vtab_cursor* open) noexcept {
    return run(open, [&] { return of(open).next(); });
  }
  static int x_eof(sqlite3_vtab_cursor* open) noexcept { return of(open).eof() ? 1 : 0; }
  static int x_column(sqlite3_vtab_cursor* open, sqlite3_context* context, int index) noexcept {
    return run(open, [&] { return of(open).column(context, index); });
  }
  static int x_rowid(sqlite3_vtab_cursor* open, sqlite3_int64* rowid) noexcept {
    *rowid = of(open).rowid();
    return SQLITE_OK;
  }

  // ---- writing

  static int x_update(sqlite3_vtab* vtab, int argc, sqlite3_value** argv,
                      // NOLINTNEXTLINE(readability-non-const-parameter): the signature is SQLite's.
                      sqlite3_int64* rowid) noexcept {
    return run(vtab, [&] { return of(vtab).update(argc, argv, *rowid); });
  }
  static int x_begin(sqlite3_vtab* vtab) noexcept {
    return run(vtab, [&] { return of(vtab).begin(); });
  }
  static int x_sync(sqlite3_vtab* vtab) noexcept {
    return run(vtab, [&] { return of(vtab).sync(); });
  }
  static int x_commit(sqlite3_vtab* vtab) noexcept {
    return run(vtab, [&] { return of(vtab).commit(); });
  }
  static int x_rollback(sqlite3_vtab* vtab) noexcept {
    return run(vtab, [&] { return of(vtab).rollback(); });
  }
  static int x_savepoint(sqlite3_vtab* vtab, int level) noexcept {
    return run(vtab, [&] { return of(vtab).savepoint(level); });
  }
  static int x_release(sqlite3_vtab*, int) noexcept { return SQLITE_OK; }
  static int x_rollback_to(sqlite3_vtab* vtab, int level) noexcept {
    return run(vtab, [&] { return of(vtab).rollback_to(level); });
  }
  static int x_rename(sqlite3_vtab* vtab, char const* to) noexcept {
    return run(vtab, [&] { return of(vtab).rename(to); });
  }
  static int x_shadow_name(char const* suffix) noexcept {
    return Table::is_shadow_name(suffix) ? 1 : 0;
  }
  // The message is a row of PRAGMA integrity_check; a code ends that.
  static int x_integrity(sqlite3_vtab* vtab, char const*, char const*, int flags,
                         char** damage) noexcept {
    bool const is_quick = (flags & 1) != 0;
    return run(static_cast<char**>(nullptr), [&] { return of(vtab).integrity(is_quick, damage); });
  }
};

template <class Table>
constexpr sqlite3_module module_of(int version = 0) noexcept {
  using slots = table_slots<Table>;
  sqlite3_module module{};
  module.iVersion = version;
  module.xConnect = slots::x_connect;
  module.xBestIndex = slots::x_best_index;
  module.xDisconnect = slots::x_disconnect;
  module.xOpen = slots::x_open;
  module.xClose = slots::x_close;
  module.xFilter = slots::x_filter;
  module.xNext = slots::x_next;
  module.xEof = slots::x_eof;
  module.xColumn = slots::x_column;
  module.xRowid = slots::x_rowid;
  if constexpr (requires { &Table::create; }) {
    module.xCreate = slots::x_create;
    module.xDestroy = slots::x_destroy;
  }
  if constexpr (requires { &Table::update; }) module.xUpdate = slots::x_update;
  if constexpr (requires { &Table::begin; }) {
    module.iVersion = version > 2 ? version : 2;
    module.xBegin = slots::x_begin;
    module.xSync = slots::x_sync;
    module.xCommit = slots::x_commit;
    module.xRollback = slots::x_rollback;
    module.xSavepoint = slots::x_savepoint;
    module.xRelease = slots::x_release;
    module.xRollbackTo = slots::x_rollback_to;
  }
  if constexpr (requires { &Table::rename; }) module.xRename = slots::x_rename;
  if constexpr (requires { &Table::is_shadow_name; }) {
    module.iVersion = version > 3 ? version : 3;
    module.xShadowName = slots::x_shadow_name;
  }
  return module;
}

// A module of version 4, whose xIntegrity SQLite calls from 3.44 on. Older headers end before that
// member: with them it follows the struct that they declare.
struct integrity_module {
  sqlite3_module base;
#if SQLITE_VERSION_NUMBER < 3044000
  int (*xIntegrity)(sqlite3_vtab*, char const*, char const*, int, char**) noexcept;
#endif
};
#if SQLITE_VERSION_NUMBER < 3044000
static_assert(offsetof(integrity_module, xIntegrity) ==
                  offsetof(sqlite3_module, xShadowName) + sizeof(void (*)()),
              "SQLite looks for xIntegrity right behind xShadowName");
#else
static_assert(offsetof(sqlite3_module, xIntegrity) ==
                  offsetof(sqlite3_module, xShadowName) + sizeof(void (*)()),
              "xIntegrity was right behind xShadowName when it came");
#endif

template <class Table>
constexpr integrity_module integrity_module_of() noexcept {
  integrity_module module{};
  module.base = module_of<Table>(4);
#if SQLITE_VERSION_NUMBER < 3044000
  module.xIntegrity = table_slots<Table>::x_integrity;
#else
  module.base.xIntegrity = table_slots<Table>::x_integrity;
#endif
  return module;
}

}  // namespace topk::sqlite
