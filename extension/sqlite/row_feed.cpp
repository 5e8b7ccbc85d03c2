#include "sqlite/row_feed.hpp"

#include <memory>
#include <new>

#include "sqlite/statement.hpp"
#include "sqlite/values.hpp"

namespace topk::sqlite {
namespace {

enum column { seconds, item, weight, partition, seq, microseconds, now, held, feed };

struct feed_cursor {
  sqlite3_vtab_cursor base{};
  row_feed* rows = nullptr;
  tail_row row;
  bool has_row = false;
};

feed_cursor& of(sqlite3_vtab_cursor* cursor) noexcept {
  return *reinterpret_cast<feed_cursor*>(cursor);
}

int x_connect(sqlite3* db, void*, int, char const* const*, sqlite3_vtab** out, char**) noexcept {
  std::unique_ptr<sqlite3_vtab> made(new (std::nothrow) sqlite3_vtab{});
  if (made == nullptr) return SQLITE_NOMEM;
  int const code = sqlite3_declare_vtab(db,
                                        "CREATE TABLE feed(seconds, item, weight, \"partition\", "
                                        "seq, micros, now, held, feed HIDDEN)");
  if (code == SQLITE_OK) *out = made.release();
  return code;
}

int x_disconnect(sqlite3_vtab* vtab) noexcept {
  std::unique_ptr<sqlite3_vtab> const owned(vtab);
  return SQLITE_OK;
}

int x_best_index(sqlite3_vtab*, sqlite3_index_info* info) noexcept {
  for (int i = 0; i < info->nConstraint; ++i) {
    auto const& asked = info->aConstraint[i];
    if (asked.iColumn != feed || asked.op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (!asked.usable) return SQLITE_CONSTRAINT;
    info->aConstraintUsage[i].argvIndex = 1;
    info->aConstraintUsage[i].omit = 1;
    return SQLITE_OK;
  }
  return SQLITE_OK;
}

int x_open(sqlite3_vtab*, sqlite3_vtab_cursor** out) noexcept {
  auto* const made = new (std::nothrow) feed_cursor;
  if (made == nullptr) return SQLITE_NOMEM;
  *out = &made->base;
  return SQLITE_OK;
}

int x_close(sqlite3_vtab_cursor* cursor) noexcept {
  std::unique_ptr<feed_cursor> const owned(&of(cursor));
  return SQLITE_OK;
}

int x_next(sqlite3_vtab_cursor* cursor) noexcept {
  auto& self = of(cursor);
  self.has_row = self.rows->next(self.row);
  return SQLITE_OK;
}

int x_filter(sqlite3_vtab_cursor* cursor, int, char const*, int argc,
             sqlite3_value** argv) noexcept {
  auto& self = of(cursor);
  self.rows = argc == 1
                  ? static_cast<row_feed*>(sqlite3_value_pointer(argv[0], row_feed::module_name))
                  : nullptr;
  if (self.rows != nullptr) return x_next(cursor);
  sqlite3_free(cursor->pVtab->zErrMsg);
  cursor->pVtab->zErrMsg = sqlite3_mprintf("%s is internal", row_feed::module_name);
  return SQLITE_ERROR;
}

int x_eof(sqlite3_vtab_cursor* cursor) noexcept { return of(cursor).has_row ? 0 : 1; }

// SQLite may hold the value as long as the statement runs, and the feed's rows last as long.
void result_borrowed(sqlite3_context* context, item_view const& value) noexcept {
  char const* const bytes = value.bytes.data() == nullptr ? "" : value.bytes.data();
  switch (value.type) {
    case item_type::integer: return sqlite3_result_int64(context, integer_of(value));
    case item_type::real: return sqlite3_result_double(context, real_of(value));
    case item_type::text:
      return sqlite3_result_text64(context, bytes, value.bytes.size(), SQLITE_STATIC, SQLITE_UTF8);
    case item_type::blob:
      return sqlite3_result_blob64(context, bytes, value.bytes.size(), SQLITE_STATIC);
  }
}

int x_column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int index) noexcept {
  tail_row const& row = of(cursor).row;
  switch (index) {
    case seconds: result_time(context, row.ts); break;
    case item: result_borrowed(context, row.item); break;
    case weight: sqlite3_result_int64(context, row.weight); break;
    case partition:
      if (row.partition) result_borrowed(context, *row.partition);
      break;
    case seq: sqlite3_result_int64(context, row.seq); break;
    case microseconds: sqlite3_result_int64(context, row.ts); break;
    case now:
      if (row.now) sqlite3_result_int64(context, *row.now);
      break;
    case held:
      if (row.held) sqlite3_result_int64(context, 1);
      break;
    default: break;
  }
  return SQLITE_OK;
}

int x_rowid(sqlite3_vtab_cursor* cursor, sqlite3_int64* rowid) noexcept {
  *rowid = of(cursor).row.seq;
  return SQLITE_OK;
}

constexpr sqlite3_module make_module() noexcept {
  sqlite3_module module{};
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
  return module;
}
constexpr sqlite3_module feed_module = make_module();

}  // namespace

status register_row_feed(sqlite3* db) {
  int const code =
      sqlite3_create_module_v2(db, row_feed::module_name, &feed_module, nullptr, nullptr);
  return code == SQLITE_OK ? status{} : last_error(db, code);
}

}  // namespace topk::sqlite
