// The worker that maintains: commands, schema changes, tracking on and off, VACUUM, backups.
#include <sqlite3.h>

#include <filesystem>
#include <stdexcept>

#include "client.hpp"
#include "snapshot.hpp"

namespace topk::test {
namespace {

class maintainer {
 public:
  explicit maintainer(client& me) : me_(me), work_(concurrent_workload(me.given())) {}

  void run() {
    while (me_.mine().kept == 0 || !me_.shared().is_over()) {
      if (!me_.let_through([&] { do_something(); })) break;
      ++me_.mine().kept;
      me_.pause_up_to(20'000);
    }
  }

 private:
  void exec(std::string const& sql) { me_.run({sql, {}}); }

  void transaction(std::vector<std::string> const& statements) {
    exec("BEGIN IMMEDIATE");
    for (auto const& sql : statements) exec(sql);
    exec("COMMIT");
  }

  void command(std::string const& stream, std::string const& what) {
    exec("INSERT INTO " + stream + "(" + stream + ") VALUES('" + what + "')");
  }

  void do_something() {
    static std::vector<std::string> const streams = {"s", "bare", "brief", "tracker", "toggled"};
    std::string const& any = me_.random().pick(streams);
    switch (me_.random().below(16)) {
      case 0: command(any, "prune"); break;
      case 1: command(any, "optimize"); break;
      case 2: rebuild(); break;
      case 3: check(any); break;
      case 4: exec("INSERT INTO " + any + "(" + any + ", item) VALUES('forget', 'nobody')"); break;
      case 5: is_cache_shared() ? back_up() : exec("VACUUM"); break;
      case 6: is_cache_shared() ? back_up() : vacuum_into(); break;
      case 7: back_up(); break;
      case 8: plain_schema(); break;
      case 9: rename(any); break;
      case 10: come_and_go(); break;
      case 11:
      case 12: toggle(); break;
      case 13: exec("PRAGMA wal_checkpoint(TRUNCATE)"); break;
      case 14: exec("ANALYZE"); break;
      default: add_and_forget(); break;
    }
  }

  // Counts what is in the log, so no longer what was forgotten.
  void rebuild() {
    transaction({"INSERT INTO s(s) VALUES('rebuild')", "UPDATE mark SET forgotten = 0"});
  }

  // What is not in step can't pass.
  void check(std::string const& stream) {
    exec("BEGIN IMMEDIATE");
    if (stream != "toggled" || snapshot(me_.db(), me_.random()).is_tracked()) {
      command(stream, "integrity-check");
    }
    exec("COMMIT");
  }

  // Makes every connection read the schema again, in the midst of what it does.
  void plain_schema() {
    transaction({"CREATE TABLE IF NOT EXISTS passing(x)", "INSERT INTO passing VALUES (1)",
                 "CREATE INDEX IF NOT EXISTS by_item ON t(item)"});
    transaction({"DROP INDEX IF EXISTS by_item", "DROP TABLE IF EXISTS passing"});
  }

  // Others never see the new name, but their tables are connected again.
  void rename(std::string const& stream) {
    transaction({"ALTER TABLE " + stream + " RENAME TO moved",
                 "INSERT INTO moved(moved) VALUES('optimize')",
                 "ALTER TABLE moved RENAME TO " + stream});
  }

  void come_and_go() {
    std::string const thirty =
        "INSERT INTO fleeting(item) WITH RECURSIVE n(v) AS (VALUES(1) UNION ALL "
        "SELECT v + 1 FROM n WHERE v < 30) SELECT 'x' FROM n";
    transaction({"DROP TABLE IF EXISTS fleeting",
                 "CREATE VIRTUAL TABLE fleeting USING topk_stream(memory=16384)", thirty});
    me_.pause_up_to(5000);
    exec(thirty);
    me_.pause_up_to(5000);
    exec("DROP TABLE fleeting");
  }

  // Between the two halves the stream misses what its table gets.
  void toggle() {
    exec("BEGIN IMMEDIATE");
    if (snapshot(me_.db(), me_.random()).is_tracked()) {
      command("toggled", "untrack");
      exec("UPDATE mark SET is_tracked = 0");
    } else {
      command("toggled", "track");
      command("toggled", "rebuild");
      exec("UPDATE mark SET is_tracked = 1");
    }
    exec("COMMIT");
  }

  void add_and_forget() {
    transaction({"UPDATE mark SET forgotten = forgotten + 2",
                 "INSERT INTO s(item, weight) VALUES ('secret', 7), ('secret', 8)",
                 "INSERT INTO s(s, item) VALUES('forget', 'secret')"});
  }

  // A copy is one snapshot: everything that holds of one must hold of it.
  void examine(std::string const& path) {
    database copy = open_concurrent(path, 0);
    snapshot seen(copy, me_.random());
    seen.bring_into_step();
    check_integrity(copy);
    check_transactions(copy, work_);
    for (int turn = 0; turn < 4; ++turn) seen.check_something(work_, [&] { me_.mine().beat(); });
    copy.exec("INSERT INTO cms_add(item) VALUES ('of the copy')");
  }

  // VACUUM attaches a database, while it holds the mutex of the shared cache; whoever opens the
  // file then waits for that mutex, and holds the one that attaching wants: a deadlock of SQLite's
  // own.
  [[nodiscard]] bool is_cache_shared() const {
    return (me_.given().flags & SQLITE_OPEN_SHAREDCACHE) != 0;
  }

  [[nodiscard]] std::string copy_path() const { return me_.given().scratch + "/copy.db"; }

  void vacuum_into() {
    std::filesystem::remove(copy_path());
    // The VFS named, as that of a database in memory would keep the copy there.
    exec("VACUUM INTO 'file:" + copy_path() + "?vfs=unix'");
    examine(copy_path());
  }

  // Some pages at a time, so that writers come in between and it starts again; at last all at once.
  void back_up() {
    std::filesystem::remove(copy_path());
    {
      database copy(copy_path());
      sqlite3_backup* const backup =
          sqlite3_backup_init(copy.handle(), "main", me_.db().handle(), "main");
      if (backup == nullptr) throw sql_error(SQLITE_ERROR, "backup cannot begin");
      int code = SQLITE_OK;
      for (int turn = 0; code == SQLITE_OK; ++turn) {
        code = sqlite3_backup_step(backup, turn < 20 ? 15 : -1);
        me_.mine().beat();
        me_.pause_up_to(300);
      }
      sqlite3_backup_finish(backup);
      if (code != SQLITE_DONE) throw sql_error(code & 0xFF, "backup");
    }
    examine(copy_path());
  }

  client& me_;
  workload work_;
};

}  // namespace

void maintain_until_over(client& me) { maintainer(me).run(); }

}  // namespace topk::test
