/* An eponymous virtual table that takes rows and does nothing: the floor of INSERT into any virtual table. */
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1
#include <string.h>

static int x_connect(sqlite3* db, void* aux, int argc, char const* const* argv, sqlite3_vtab** out, char** error) {
  (void)aux, (void)argc, (void)argv, (void)error;
  *out = sqlite3_malloc(sizeof(**out));
  if (*out == 0) return SQLITE_NOMEM;
  memset(*out, 0, sizeof(**out));
  return sqlite3_declare_vtab(db, "CREATE TABLE x(item, ts, weight, partition)");
}
static int x_disconnect(sqlite3_vtab* vtab) { return sqlite3_free(vtab), SQLITE_OK; }
static int x_best_index(sqlite3_vtab* vtab, sqlite3_index_info* info) { return (void)vtab, (void)info, SQLITE_OK; }
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
static int x_column(sqlite3_vtab_cursor* c, sqlite3_context* x, int i) { return (void)c, (void)x, (void)i, SQLITE_OK; }
static int x_rowid(sqlite3_vtab_cursor* c, sqlite3_int64* r) { return (void)c, *r = 0, SQLITE_OK; }
static int x_update(sqlite3_vtab* vtab, int argc, sqlite3_value** argv, sqlite3_int64* rowid) {
  return (void)vtab, (void)argc, (void)argv, *rowid = 0, SQLITE_OK;
}
static int x_begin(sqlite3_vtab* vtab) { return (void)vtab, SQLITE_OK; }
static sqlite3_module module = {
    .iVersion = 0, .xConnect = x_connect, .xBestIndex = x_best_index, .xDisconnect = x_disconnect,
    .xOpen = x_open, .xClose = x_close, .xFilter = x_filter, .xNext = x_next, .xEof = x_eof,
    .xColumn = x_column, .xRowid = x_rowid, .xUpdate = x_update, .xBegin = x_begin};

int sqlite3_emptyvtab_init(sqlite3* db, char** error, sqlite3_api_routines const* api) {
  SQLITE_EXTENSION_INIT2(api);
  (void)error;
  return sqlite3_create_module(db, "empty_vtab", &module, 0);
}
