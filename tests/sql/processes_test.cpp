// Several processes write to one file: every committed event counts once.
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "sql/story.hpp"

using namespace topk::test;

namespace {

constexpr int writers = 4;
constexpr int inserts = 150;

// One process: opens the file itself, inserts one by one and in batches, and leaves.
int write_events(std::string const& path, int who) {
  database db(path);
  sqlite3_busy_timeout(db.handle(), 60'000);
  db.load_topk();
  for (int i = 0; i < inserts; ++i) {
    db.exec("INSERT INTO s(item) VALUES ('shared'), ('own" + std::to_string(who) + "')");
    if (i % 50 == 49)
      db.exec(
          "BEGIN IMMEDIATE; INSERT INTO s(item) VALUES ('batch'); INSERT INTO s(item) VALUES "
          "('batch'); COMMIT");
  }
  return 0;
}

}  // namespace

TEST_CASE("processes that write at once lose and double no event", "[story][processes]") {
  for (char const* journal : {"WAL", "DELETE"}) {
    for (char const* options : {"", "log=off, memory=16384"}) {
      INFO(journal << " " << options);
      scratch_directory folder;
      std::string const path = folder.file("a.db");
      {
        database db(path);
        db.load_topk();
        db.exec("PRAGMA journal_mode=" + std::string(journal) +
                "; CREATE VIRTUAL TABLE s USING topk_stream(" + options + ")");
      }
      for (int who = 0; who < writers; ++who) {
        if (fork() == 0) {
          int code = 1;
          try {
            code = write_events(path, who);
          } catch (...) {
          }
          _exit(code);
        }
      }
      for (int who = 0; who < writers; ++who) {
        int how = 0;
        wait(&how);
        CHECK(how == 0);
      }
      database db(path);
      db.load_topk();
      CHECK(number(db, "SELECT count FROM topk_count('1hour', 'shared', 's')") ==
            writers * inserts);
      CHECK(number(db, "SELECT count FROM topk_count('1hour', 'own2', 's')") == inserts);
      CHECK(number(db, "SELECT count FROM topk_count('1hour', 'batch', 's')") ==
            writers * 2 * (inserts / 50));
      db.exec("INSERT INTO s(s) VALUES('integrity-check')");
    }
  }
}
