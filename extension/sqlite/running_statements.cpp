// sqlite3_next_stmt() lists the statements of the connection, sqlite3_stmt_busy() says which of
// them are running. EXPLAIN of a statement's text shows its program, one row per instruction:
//
//   addr | opcode     | p1 | p2        | p3       | p4             | ...
//      1 | OpenRead   |  0 | root page | database |                |   reads this table
//     17 | AggInverse |  1 |           |          | approx_top(1)  |   slides a frame over it
//
// Views and triggers are part of the program, so nothing has to be resolved by hand. SQLite's
// documentation says that the format may change: a program of another shape is assumed to do what
// is asked about.
#include "sqlite/running_statements.hpp"

#include <cstdint>
#include <new>
#include <vector>

#include "sqlite/statement.hpp"

namespace topk::sqlite {
namespace {

// Columns of EXPLAIN.
constexpr int opcode_column = 1;
constexpr int root_column = 3;
constexpr int database_column = 4;
constexpr int p4_column = 5;
constexpr int column_count = 8;

}  // namespace

result<bool> running_statements::read(std::string const& schema, std::int64_t root) {
  if (root == 0) return false;
  std::int64_t database = -1;
  for (sqlite3_stmt* stmt = sqlite3_next_stmt(db_, nullptr); stmt != nullptr;
       stmt = sqlite3_next_stmt(db_, stmt)) {
    if (!sqlite3_stmt_busy(stmt)) continue;
    char const* const sql = sqlite3_sql(stmt);
    if (sql == nullptr) return true;
    std::string key = std::to_string(root) + " " + schema + " " + sql;
    auto verdict = verdicts_.find(key);
    if (verdict == verdicts_.end()) {
      if (database < 0) {
        statement number(db_,
                         "SELECT seq FROM pragma_database_list WHERE name = ?1 COLLATE NOCASE");
        auto use = number.begin();
        TOPK_ASSIGN(bool const row, use.bind(1, std::string_view(schema)).step());
        database = row ? use.integer(0) : 0;
      }
      TOPK_ASSIGN(bool const opened, opens(sql, database, root));
      verdicts_.emplace(std::move(key), opened);
      // Our own statements came and went meanwhile, so that `stmt` may be gone: start again, now
      // with this verdict known.
      return read(schema, root);
    }
    if (verdict->second) return true;
  }
  return false;
}

result<bool> running_statements::opens(char const* sql, std::int64_t database, std::int64_t root) {
  return has_instruction(sql, [&](std::string_view opcode, sqlite3_stmt* at) {
    return (opcode.starts_with("Open") || opcode.starts_with("Reopen")) &&
           sqlite3_column_int64(at, root_column) == root &&
           sqlite3_column_int64(at, database_column) == database;
  });
}

// Whether SQLite's program of the statement has such an instruction; true if that cannot be
// determined.
template <class Wanted>
bool running_statements::has_instruction(char const* sql, Wanted&& wanted) {
  sqlite3_stmt* stmt = nullptr;
  std::string const explain = std::string("EXPLAIN ") + sql;
  int const code = sqlite3_prepare_v2(db_, explain.c_str(), -1, &stmt, nullptr);
  owned_stmt const owned(stmt);
  if ((code & 0xFF) == SQLITE_NOMEM) throw std::bad_alloc();
  if (code != SQLITE_OK || stmt == nullptr || sqlite3_column_count(stmt) < column_count) {
    return true;
  }
  for (;;) {
    int const step = sqlite3_step(stmt);
    if ((step & 0xFF) == SQLITE_NOMEM) throw std::bad_alloc();
    if (step == SQLITE_DONE) return false;
    if (step != SQLITE_ROW) return true;
    auto const* opcode = reinterpret_cast<char const*>(sqlite3_column_text(stmt, opcode_column));
    if (opcode == nullptr || wanted(std::string_view(opcode), stmt)) return true;
  }
}

// The question is the function, and each statement under way with the number of its run: as long as
// it is the same, so is the answer.
bool running_statements::slide_a_frame_of(std::string_view function) {
  std::vector<std::string> running;
  std::string question(function);
  for (sqlite3_stmt* stmt = sqlite3_next_stmt(db_, nullptr); stmt != nullptr;
       stmt = sqlite3_next_stmt(db_, stmt)) {
    if (!sqlite3_stmt_busy(stmt)) continue;
    char const* const sql = sqlite3_sql(stmt);
    if (sql == nullptr) return true;
    running.emplace_back(sql);
    question += '\n' + std::to_string(reinterpret_cast<std::uintptr_t>(stmt)) + ' ' +
                std::to_string(sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_RUN, 0)) + ' ' + sql;
  }
  if (question == slides_.question) return slides_.answer;
  bool slides = false;
  for (auto const& sql : running) {
    slides = slides || has_instruction(sql.c_str(), [&](std::string_view opcode, sqlite3_stmt* at) {
               auto const* called =
                   reinterpret_cast<char const*>(sqlite3_column_text(at, p4_column));
               return opcode == "AggInverse" && called != nullptr &&
                      std::string_view(called).starts_with(function);
             });
  }
  slides_.question = std::move(question);
  slides_.answer = slides;
  return slides;
}

}  // namespace topk::sqlite
