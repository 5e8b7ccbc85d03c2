// Steps about transactions, the schema, time and connections.
#include <sqlite3.h>
#include <algorithm>
#include <limits>

#include "program.hpp"

namespace topk::test {

bool program::begin() {
  if (on_.in_transaction()) return false;
  is_quiet_ = random_.percent(50);
  if (random_.percent(35)) on_.savepoint("a");  // the savepoint is the transaction
  else on_.begin(random_.percent(70) ? "BEGIN" : "BEGIN IMMEDIATE");
  return true;
}

bool program::end() {
  if (!on_.in_transaction()) return false;
  if (random_.percent(65)) on_.commit();
  else on_.rollback();
  return true;
}

bool program::savepoint() {
  if (on_.savepoints().size() >= 5) return false;
  if (!on_.in_transaction() && random_.percent(60)) return false;
  on_.savepoint(random_.pick<std::string>({"a", "b", "c"}));
  return true;
}

bool program::release() {
  auto const names = on_.savepoints();
  if (names.empty()) return false;
  on_.release(random_.pick(names));
  return true;
}

bool program::rollback_to() {
  auto const names = on_.savepoints();
  if (names.empty()) return false;
  on_.rollback_to(random_.pick(names));
  return true;
}

// The savepoints and the schema change reach the stream, though the statement is not about it.
bool program::other_table() {
  switch (random_.below(4)) {
    case 0: on_.run("CREATE TABLE IF NOT EXISTS extra(x)"); break;
    case 1: on_.run("DROP TABLE IF EXISTS extra"); break;
    case 2: on_.run("INSERT INTO batch(item) VALUES (1), (2)"); break;
    default: on_.refuse("INSERT INTO once VALUES (1), (2), (1)", {SQLITE_CONSTRAINT});
  }
  return true;
}

bool program::rename() {
  if (!on_.state.exists || is_default()) return false;
  std::string const from = stream();
  on_.state.name = on_.state.name == plan_.name ? plan_.other_name : plan_.name;
  on_.run("ALTER TABLE " + from + " RENAME TO " + stream());
  return true;
}

void program::drop_stream() {
  std::string const name = stream();
  on_.state.exists = on_.state.is_followed = false;
  on_.state.model.clear();
  on_.state.events_are_known = on_.state.late_is_known = true;
  on_.run("DROP TABLE " + name);
}

bool program::undo_schema_change() {
  if (!on_.state.exists || on_.savepoints().size() >= 5) return false;
  on_.savepoint("d");
  if (random_.percent(50)) has_content() ? content_insert() : insert_some();
  switch (random_.below(4)) {
    case 0: on_.run("CREATE TABLE gone(x)"); break;
    case 1: drop_stream(); break;
    case 2:
      if (!rename()) on_.run("ALTER TABLE batch ADD COLUMN gone");
      break;
    default:
      drop_stream();
      // With cms_add the next event creates the stream again, inside what is then undone.
      if (is_default()) insert_some();
      else create_stream();
  }
  if (on_.state.exists && random_.percent(50)) has_content() ? content_insert() : insert_some();
  if (on_.state.exists && random_.percent(30)) checker_.look(false);
  on_.rollback_to("d");
  if (random_.percent(30)) has_content() ? content_insert() : insert_some();
  on_.release("d");
  return true;
}

// INSERT A; SAVEPOINT h; INSERT B; a change of the schema; ROLLBACK TO h; COMMIT is exactly A.
bool program::undo_later_half() {
  if (on_.in_transaction() || !on_.state.exists) return false;
  if (random_.percent(70)) on_.begin("BEGIN");
  else on_.savepoint("outer");
  has_content() ? content_insert() : insert_some();
  on_.savepoint("h");
  has_content() ? content_insert() : insert_some();
  switch (random_.below(3)) {
    case 0: drop_stream(); break;
    case 1:
      if (!rename()) drop_stream();
      break;
    default: on_.run("CREATE TABLE gone(x)");
  }
  on_.rollback_to("h");
  if (random_.percent(30)) has_content() ? content_insert() : insert_some();
  if (random_.percent(50)) on_.release("h");
  on_.commit();
  return true;
}

// A SELECT that is open while a savepoint is made and rolled back returns every row once.
bool program::read_across_a_rollback() {
  if (!on_.in_transaction() || !on_.state.exists || !plan_.is_logged()) return false;
  std::string const sql = "SELECT weight FROM " + stream();
  on_.note("open, and read to its end after the rollback: " + sql);
  sqlite3_stmt* reader = nullptr;
  if (sqlite3_prepare_v2(on_.db().handle(), sql.c_str(), -1, &reader, nullptr) != SQLITE_OK) {
    throw disagreement(sql + ": " + sqlite3_errmsg(on_.db().handle()));
  }
  std::int64_t rows = 0;
  std::int64_t sum = 0;
  bool is_open = true;  // else a step would begin again
  auto const read = [&](std::int64_t most) {
    for (std::int64_t left = most; left > 0 && is_open; --left) {
      is_open = sqlite3_step(reader) == SQLITE_ROW;
      if (!is_open) return;
      ++rows;
      sum += sqlite3_column_int64(reader, 0);
    }
  };
  read(random_.between(0, random_.percent(50) ? 10 : 1000));
  on_.savepoint("across");
  for (auto left = random_.between(0, 2); left > 0; --left) {
    random_.percent(70) ? insert_some() : bad_command();
  }
  on_.rollback_to("across");
  on_.release("across");
  read(std::numeric_limits<std::int64_t>::max());
  int const code = sqlite3_finalize(reader);
  row const now = on_.db().query("SELECT count(*), sum(weight) FROM " + stream()).at(0);
  bool const is_same = now.at(0).as_integer() == rows &&
                       (rows == 0 ? now.at(1).is_null() : now.at(1).as_integer() == sum);
  // Where the transaction has changed the schema, SQLite aborts whatever reads a table.
  bool const is_aborted = code == SQLITE_ABORT && plan_.is_first_format;
  if (is_aborted || (code == SQLITE_OK && is_same)) return true;
  throw disagreement(sql + ", open across a rollback: code " + std::to_string(code) + ", " +
                     std::to_string(rows) + " rows of " + now.at(0).literal() + ", weights " +
                     std::to_string(sum) + " of " + now.at(1).literal());
}

bool program::drop_and_create() {
  if (!on_.state.exists) return false;
  drop_stream();
  if (!is_default() || random_.percent(30)) create_stream();
  return true;
}

bool program::move_clock() {
  std::uint64_t const drawn = random_.below(100);
  micros by = random_.between(0, 2 * plan_.pace);
  if (drawn < 15) by = 1000 * random_.between(1, 3000);
  else if (drawn < 22) by = -random_.between(0, plan_.pace);
  else if (drawn < 24) by = plan_.limits.retain + random_.between(0, plan_.limits.retain);
  else if (drawn < 28 && !on_.in_transaction() && !has_content() && !plan_.is_far) {
    by = jump_of_clock();
  } else if (drawn < 40) by = 60'000'000 - session::now() % 60'000'000;  // a pane's edge
  // A row whose time has come is counted for good by the next write, or not if the clock steps back
  // before.
  bool const can_settle = has_content() && on_.state.exists && !on_.in_transaction();
  if (can_settle) command("optimize");
  if (has_content()) by = without_jump(by);
  // Within a transaction the extension takes the clock not to run back.
  if (on_.in_transaction()) by = std::max<micros>(by, 0);
  // Before the first fold a watermark that the clock contradicts goes back; the model's does not.
  auto const& model = on_.state.model;
  bool const is_behind = model.reference() && session::now() + by <= model.floor();
  if (is_behind && on_.state.exists && !on_.in_transaction()) command("optimize");
  // What a snapshot of before shows of rows whose time had come, it shows no more when the clock
  // steps back; the model would.
  if (has_content()) on_.drop_snapshot();
  on_.move_clock(by);
  if (!on_.in_transaction() && random_.percent(30)) on_.move_clock(-(session::now() % 1'000'000));
  return true;
}

// Rows of a table that wait for their time are counted at the next commit, after its other rows:
// the model does not follow a watermark that jumps there, so none does.
micros program::without_jump(micros by) {
  if (on_.in_transaction()) return std::min<micros>(by, 3'000'000);
  auto const& model = on_.state.model;
  micros const most = plan_.limits.retain / 2;
  if (!model.reference()) return std::min(by, most);
  bool const would_jump = session::now() + by > *model.reference() + most;
  if (would_jump && on_.state.exists) prune();
  return std::min(by, std::max<micros>(*model.reference() + most - session::now(), 0));
}

// A clock that loses its battery, or its mind, and is put right again.
micros program::jump_of_clock() {
  micros const now = session::now();
  if (right_clock_) {
    micros const by = *right_clock_ - now;
    right_clock_.reset();
    return by;
  }
  right_clock_ = now;
  constexpr micros boots_1970 = 40 * 86'400'000'000;  // the dates written stay behind 1970
  constexpr micros wraps_2038 = 2'147'483'647'000'000;
  micros const retain = plan_.limits.retain;
  switch (random_.below(5)) {
    case 0: return boots_1970 - now;
    case 1: return wraps_2038 - now;
    case 2: return -random_.between(1, 3 * retain);
    default: return retain + random_.between(1, 3 * retain);
  }
}

bool program::reopen() {
  if (on_.in_transaction()) return false;
  on_.drop_snapshot();
  std::vector<std::pair<std::string, outcome>> before;
  bool const can_ask = on_.state.exists || is_default();
  for (int i = 0; i < 4 && can_ask; ++i) {
    drawn_question const asked = draw_question(plan_, on_.state, random_, session::now());
    std::string const sql = asked.select("fast");
    before.emplace_back(sql, on_.ask(on_.db(), sql));
  }
  on_.reopen();
  for (auto const& [sql, given] : before) {
    outcome const again = on_.ask(random_.percent(50) ? on_.db() : on_.other(), sql);
    if (again.code == given.code && again.rows == given.rows) continue;
    throw disagreement("not the same answer after reopening:\n" + to_text(given.rows) + "then\n" +
                       again.message + to_text(again.rows) + "  in: " + sql);
  }
  return true;
}

bool program::vacuum() {
  if (on_.in_transaction() || on_.has_snapshot()) return false;
  on_.run(plan_.wal && random_.percent(50) ? "PRAGMA wal_checkpoint(TRUNCATE)" : "VACUUM");
  return true;
}

bool program::switch_sides() {
  if (on_.in_transaction()) return false;
  on_.switch_sides();
  return true;
}

bool program::snapshot() {
  if (!plan_.wal) return false;
  if (on_.has_snapshot()) on_.drop_snapshot();
  else on_.hold_snapshot();
  return true;
}

}  // namespace topk::test
