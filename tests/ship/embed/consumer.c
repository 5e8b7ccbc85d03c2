/* A program in C that brings topk along: the header is C, and registering makes every connection
 * know it. */
#include <sqlite3.h>
#include <stdio.h>
#include <topk.h>

static int print_row(void* unused, int columns, char** values, char** names) {
  (void)unused;
  (void)names;
  for (int i = 0; i < columns; ++i)
    printf(i == 0 ? "%s" : "|%s", values[i] != NULL ? values[i] : "");
  puts("");
  return 0;
}

static int run(sqlite3* db, char const* sql) {
  char* error = NULL;
  int const code = sqlite3_exec(db, sql, print_row, NULL, &error);
  if (code != SQLITE_OK) printf("error: %s\n", error);
  sqlite3_free(error);
  return code;
}

int main(void) {
  sqlite3* early = NULL;
  sqlite3* db = NULL;
  char* error = NULL;
  if (sqlite3_open(":memory:", &early) != SQLITE_OK) return 1;
  if (sqlite3_auto_extension((void (*)(void))sqlite3_topk_init) != SQLITE_OK) return 1;
  if (sqlite3_open(":memory:", &db) != SQLITE_OK) return 1;

  if (run(db,
          "INSERT INTO cms_add(item) VALUES ('#sqlite'),('#cpp'),('#sqlite');"
          "SELECT item, count, lower, upper, proven FROM topk('1min', 10);"
          "SELECT top_k(value, 1) FROM json_each('[4, 4, 2]');"))
    return 1;

  /* Again, on purpose; then the connection that was open before. */
  if (sqlite3_topk_init(db, &error, NULL) != SQLITE_OK) return 1;
  if (run(db, "SELECT count(*) FROM topk('1min', 10)")) return 1;
  if (sqlite3_prepare_v2(early, "SELECT topk_version()", -1, (sqlite3_stmt*[]){NULL}, NULL) ==
      SQLITE_OK)
    return 1;
  if (sqlite3_topk_init(early, &error, NULL) != SQLITE_OK) return 1;
  if (run(early, "SELECT topk_version()")) return 1;
  return sqlite3_close(db) != SQLITE_OK || sqlite3_close(early) != SQLITE_OK;
}
