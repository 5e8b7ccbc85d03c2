// A "most played" list inside an app: it counts plays in the app's own database file, and is still
// there after a restart.
//
//   most_played FILE [SONG...]     counts a play of each SONG, then prints the top of 30 days
#include <sqlite3.h>
#include <topk.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace {

struct closer {
  void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using database = std::unique_ptr<sqlite3, closer>;
using statement = std::unique_ptr<sqlite3_stmt, closer>;

[[noreturn]] void give_up(sqlite3* db) {
  std::fprintf(stderr, "most_played: %s\n", sqlite3_errmsg(db));
  std::exit(1);
}

database open(char const* path) {
  sqlite3* db = nullptr;
  int const code = sqlite3_open(path, &db);
  database opened(db);  // a connection that failed to open must be closed, too
  if (code != SQLITE_OK) give_up(db);
  sqlite3_busy_timeout(db, 1000);
  return opened;
}

void run(sqlite3* db, char const* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK) give_up(db);
}

statement prepare(sqlite3* db, char const* sql) {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(db, sql, -1, &prepared, nullptr) != SQLITE_OK) give_up(db);
  return statement(prepared);
}

// One transaction, so that the songs of one call are in the list all or none.
void count_plays(sqlite3* db, char** first, char** last) {
  run(db, "BEGIN IMMEDIATE");
  auto const play = prepare(db, "INSERT INTO plays(item) VALUES (?1)");
  for (char** song = first; song != last; ++song) {
    sqlite3_bind_text(play.get(), 1, *song, -1, SQLITE_STATIC);
    if (sqlite3_step(play.get()) != SQLITE_DONE) give_up(db);
    sqlite3_reset(play.get());
  }
  run(db, "COMMIT");
}

void print_most_played(sqlite3* db) {
  auto const top =
      prepare(db, "SELECT rank, item, count FROM topk('30days', 5, 'plays') ORDER BY rank");
  int code = SQLITE_OK;
  while ((code = sqlite3_step(top.get())) == SQLITE_ROW) {
    std::printf("%d. %s (%lld)\n", sqlite3_column_int(top.get(), 0),
                reinterpret_cast<char const*>(sqlite3_column_text(top.get(), 1)),
                static_cast<long long>(sqlite3_column_int64(top.get(), 2)));
  }
  if (code != SQLITE_DONE) give_up(db);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: most_played FILE [SONG...]\n");
    return 2;
  }
  // Before anything else: every connection opened after this has topk.
  if (sqlite3_auto_extension(reinterpret_cast<void (*)()>(sqlite3_topk_init)) != SQLITE_OK)
    return 1;

  auto const db = open(argv[1]);
  // The list is in the file. log=off keeps no single play; 256 KiB are plenty for one listener.
  run(db.get(),
      "CREATE VIRTUAL TABLE IF NOT EXISTS plays USING topk_stream("
      "windows='1day,30days', k=5, log=off, memory=262144)");
  count_plays(db.get(), argv + 2, argv + argc);
  print_most_played(db.get());
  return 0;
}
