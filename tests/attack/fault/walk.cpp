#include "walk.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <set>
#include <sstream>
#include <stdexcept>

#include "kit/database.hpp"
#include "kit/failing_memory.hpp"
#include "kit/failing_vfs.hpp"
#include "kit/linked_extension.hpp"
#include "kit/verify.hpp"
#include "surface/registry.hpp"

namespace topk::test {
namespace {

database open(std::string const& path, std::string const& pragma) {
  install_failing_memory();
  install_failing_vfs();
  database db = open_linked(path, failing_vfs_name);
  db.exec(pragma);
  return db;
}

std::uint64_t mixed(std::uint64_t hash, void const* bytes, std::size_t size) noexcept {
  auto const* each = static_cast<unsigned char const*>(bytes);
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ each[i]) * 0x100000001B3U;
  return hash;
}

std::uint64_t mixed(std::uint64_t hash, sqlite3_stmt* row) noexcept {
  for (int at = 0; at < sqlite3_column_count(row); ++at) {
    int const type = sqlite3_column_type(row, at);
    hash = mixed(hash, &type, sizeof type);
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
      double const number = sqlite3_column_double(row, at);
      hash = mixed(hash, &number, sizeof number);
    } else if (type != SQLITE_NULL) {  // as a blob also text: that copies nothing
      void const* const bytes = sqlite3_column_blob(row, at);
      hash = mixed(hash, bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, at)));
    }
  }
  return hash;
}

// Runs every statement while a failure may be armed, so without an allocation of its own. Returns
// the extended code; `answer` is a digest of all rows.
int run(sqlite3* db, char const* sql, std::uint64_t& answer) noexcept {
  answer = 0xCBF29CE484222325U;
  while (*sql != '\0') {
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, &sql);
    if (code == SQLITE_OK && statement == nullptr) continue;
    if (code == SQLITE_OK) {
      while (sqlite3_step(statement) == SQLITE_ROW) answer = mixed(answer, statement);
      code = sqlite3_finalize(statement);
    }
    if (code != SQLITE_OK) {
      int const extended = sqlite3_extended_errcode(db);
      return (extended & 0xFF) == (code & 0xFF) ? extended : code;
    }
  }
  return SQLITE_OK;
}

std::string rows_of(database& db, std::string const& sql) { return to_text(db.query(sql)); }

// Everything that a user can see, verified; no two connections may differ in it. Throws what
// kit/verify.hpp throws.
std::string seen(database& db) {
  std::string out = rows_of(
      db, "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name");
  for (std::string const& stream : streams_of(db)) {
    question asked;
    asked.k = 1000;
    asked.stream = value::text(stream).literal();
    window_answers const got = verify_window(db, asked);
    out += "fast:\n" + to_text(got.fast.raw) + "hybrid:\n" + to_text(got.hybrid.raw);
    if (got.exact) out += "exact:\n" + to_text(got.exact->raw);
    out +=
        rows_of(db, "SELECT events, weight, late, log_rows FROM topk_stats(" + asked.stream + ")");
  }
  return exists(db, "t") ? out + rows_of(db, "SELECT * FROM t") : out;
}

// "- line" for what is missing in `now`, "+ line" for what should not be there.
std::string difference(std::string const& wanted, std::string const& now) {
  auto const lines_of = [](std::string const& text) {
    std::multiset<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.insert(line);
    return lines;
  };
  auto missing = lines_of(wanted);
  std::string out;
  for (std::string const& line : lines_of(now)) {
    if (auto const at = missing.find(line); at != missing.end()) {
      missing.erase(at);
    } else {
      out += "\n+ " + line;
    }
  }
  for (std::string const& line : missing) out += "\n- " + line;
  return out.empty() ? "\nanother order of lines" : out;
}

void commit_if_open(database& db) {
  if (db.in_transaction()) db.exec("COMMIT");
}

void put_file(std::string const& path, std::string const& bytes) {
  for (char const* suffix : {"-journal", "-wal", "-shm"}) {
    static_cast<void>(std::remove((path + suffix).c_str()));
  }
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string file_of(std::string const& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Runs one step, and complains if it leaves memory behind.
template <class Step>
verdict without_leak(Step step) {
  long const ours = our_live_allocations();
  long const theirs = sqlite_live_allocations();
  verdict got;
  got.complaint = step(got);
  if (!got.complaint.empty()) return got;
  if (our_live_allocations() != ours) got.complaint = "memory of ours leaked";
  if (sqlite_live_allocations() != theirs) got.complaint = "memory of SQLite's leaked";
  return got;
}

}  // namespace

verdict load_step(std::string const& path, failure_kind const& kind, long nth, bool stays) {
  { database const warm = open(path, ""); }  // what SQLite keeps for the process is there already
  return without_leak([&](verdict& got) -> std::string {
    database db(path, failing_vfs_name);
    char* error = nullptr;
    kind.arm(db.handle(), nth, stays);
    int const code = surface::register_all(db.handle(), &error);
    got.has_failed = kind.disarm(db.handle()) >= nth;
    sqlite3_free(error);
    if (code != SQLITE_OK && !kind.is_expected(code))
      return "unexpected code " + std::to_string(code);
    if (code != SQLITE_OK && surface::register_all(db.handle(), nullptr) != SQLITE_OK) {
      return "another try failed";
    }
    outcome const used = db.attempt(
        "INSERT INTO cms_add(item) VALUES ('a'); SELECT item FROM topk(); "
        "DROP TABLE topk_events; SELECT topk_version()");
    if (!used.ok() || used.rows.size() != 2) return "not usable: " + used.message;
    return db.close() == SQLITE_OK ? "" : "the connection could not be closed";
  });
}

walked_operation::walked_operation(operation const& of, std::string const& path,
                                   std::string const& pragma)
    : of_(of), path_(path), pragma_(pragma) {
  put_file(path_, "");
  {
    database db = open(path_, pragma_);
    db.exec(of_.setup.empty() ? "VACUUM" : of_.setup);
  }
  image_ = file_of(path_);
  {
    database db = open(path_, pragma_);
    nothing_ = seen(db);
    begin(db);
    commit_if_open(db);
    without_ = seen(db);
    if (!of_.others.empty()) nothing_ = without_;
  }
  for (int time = 0; time < 2; ++time) {
    put_file(path_, image_);
    database db = open(path_, pragma_);
    begin(db);
    std::uint64_t answer = 0;
    if (run(db.handle(), of_.sql.c_str(), answer) != SQLITE_OK) {
      throw std::runtime_error(std::string(of_.name) + ": " + sqlite3_errmsg(db.handle()));
    }
    commit_if_open(db);
    std::string whole = seen(db);
    check_integrity(db);
    if (time == 1 && (answer != answer_ || whole != whole_)) {
      throw std::runtime_error(std::string(of_.name) + ": does not do the same twice");
    }
    answer_ = answer;
    whole_ = std::move(whole);
  }
}

// What comes before the operation, on the walked connection and on another.
void walked_operation::begin(database& db) const {
  db.exec(of_.before);
  if (!of_.others.empty()) open(path_, pragma_).exec(of_.others);
}

long walked_operation::calls(failure_kind const& kind) const {
  put_file(path_, image_);
  database db = open(path_, pragma_);
  begin(db);
  kind.arm(db.handle(), std::numeric_limits<long>::max(), false);
  std::uint64_t answer = 0;
  static_cast<void>(run(db.handle(), of_.sql.c_str(), answer));
  return kind.disarm(db.handle());
}

verdict walked_operation::step(failure_kind const& kind, long nth, bool stays) const {
  return without_leak([&](verdict& got) -> std::string {
    try {
      return examine(kind, nth, stays, got);
    } catch (std::exception const& broken) {
      return broken.what();
    }
  });
}

std::string walked_operation::examine(failure_kind const& kind, long nth, bool stays,
                                      verdict& got) const {
  put_file(path_, image_);
  database db = open(path_, pragma_);
  begin(db);

  std::uint64_t answer = 0;
  kind.arm(db.handle(), nth, stays);
  int const code = run(db.handle(), of_.sql.c_str(), answer);
  got.has_failed = kind.disarm(db.handle()) >= nth;
  got.is_swallowed = got.has_failed && code == SQLITE_OK;

  std::string const with_code = "code " + std::to_string(code);
  if (code != SQLITE_OK && !got.has_failed) return "an error without a failure: " + with_code;
  if (code != SQLITE_OK && !kind.is_expected(code)) {
    return "unexpected " + with_code + ": " + sqlite3_errmsg(db.handle());
  }
  if (code == SQLITE_OK && answer != answer_ && !kind.looks_like_damage)
    return "success, with a wrong answer";

  // The connection goes on: every other time with what the transaction holds, else without.
  if (!db.attempt("SELECT 1").ok()) return "the connection is not usable";
  bool const keeps = nth % 2 == 1 && !kind.looks_like_damage;
  std::string const* expected = code == SQLITE_OK ? &whole_ : &nothing_;
  if (db.in_transaction()) {
    expected = !keeps ? &nothing_ : code == SQLITE_OK ? &whole_ : &without_;
    outcome const ended = db.attempt(keeps ? "COMMIT" : "ROLLBACK");
    if (!ended.ok()) return with_code + ", and then COMMIT or ROLLBACK said: " + ended.message;
  }
  if (kind.looks_like_damage) sqlite3_db_release_memory(db.handle());
  std::string const now = seen(db);
  bool const is_late = code != SQLITE_OK && kind.may_report_late && now == whole_;
  if (now != *expected && !is_late) {
    return with_code + (keeps ? ", kept" : ", rolled back") + ": " + difference(*expected, now);
  }
  // Of pages that read as zeros SQLite may lose some.
  bool const with_pages = !kind.looks_like_damage;
  check_integrity(db, with_pages);
  {
    database other = open(path_, pragma_);
    if (std::string const there = seen(other); there != now) {
      return with_code + ", and another connection sees: " + difference(now, there);
    }
    check_integrity(other, with_pages);
  }

  // And the operation succeeds when tried again.
  if (now == nothing_ && !is_late) {
    if (outcome const again = db.attempt(of_.before); !again.ok()) {
      return with_code + ", and then the start of another try said: " + again.message;
    }
    if (int const retried = run(db.handle(), of_.sql.c_str(), answer); retried != SQLITE_OK) {
      return with_code + ", and another try said: " + sqlite3_errmsg(db.handle());
    }
    if (answer != answer_) return with_code + ", and another try gave a wrong answer";
    commit_if_open(db);
    if (std::string const then = seen(db); then != whole_) {
      return with_code + ", and after another try: " + difference(whole_, then);
    }
    check_integrity(db, with_pages);
  }
  return db.close() == SQLITE_OK ? "" : "the connection could not be closed";
}

}  // namespace topk::test
