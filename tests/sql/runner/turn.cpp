// A turn plays steps in order on connections that open when they are first named:
//
//     setup steps, case steps          each statement's reply is compared with the script
//     then                             ROLLBACK what is open, integrity-check every stream,
//                                      close every connection: sqlite3_close must return OK
//
// A reply is text: values separated by blanks, rows by commas. Text is bare where it cannot be
// mistaken for another value, a literal otherwise.
#include "sql/runner/turn.hpp"

#include <sqlite3.h>

#include <cctype>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "kit/clock_vfs.hpp"
#include "kit/first_format.hpp"
#include "kit/random.hpp"
#include "sql/seen.hpp"

namespace topk::test {
namespace {

constexpr std::int64_t start_ms = 1'800'000'000'000;  // 2027-01-15 08:00:00 UTC

std::string code_name(int code, int extended) {
  if (extended == SQLITE_CORRUPT_VTAB) return "CORRUPT_VTAB";
  static std::map<int, std::string> const names = {
      {SQLITE_ERROR, "ERROR"},       {SQLITE_BUSY, "BUSY"},       {SQLITE_LOCKED, "LOCKED"},
      {SQLITE_READONLY, "READONLY"}, {SQLITE_CORRUPT, "CORRUPT"}, {SQLITE_CANTOPEN, "CANTOPEN"},
      {SQLITE_SCHEMA, "SCHEMA"},     {SQLITE_TOOBIG, "TOOBIG"},   {SQLITE_CONSTRAINT, "CONSTRAINT"},
      {SQLITE_MISMATCH, "MISMATCH"}, {SQLITE_MISUSE, "MISUSE"},   {SQLITE_NOTADB, "NOTADB"}};
  auto const found = names.find(code);
  return found == names.end() ? std::to_string(code) : found->second;
}

bool is_bare(std::string const& text) {
  auto const first = static_cast<unsigned char>(text.empty() ? ' ' : text[0]);
  if (text == "NULL" || first == '(' || std::isdigit(first) != 0 || first == '-') return false;
  for (char const each : text) {
    auto const byte = static_cast<unsigned char>(each);
    if (byte <= ' ' || byte == 127 || each == ',' || each == '\'' || each == '$') return false;
  }
  return true;
}

std::string shown(value const& each) {
  bool const is_bare_text = each.type() == value_type::text && is_bare(each.bytes());
  return is_bare_text ? each.bytes() : each.literal();
}

std::string shown(std::vector<row> const& rows) {
  std::string out;
  for (row const& each : rows) {
    if (!out.empty()) out += ", ";
    for (std::size_t at = 0; at < each.size(); ++at) out += (at == 0 ? "" : " ") + shown(each[at]);
  }
  return out;
}

// Statement by statement; a trigger's body stays whole.
std::vector<std::string> statements(std::string const& sql) {
  std::vector<std::string> found;
  std::string taken;
  for (char const each : sql) {
    taken += each;
    if (each != ';' || sqlite3_complete(taken.c_str()) == 0) continue;
    found.push_back(std::move(taken));
    taken.clear();
  }
  return found;
}

bool is_query(std::string const& statement) {
  auto const first = statement.find_first_not_of(" \n");
  return first != std::string::npos &&
         (statement.compare(first, 6, "SELECT") == 0 || statement.compare(first, 4, "WITH") == 0) &&
         statement.find("INSERT ") == std::string::npos;
}

// "series(1, 9)" as the table that series() spells.
std::string with_series(std::string const& sql) {
  std::string out;
  std::size_t from = 0;
  for (std::size_t at = 0; (at = sql.find(" series(", from)) != std::string::npos;) {
    std::size_t const end = sql.find(')', at);
    auto const limits = split(sql.substr(at + 8, end - at - 8), ",");
    out += sql.substr(from, at - from + 1) +
           series(std::stoll(limits.at(0)), std::stoll(limits.at(1)));
    from = end + 1;
  }
  return out + sql.substr(from);
}

// The statement that checks a stream, whose name topk_stats gives with quotes where it needs them.
std::string integrity_check(std::string const& stream) {
  std::vector<std::string> parts(1);
  bool is_quoted = false;
  for (char const each : stream) {
    if (each == '"') is_quoted = !is_quoted;
    if (each == '.' && !is_quoted) parts.emplace_back();
    else parts.back() += each;
  }
  std::string table;
  for (std::string& part : parts) {
    if (!part.starts_with('"')) part = quoted_name(part);
    table += (table.empty() ? "" : ".") + part;
  }
  return "INSERT INTO " + table + "(" + parts.back() + ") VALUES('integrity-check')";
}

}  // namespace

turn::turn(script const& given, script_case const& played_case,
           std::map<std::string, std::string> variables, played& result)
    : script_(given), case_(played_case), variables_(std::move(variables)), result_(result) {
  variables_["dir"] = folder_.file("");
  variables_["dir"].pop_back();
}

bool turn::run() {
  set_clock_ms(start_ms);
  // Each turn another, and each time the same.
  std::string seed = case_.name;
  for (auto const& [name, chosen] : variables_) seed += name == "dir" ? "" : chosen;
  draw_encoding(seed_of(seed));
  try {
    play_steps(script_.setup);
    play_steps(case_.steps);
    if (!is_skipped_) finish();
  } catch (std::exception const& failure) {
    fail(case_.line, failure.what());
  }
  return !is_skipped_;
}

void turn::play_steps(std::vector<step> const& steps) {
  for (step const& each : steps) {
    if (is_skipped_) return;
    if (each.word.empty()) {
      play_statement(each);
    } else if (!play_directive(each)) {
      fail(each.line, "." + each.word + ": no such directive or macro");
    }
  }
}

bool turn::play_directive(step const& each) {
  std::string const text = expanded(each.text);
  std::string const name = text.substr(0, text.find(' '));
  std::string const rest = name.size() < text.size() ? text.substr(name.size() + 1) : "";
  if (each.word == "file") {
    main_file_ = path(text.empty() ? "a.db" : text);
  } else if (each.word == "encoding") {
    use_encoding(text);
  } else if (each.word == "open") {
    open(each);
  } else if (each.word == "close") {
    std::string const which = text.empty() ? "main" : text;
    if (connection(which).close() != SQLITE_OK) fail(each.line, "sqlite3_close is not OK");
    connections_.erase(which);
  } else if (each.word == "clock") {
    set_clock(text);
  } else if (each.word == "requires") {
    is_skipped_ = sqlite3_libversion_number() < std::stoi(text);
  } else if (each.word == "damaged") {
    is_damaged_ = true;
  } else if (each.word == "untouched") {
    guarded_ = text;
  } else if (each.word == "between") {
    between_ = text;
  } else if (each.word == "defensive") {
    sqlite3_db_config(connection("main").handle(), SQLITE_DBCONFIG_DEFENSIVE, 1,
                      static_cast<int*>(nullptr));
  } else if (each.word == "first_format") {
    make_first_format(text);
  } else if (each.word == "remember") {
    remembered_[name] = seen(rest);
  } else if (each.word == "same" || each.word == "differs") {
    std::string const now = seen(rest);
    if ((now == remembered_[name]) != (each.word == "same")) {
      fail(each.line, "." + each.word + " " + text + "\n  remembered: " + remembered_[name] +
                          "\n  now:        " + now);
    }
  } else if (each.word == "repeat") {
    for (int left = std::stoi(text); left > 0; --left) play_steps(each.body);
  } else if (auto const macro = script_.macros.find(each.word); macro != script_.macros.end()) {
    auto const outer = std::exchange(caller_, each.line);
    auto const saved = variables_;
    std::size_t number = 0;
    for (std::string const& argument : split(" " + text + " ", " ; ")) {
      variables_[std::to_string(++number)] = argument;
    }
    play_steps(macro->second);
    variables_ = saved;
    caller_ = outer;
  } else {
    return false;
  }
  return true;
}

// .open NAME [FILE] [readonly | shared | bare]: bare is without the extension.
void turn::open(step const& each) {
  auto const words = split(expanded(each.text), " ");
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
  std::string file = path("a.db");
  bool is_bare = false;
  for (std::size_t at = 1; at < words.size(); ++at) {
    if (words[at] == "bare") is_bare = true;
    else if (words[at] == "readonly") flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    else if (words[at] == "shared") flags |= SQLITE_OPEN_SHAREDCACHE;
    else file = words[at];
  }
  install_clock_vfs();
  auto opened = std::make_unique<database>(file, flags, clock_vfs_name);
  if (!is_bare) opened->load_topk();
  connections_[words[0]] = std::move(opened);
}

void turn::make_first_format(std::string const& stream) {
  connections_.clear();
  database plain(main_file_);
  for (auto const& sql : into_first_format(stream)) plain.exec(sql);
}

database& turn::connection(std::string const& name) {
  std::unique_ptr<database>& found = connections_[name];
  if (found == nullptr) {
    install_clock_vfs();
    found = std::make_unique<database>(name == "main" ? main_file_ : path("a.db"), clock_vfs_name);
    found->load_topk();
  }
  return *found;
}

// "+60" and "-60" seconds from now, or unix seconds.
void turn::set_clock(std::string const& given) {
  bool const is_relative = given[0] == '+' || given[0] == '-';
  auto const ms = static_cast<std::int64_t>(std::stod(given) * 1000);
  set_clock_ms(is_relative ? clock_ms() + ms : ms);
}

reply turn::ask(std::string const& name, std::string const& sql) {
  database& db = connection(name);
  reply got;
  for (std::string const& each : statements(with_series(sql))) {
    ++result_.statements;
    outcome const out = db.attempt(each);
    std::string rows = shown(out.rows);
    if (out.ok() && rows.empty() && is_query(each)) rows = "(no rows)";
    if (!rows.empty()) got.rows += (got.rows.empty() ? "" : ", ") + rows;
    if (!out.ok()) {
      got.error = code_name(out.code, sqlite3_extended_errcode(db.handle())) + ": " + out.message;
    }
    if (!between_.empty()) static_cast<void>(db.attempt(between_));
    if (!out.ok()) break;
  }
  return got;
}

std::string turn::seen(std::string const& given) {
  auto const words = split(given, " ");
  if (words.size() == 2 && words[0] == "answers") return snapshot(connection("main"), words[1]);
  if (words.size() == 2 && words[0] == "stored") return shadow_rows(connection("main"), words[1]);
  auto const mark = given.find("> ");
  bool const is_named = words[0].ends_with('>');
  reply const got = ask(is_named ? given.substr(0, mark) : "main",
                        (is_named ? given.substr(mark + 2) : given) + ";");
  return got.rows + got.error;
}

void turn::play_statement(step const& each) {
  std::string const sql = expanded(each.text);
  bool const may_fail = !each.wanted.error.empty() || !each.wanted.pattern.empty();
  bool const is_guarded = !guarded_.empty() && may_fail && each.connection == "main";
  if (!is_guarded) return compare(each, sql, ask(each.connection, sql));
  std::string const before = seen("answers " + guarded_) + seen("stored " + guarded_);
  reply const got = ask(each.connection, sql);
  compare(each, sql, got);
  if (got.error.empty()) return;
  if (seen("answers " + guarded_) + seen("stored " + guarded_) != before) {
    fail(each.line, sql + "\n  is refused, and changes " + guarded_);
  }
  check_guarded(each, sql, got);
}

// The same statement inside a transaction: the same error, and the same stream after it.
void turn::check_guarded(step const& each, std::string const& sql, reply const& got) {
  if (connection("main").in_transaction()) return;
  std::string const before = seen("answers " + guarded_);
  ask("main", "BEGIN;");
  if (ask("main", sql) != got) fail(each.line, sql + "\n  is another error inside a transaction");
  std::string const inside = seen("answers " + guarded_);
  ask("main", "COMMIT;");
  if (inside != before || seen("answers " + guarded_) != before) {
    fail(each.line, sql + "\n  is refused inside a transaction, and changes " + guarded_);
  }
}

void turn::compare(step const& each, std::string const& sql, reply const& got) {
  expectation const& wanted = each.wanted;
  std::string const rows = expanded(wanted.rows);
  std::string const error = expanded(wanted.error);
  bool is_wanted = got.rows == rows && got.error == error;
  if (!wanted.pattern.empty()) {
    std::string const& shown = got.error.empty() ? got.rows : got.error;
    is_wanted = sqlite3_strglob(expanded(wanted.pattern).c_str(), shown.c_str()) == 0;
  }
  if (is_wanted) return;
  expectation actual;
  actual.rows = got.rows;
  actual.error = got.error;
  auto const lines = actual.lines();
  if (caller_ == 0) {
    auto& returned = result_.returned[each.line];
    if (returned.empty() || returned.back().lines() != lines) returned.push_back(actual);
  }
  std::string diff = sql;
  for (auto const& line : wanted.lines()) diff += "\n  - " + line;
  for (auto const& line : lines) diff += "\n  + " + line;
  if (lines.empty()) diff += "\n  + nothing";
  fail(each.line, diff);
}

void turn::finish() {
  for (auto const& [name, db] : connections_) {
    if (db->in_transaction()) static_cast<void>(db->attempt("ROLLBACK"));
  }
  if (!is_damaged_ && connections_.contains("main")) {
    database& db = connection("main");
    for (row const& each : db.attempt("SELECT stream FROM topk_stats").rows) {
      std::string const& stream = each.at(0).bytes();
      outcome const got = db.attempt(integrity_check(stream));
      if (!got.ok() && got.code != SQLITE_READONLY) fail(case_.line, stream + ": " + got.message);
    }
  }
  for (auto const& [name, db] : connections_) {
    if (db->close() != SQLITE_OK) fail(case_.line, "sqlite3_close of " + name + " is not OK");
  }
}

std::string turn::expanded(std::string const& text) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    if (text[at] == '$') {
      while (end < text.size() && std::isalnum(static_cast<unsigned char>(text[end])) != 0) ++end;
    }
    auto const found = variables_.find(text.substr(at + 1, end - at - 1));
    bool const is_variable = text[at] == '$' && found != variables_.end();
    out += is_variable ? found->second : text.substr(at, end - at);
    at = end;
  }
  return out;
}

void turn::fail(std::size_t line, std::string const& what) {
  std::string where = script_.path + ":" + std::to_string(caller_ != 0 ? caller_ : line) + ": ";
  if (caller_ != 0) where += "(line " + std::to_string(line) + ") ";
  std::string with;
  for (auto const& [name, given] : variables_) {
    if (name != "dir") with += (with.empty() ? " [" : ", ") + name + ": " + given;
  }
  if (!with.empty()) with += "]";
  result_.failures.push_back(where + case_.name + with + "\n  " + what);
}

}  // namespace topk::test
