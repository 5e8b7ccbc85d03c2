/* The floors that no extension can go below:
 *   empty_vtab      an eponymous virtual table that takes rows and does nothing
 *   ten_rows()      a table-valued function that returns ten constant rows of six columns
 *   empty_step(x)   an aggregate that does nothing but count its rows */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1
#include <string.h>

static int x_connect(sqlite3* db, void* aux, int argc, char const* const* argv, sqlite3_vtab** out,
                     char** error) {
  (void)aux, (void)argc, (void)argv, (void)error;
  *out = sqlite3_malloc(sizeof(**out));
  if (*out == 0) return SQLITE_NOMEM;
  memset(*out, 0, sizeof(**out));
  return sqlite3_declare_vtab(db, "CREATE TABLE x(item, ts, weight, partition)");
}
static int x_disconnect(sqlite3_vtab* vtab) { return sqlite3_free(vtab), SQLITE_OK; }
static int x_best_index(sqlite3_vtab* vtab, sqlite3_index_info* info) {
  return (void)vtab, (void)info, SQLITE_OK;
}
static int x_open(sqlite3_vtab* vtab, sqlite3_vtab_cursor** out) {
  (void)vtab;
  *out = sqlite3_malloc(sizeof(**out));
  return *out == 0 ? SQLITE_NOMEM : SQLITE_OK;
}
static int x_close(sqlite3_vtab_cursor* cursor) { return sqlite3_free(cursor), SQLITE_OK; }
static int x_filter(sqlite3_vtab_cursor* c, int n, char const* s, int argc, sqlite3_value** argv) {
  return (void)c, (void)n, (void)s, (void)argc, (void)argv, SQLITE_OK;
}
static int x_next(sqlite3_vtab_cursor* cursor) { return (void)cursor, SQLITE_OK; }
static int x_eof(sqlite3_vtab_cursor* cursor) { return (void)cursor, 1; }
static int x_column(sqlite3_vtab_cursor* c, sqlite3_context* x, int i) {
  return (void)c, (void)x, (void)i, SQLITE_OK;
}
static int x_rowid(sqlite3_vtab_cursor* c, sqlite3_int64* r) { return (void)c, *r = 0, SQLITE_OK; }
static int x_update(sqlite3_vtab* vtab, int argc, sqlite3_value** argv, sqlite3_int64* rowid) {
  return (void)vtab, (void)argc, (void)argv, *rowid = 0, SQLITE_OK;
}
static int x_begin(sqlite3_vtab* vtab) { return (void)vtab, SQLITE_OK; }
static sqlite3_module module = {.iVersion = 0,
                                .xConnect = x_connect,
                                .xBestIndex = x_best_index,
                                .xDisconnect = x_disconnect,
                                .xOpen = x_open,
                                .xClose = x_close,
                                .xFilter = x_filter,
                                .xNext = x_next,
                                .xEof = x_eof,
                                .xColumn = x_column,
                                .xRowid = x_rowid,
                                .xUpdate = x_update,
                                .xBegin = x_begin};

struct ten_cursor {
  sqlite3_vtab_cursor base;
  int row;
};
static int ten_connect(sqlite3* db, void* aux, int argc, char const* const* argv,
                       sqlite3_vtab** out, char** error) {
  (void)aux, (void)argc, (void)argv, (void)error;
  *out = sqlite3_malloc(sizeof(**out));
  if (*out == 0) return SQLITE_NOMEM;
  memset(*out, 0, sizeof(**out));
  return sqlite3_declare_vtab(
      db, "CREATE TABLE x(rank, item, count, lower, upper, proven, a HIDDEN, b HIDDEN)");
}
static int ten_best_index(sqlite3_vtab* vtab, sqlite3_index_info* info) {
  (void)vtab;
  for (int i = 0, next = 1; i < info->nConstraint; ++i) {
    if (!info->aConstraint[i].usable || info->aConstraint[i].iColumn < 6) continue;
    info->aConstraintUsage[i].argvIndex = next++;
    info->aConstraintUsage[i].omit = 1;
  }
  info->estimatedCost = 10;
  return SQLITE_OK;
}
static int ten_open(sqlite3_vtab* vtab, sqlite3_vtab_cursor** out) {
  (void)vtab;
  *out = sqlite3_malloc(sizeof(struct ten_cursor));
  if (*out == 0) return SQLITE_NOMEM;
  memset(*out, 0, sizeof(struct ten_cursor));
  return SQLITE_OK;
}
static int ten_filter(sqlite3_vtab_cursor* c, int n, char const* s, int argc,
                      sqlite3_value** argv) {
  return (void)n, (void)s, (void)argc, (void)argv, ((struct ten_cursor*)c)->row = 0, SQLITE_OK;
}
static int ten_next(sqlite3_vtab_cursor* c) { return ++((struct ten_cursor*)c)->row, SQLITE_OK; }
static int ten_eof(sqlite3_vtab_cursor* c) { return ((struct ten_cursor*)c)->row >= 10; }
static int ten_column(sqlite3_vtab_cursor* c, sqlite3_context* x, int i) {
  if (i == 1) {
    sqlite3_result_text(x, "item00000000001", 15, SQLITE_STATIC);
  } else {
    sqlite3_result_int64(x, ((struct ten_cursor*)c)->row);
  }
  return SQLITE_OK;
}
static sqlite3_module ten_rows = {.iVersion = 0,
                                  .xConnect = ten_connect,
                                  .xBestIndex = ten_best_index,
                                  .xDisconnect = x_disconnect,
                                  .xOpen = ten_open,
                                  .xClose = x_close,
                                  .xFilter = ten_filter,
                                  .xNext = ten_next,
                                  .xEof = ten_eof,
                                  .xColumn = ten_column,
                                  .xRowid = x_rowid};

static void empty_step(sqlite3_context* context, int argc, sqlite3_value** argv) {
  (void)argc, (void)argv;
  sqlite3_int64* const rows = sqlite3_aggregate_context(context, sizeof(*rows));
  if (rows != 0) ++*rows;
}
static void empty_final(sqlite3_context* context) {
  sqlite3_int64* const rows = sqlite3_aggregate_context(context, sizeof(*rows));
  if (rows != 0) sqlite3_result_int64(context, *rows);
}

int sqlite3_rivals_init(sqlite3* db, char** error, sqlite3_api_routines const* api) {
  SQLITE_EXTENSION_INIT2(api);
  (void)error;
  int code = sqlite3_create_module(db, "empty_vtab", &module, 0);
  if (code == SQLITE_OK) code = sqlite3_create_module(db, "ten_rows", &ten_rows, 0);
  if (code == SQLITE_OK) {
    code =
        sqlite3_create_function(db, "empty_step", -1, SQLITE_UTF8, 0, 0, empty_step, empty_final);
  }
  return code;
}
