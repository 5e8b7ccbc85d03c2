// The triggers insert into the stream itself, with the row's values as they are and a mark in a
// hidden column:
//
//   INSERT   NEW, 1
//   DELETE   OLD, -1
//   UPDATE   OLD, -1 and NEW, 1, if a column that the stream reads has changed
//
// These fire after the change, and two more before an INSERT or an UPDATE that may be OR REPLACE:
//
//   each row in its way      2: it goes, if the statement replaces and no DELETE trigger fires
//
// UPDATE OF names those columns, so that an UPDATE of others costs nothing. It does not fire for a
// generated column whose base changes, nor for an INTEGER PRIMARY KEY that is set as rowid: where
// one of these is read, the trigger fires at each UPDATE. WHEN then compares the values, by their
// bytes whatever the column's collation says: 'A' to 'a' is a change.
//
// Triggers of older releases write 'track+' or 'track-' and the weight into the weight; they are
// read until the next 'track' replaces them.
#include "engine/tracking.hpp"

#include <algorithm>
#include <vector>

#include "base/date.hpp"
#include "engine/content.hpp"
#include "engine/replaced_rows.hpp"
#include "sqlite/values.hpp"

namespace topk::engine {
namespace {

constexpr std::string_view marked_in = "track+";
constexpr std::string_view marked_out = "track-";
constexpr char const* counted_key = "counted_at";
// In the text of triggers that look for rows in the way, and of no other.
constexpr std::string_view replaced_rows_of = "topk_tracked) SELECT ";

// The name after INSERT INTO in a trigger's text, unquoted; empty if there is none.
std::string target_of(std::string_view sql) {
  auto const lower = sqlite::lowercase(sql);
  constexpr std::string_view verb = "insert into ";
  auto at = lower.find(verb);
  if (at == lower.npos) return {};
  at += verb.size();
  auto name = sql.substr(at);
  if (name.starts_with('"')) return take_quoted(name).value_or("");
  return std::string(name.substr(0, name.find_first_of("( ")));
}

// Calls visit(name, table, sql) with each trigger that tracks a table into this stream.
template <class Visit>
status each_trigger(live::open_stream& state, Visit&& visit) {
  sqlite::statement list(state.host().db(),
                         "SELECT name, tbl_name, sql FROM " +
                             sqlite::quoted(state.store().schema()) +
                             ".sqlite_schema WHERE type = 'trigger' AND (instr(sql, ?1) OR "
                             "instr(sql, '''track+''') OR instr(sql, '''track-'''))");
  auto use = list.begin();
  use.bind(1, std::string_view(tracked_column));
  auto const own = sqlite::lowercase(state.store().table());
  return sqlite::for_each_row(use, [&]() -> status {
    if (sqlite::lowercase(target_of(use.text(2))) == own)
      visit(use.text(0), use.text(1), use.text(2));
    return {};
  });
}

std::vector<std::string> columns_read(live::open_stream& state) {
  auto const& content = *state.options().content;
  std::vector<std::string> names = {content.item, content.ts};
  if (content.weight) names.push_back(*content.weight);
  if (content.partition) names.push_back(*content.partition);
  return names;
}

std::string into_stream(live::open_stream& state) {
  return "INSERT INTO " + sqlite::quoted(state.store().table()) +
         "(item, ts, weight, \"partition\", " + tracked_column + ")";
}

// The statement for OLD or NEW.
std::string insertion(live::open_stream& state, std::string_view row, int sign) {
  return into_stream(state) + " VALUES (" + content_columns(state, row) + ", " +
         std::to_string(sign) + "); ";
}

// Those for the rows that meet a condition.
std::string replacement(live::open_stream& state, std::string const& rows) {
  return into_stream(state) + " SELECT " + content_columns(state, "") + ", 2 FROM " + rows + "; ";
}

// Whether the value can change without the column being named in SET: it is generated, or it may
// be the rowid.
result<bool> changes_unnamed(live::open_stream& state, std::string const& column) {
  sqlite::statement look(state.host().db(),
                         "SELECT hidden, pk FROM pragma_table_xinfo(?1, ?2) WHERE name = ?3 "
                         "COLLATE NOCASE");
  auto use = look.begin();
  use.bind(1, std::string_view(state.options().content->table));
  use.bind(2, std::string_view(state.store().schema())).bind(3, std::string_view(column));
  TOPK_ASSIGN(bool const has_row, use.step());
  return has_row && (use.integer(0) != 0 || use.integer(1) != 0);
}

// UPDATE, with the columns whose changes fire it.
result<std::string> update_event(live::open_stream& state) {
  std::string named;
  for (auto const& column : columns_read(state)) {
    TOPK_ASSIGN(bool const is_unnamed, changes_unnamed(state, column));
    if (is_unnamed) return std::string("UPDATE");
    if (!named.empty()) named += ", ";
    named += sqlite::quoted(column);
  }
  return "UPDATE OF " + named;
}

std::string is_changed(live::open_stream& state) {
  std::string out;
  for (auto const& column : columns_read(state)) {
    std::string const name = sqlite::quoted(column);
    if (!out.empty()) out += " OR ";
    out.append("OLD.").append(name).append(" COLLATE BINARY IS NOT NEW.").append(name);
  }
  return out;
}

result<std::string> free_name(live::open_stream& state, std::string const& wanted) {
  for (int n = 1;; ++n) {
    std::string name = n == 1 ? wanted : wanted + "_" + std::to_string(n);
    sqlite::statement look(state.host().db(), "SELECT 1 FROM " +
                                                  sqlite::quoted(state.store().schema()) +
                                                  ".sqlite_schema WHERE name = ?1 COLLATE NOCASE");
    auto use = look.begin();
    TOPK_ASSIGN(bool const is_taken, use.bind(1, std::string_view(name)).step());
    if (!is_taken) return name;
  }
}

// `event` is AFTER DELETE or the like, `when` a condition or nothing.
status make_trigger(live::open_stream& state, std::string const& kind, std::string const& event,
                    std::string const& when, std::string const& body) {
  TOPK_ASSIGN(auto const name, free_name(state, state.store().table() + "_track_" + kind));
  return sqlite::execute(state.host().db(), "CREATE TRIGGER " +
                                                sqlite::quoted(state.store().schema()) + "." +
                                                sqlite::quoted(name) + " " + event + " ON " +
                                                sqlite::quoted(state.options().content->table) +
                                                when + " BEGIN " + body + "END");
}

status make_replacing_triggers(live::open_stream& state) {
  TOPK_ASSIGN(auto const replaced, find_replaced_rows(state));
  if (replaced.by_insert.empty()) return {};
  std::string const of = sqlite::quoted(state.options().content->table) + " WHERE ";
  std::string const met = of + replaced.by_insert;
  TOPK_TRY(make_trigger(state, "replace", "BEFORE INSERT",
                        " WHEN EXISTS (SELECT 1 FROM " + met + ")", replacement(state, met)));
  std::string named;
  for (auto const& column : replaced.named) {
    named += (named.empty() ? " OF " : ", ") + sqlite::quoted(column);
  }
  std::string const moved = of + replaced.by_update;
  return make_trigger(
      state, "replace_update", "BEFORE UPDATE" + named,
      " WHEN (" + replaced.key_changes + ") AND EXISTS (SELECT 1 FROM " + moved + ")",
      replacement(state, moved));
}

}  // namespace

status make_triggers(live::open_stream& state) {
  state.tracking.is_open_to_inserts = false;
  if (!state.options().content) {
    return failure(errc::invalid_argument,
                   "track: stream " + state.store().name() +
                       " has no content= table to track; name one when the stream is created");
  }
  TOPK_TRY(check_content(state));
  TOPK_TRY(drop_triggers(state));
  std::string const in = insertion(state, "NEW.", 1);
  std::string const out = insertion(state, "OLD.", -1);
  TOPK_TRY(make_trigger(state, "insert", "AFTER INSERT", "", in));
  TOPK_TRY(make_trigger(state, "delete", "AFTER DELETE", "", out));
  TOPK_TRY(make_replacing_triggers(state));
  TOPK_ASSIGN(auto const update, update_event(state));
  return make_trigger(state, "update", "AFTER " + update, " WHEN " + is_changed(state), out + in);
}

status drop_triggers(live::open_stream& state) {
  std::vector<std::string> names;
  TOPK_TRY(each_trigger(state, [&](auto name, auto, auto) { names.emplace_back(name); }));
  for (auto const& name : names) {
    TOPK_TRY(sqlite::execute(
        state.host().db(),
        "DROP TRIGGER " + sqlite::quoted(state.store().schema()) + "." + sqlite::quoted(name)));
  }
  return {};
}

result<bool> is_tracked(live::open_stream& state) {
  TOPK_ASSIGN(auto const version, schema_version_to_keep(state));
  auto& known = state.tracking;
  if (version != -1 && known.schema_version == version) return known.is_tracked;
  auto const table = sqlite::lowercase(state.options().content->table);
  int triggers = 0;
  TOPK_TRY(each_trigger(state, [&](auto, auto on, auto sql) {
    bool const is_before = sql.find(replaced_rows_of) != sql.npos;
    triggers += !is_before && sqlite::lowercase(on) == table ? 1 : 0;
  }));
  known.schema_version = version;
  known.is_tracked = triggers >= 3;
  return known.is_tracked;
}

result<std::optional<micros>> counted_at(live::open_stream& state) {
  return state.store().config().integer(counted_key);
}

status set_counted_at(live::open_stream& state, micros now) {
  return state.store().config().put(counted_key, now);
}

result<std::string> sketch_as_of(live::open_stream& state) {
  TOPK_ASSIGN(auto const counted, counted_at(state));
  if (!counted) return std::string("sketch of rows that were never counted");
  return "sketch as of " + spell_date(std::clamp(*counted, earliest_time, latest_time), ' ');
}

std::optional<marked_weight> marked_weight_of(sqlite3_value* value) {
  if (sqlite3_value_type(value) != SQLITE_TEXT) return std::nullopt;
  auto text = sqlite::text_of(value);
  bool const is_in = text.starts_with(marked_in);
  if (!is_in && !text.starts_with(marked_out)) return std::nullopt;
  text.remove_prefix(marked_in.size());
  if (text.ends_with(".0")) text.remove_suffix(2);  // as a REAL column writes 3
  return marked_weight{is_in ? 1 : -1, sqlite::parse_weight(text)};
}

}  // namespace topk::engine
