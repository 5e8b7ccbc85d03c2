// Steps on the content table past its plain rows: keys that conflict, columns that the stream does
// not read, and changes while no stream follows.
#include "program.hpp"

namespace topk::test {

// Rows whose keys may be taken, for VALUES; the model has them, or those that conflict with none.
std::string program::content_put_some(bool skips) {
  std::string values;
  for (std::int64_t i = random_.between(1, 4); i > 0; --i) {
    std::int64_t const id = random_.percent(60) ? some_content_id() : next_content_id();
    drawn_content_row const drawn = draw_content_row();
    bool const conflicts = on_.state.content.contains(id) || is_code_taken(drawn.row.code);
    if (!skips || !conflicts) content_put(id, drawn.row);
    values += (values.empty() ? "(" : ", (") + std::to_string(id) + ", " + drawn.values + ")";
  }
  return values;
}

bool program::content_replace() {
  if (on_.state.content.empty()) return false;
  std::string const values = content_put_some(false);
  on_.run(into_history(random_.percent(50) ? "REPLACE" : "INSERT OR REPLACE") + "VALUES " + values);
  return true;
}

// What conflicts is skipped: the row that is there stays, and is counted as before.
bool program::content_ignore() {
  if (on_.state.content.empty()) return false;
  std::string const values = content_put_some(true);
  bool const by_clause = random_.percent(50);
  on_.run(into_history(by_clause ? "INSERT OR IGNORE" : "INSERT") + "VALUES " + values +
          (by_clause ? "" : " ON CONFLICT DO NOTHING"));
  return true;
}

void program::content_move(std::int64_t from, std::int64_t to,
                           std::optional<std::int64_t> const& code) {
  content_row moved = on_.state.content.at(from);
  moved.code = code;
  content_remove(from);
  content_put(to, moved);
}

// Another key, in place of whatever row had it: by the name of the column, or as the rowid.
bool program::content_update_key() {
  if (on_.state.content.empty()) return false;
  std::int64_t const from = some_content_id();
  bool const replaces = random_.percent(60);
  std::int64_t const to = replaces ? some_content_id() : next_content_id();
  bool const by_rowid = !plan_.content_without_rowid && random_.percent(50);
  content_move(from, to, on_.state.content.at(from).code);
  on_.run(std::string(replaces ? "UPDATE OR REPLACE" : "UPDATE") + " history SET " +
          (by_rowid ? "rowid" : "id") + " = " + std::to_string(to) +
          " WHERE id = " + std::to_string(from));
  return true;
}

bool program::content_update_code() {
  if (on_.state.content.empty() || !plan_.content_has_code) return false;
  std::int64_t const modulus = random_.between(2, 9);
  std::int64_t const code = random_.between(1, 40);
  std::vector<std::int64_t> ids;
  for (auto const& [id, each] : on_.state.content) {
    if (id % modulus == 0) ids.push_back(id);
  }
  // Each row takes the code from the one before.
  for (std::int64_t const id : ids) {
    if (on_.state.content.contains(id)) content_move(id, id, code);
  }
  on_.run("UPDATE OR REPLACE history SET code = 'k" + std::to_string(code) + "' WHERE id % " +
          std::to_string(modulus) + " = 0");
  return true;
}

// A column that the stream does not read: it does not even count an event.
bool program::content_update_unread() {
  if (!on_.state.exists) return false;
  std::string const sql = "SELECT events, weight, rejected FROM topk_stats(" +
                          value::text(quoted_name(on_.state.name)).literal() + ")";
  outcome const before = on_.ask(on_.db(), sql);
  on_.run("UPDATE history SET likes = likes + 1 WHERE id % " +
          std::to_string(random_.between(1, 5)) + " = 0");
  outcome const after = on_.ask(on_.db(), sql);
  if (!before.ok() || before.rows != after.rows) {
    throw disagreement("UPDATE of a column that is not read changed " + to_text(before.rows) +
                       "to " + to_text(after.rows));
  }
  return true;
}

// Without a row whose time can be read, the table cannot be counted.
void program::keep_countable() {
  bool has_unreadable = false;
  bool has_readable = false;
  for (auto const& [id, each] : on_.state.content) {
    if (each.item.is_null()) continue;
    has_unreadable = has_unreadable || !each.ts_readable;
    has_readable = has_readable || (each.ts && each.weight != 0);
  }
  if (!has_unreadable || has_readable) return;
  std::vector<std::int64_t> ids;
  for (auto const& [id, each] : on_.state.content) ids.push_back(id);
  for (std::int64_t const id : ids) content_remove(id);
  on_.run("DELETE FROM history");
}

bool program::content_retrack() {
  if (!on_.state.exists) return false;
  command("untrack");
  on_.state.is_followed = false;
  for (std::int64_t i = random_.between(0, 4); i > 0; --i) {
    switch (random_.below(4)) {
      case 0: static_cast<void>(content_insert()); break;
      case 1: static_cast<void>(content_update()); break;
      case 2: static_cast<void>(content_delete()); break;
      default: static_cast<void>(content_replace());
    }
  }
  keep_countable();
  recount();
  on_.state.is_followed = true;
  command("track");
  return true;
}

}  // namespace topk::test
