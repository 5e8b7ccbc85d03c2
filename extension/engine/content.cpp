// A table of the user's as the log: which columns it must have, and the triggers of 'track'.
//
// The triggers write to the stream itself. The command column of such a row is not a command but
// "track+" or "track-" and the weight: the row was inserted into the table, or deleted from it.
#include "engine/content.hpp"

#include <vector>

#include "sqlite/values.hpp"

namespace topk::engine {
namespace {

using sqlite::statement;

constexpr std::string_view tracked_in = "track+";
constexpr std::string_view tracked_out = "track-";

status no_content(open_stream& state, std::string const& why) {
  return failure(errc::invalid_argument, "stream " + state.store().name() + ", content='" +
                                             state.options().content->table + "': " + why);
}

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

// The rows a trigger inserts for OLD or NEW: nothing for an item or a ts that is NULL.
std::string insertion(open_stream& state, std::string const& row, std::string_view mark) {
  auto const& content = *state.options().content;
  std::string const item = row + "." + sqlite::quoted(content.item);
  std::string const ts = row + "." + sqlite::quoted(content.ts);
  std::string const weight =
      content.weight ? "coalesce(" + row + "." + sqlite::quoted(*content.weight) + ", 1)" : "1";
  std::string const partition =
      content.partition ? row + "." + sqlite::quoted(*content.partition) : "NULL";
  return "INSERT INTO " + sqlite::quoted(state.store().table()) +
         "(item, ts, weight, \"partition\") SELECT " + item + ", " + ts + ", '" +
         std::string(mark) + "' || " + weight + ", " + partition + " WHERE " + item +
         " IS NOT NULL AND " + ts + " IS NOT NULL; ";
}

result<std::string> free_name(open_stream& state, std::string const& wanted) {
  for (int n = 1;; ++n) {
    std::string name = n == 1 ? wanted : wanted + "_" + std::to_string(n);
    sqlite::statement look(state.host().db(), "SELECT 1 FROM " +
                                                  sqlite::quoted(state.store().schema()) +
                                                  ".sqlite_schema WHERE name = ?1 COLLATE NOCASE");
    auto use = look.begin();
    auto row = use.bind(1, std::string_view(name)).step();
    if (!row) return std::move(row).error();
    if (!*row) return name;
  }
}

status make_trigger(open_stream& state, std::string const& kind, std::string const& event,
                    std::string const& body) {
  auto name = free_name(state, state.store().table() + "_track_" + kind);
  if (!name) return std::move(name).error();
  return sqlite::execute(state.host().db(), "CREATE TRIGGER " +
                                                sqlite::quoted(state.store().schema()) + "." +
                                                sqlite::quoted(*name) + " AFTER " + event + " ON " +
                                                sqlite::quoted(state.options().content->table) +
                                                " BEGIN " + body + "END");
}

}  // namespace

status check_content(open_stream& state) {
  auto* const db = state.host().db();
  auto const& content = *state.options().content;
  std::string const& schema = state.store().schema();
  {
    sqlite::statement look(
        db,
        "SELECT type FROM pragma_table_list WHERE schema = ?1 COLLATE NOCASE AND "
        "name = ?2 COLLATE NOCASE");
    auto use = look.begin();
    auto row =
        use.bind(1, std::string_view(schema)).bind(2, std::string_view(content.table)).step();
    if (!row) return std::move(row).error();
    if (!*row)
      return no_content(state, "no such table in schema '" + schema + "'; was it renamed?");
    if (use.text(0) != "table") {
      return no_content(
          state, "a " + std::string(use.text(0)) + " can't be counted: expected an ordinary table");
    }
  }
  for (auto const& name : {std::optional(content.item), std::optional(content.ts), content.weight,
                           content.partition}) {
    if (!name) continue;
    sqlite::statement look(
        db, "SELECT 1 FROM pragma_table_xinfo(?1, ?2) WHERE name = ?3 COLLATE NOCASE");
    auto use = look.begin();
    auto row = use.bind(1, std::string_view(content.table))
                   .bind(2, std::string_view(schema))
                   .bind(3, std::string_view(*name))
                   .step();
    if (!row) return std::move(row).error();
    if (!*row) return no_content(state, "the table has no column '" + *name + "'; was it renamed?");
  }
  return {};
}

status track(open_stream& state) {
  if (!state.options().content) {
    return failure(errc::invalid_argument,
                   "track: stream " + state.store().name() +
                       " has no content= table to track; name one when the stream is created");
  }
  if (auto known = check_content(state); !known) return known;
  if (auto gone = untrack(state); !gone) return gone;
  std::string const in = insertion(state, "NEW", tracked_in);
  std::string const out = insertion(state, "OLD", tracked_out);
  if (auto made = make_trigger(state, "insert", "INSERT", in); !made) return made;
  if (auto made = make_trigger(state, "delete", "DELETE", out); !made) return made;
  return make_trigger(state, "update", "UPDATE", out + in);
}

status untrack(open_stream& state) {
  std::vector<std::string> names;
  {
    sqlite::statement list(state.host().db(),
                           "SELECT name, sql FROM " + sqlite::quoted(state.store().schema()) +
                               ".sqlite_schema WHERE type = 'trigger' AND "
                               "(instr(sql, '''track+''') OR instr(sql, '''track-'''))");
    auto use = list.begin();
    for (;;) {
      auto row = use.step();
      if (!row) return std::move(row).error();
      if (!*row) break;
      if (sqlite::lowercase(target_of(use.text(1))) == sqlite::lowercase(state.store().table())) {
        names.emplace_back(use.text(0));
      }
    }
  }
  for (auto const& name : names) {
    auto gone = sqlite::execute(
        state.host().db(),
        "DROP TRIGGER " + sqlite::quoted(state.store().schema()) + "." + sqlite::quoted(name));
    if (!gone) return gone;
  }
  return {};
}

std::optional<result<std::int64_t>> tracked_weight_of(sqlite3_value* value) {
  if (sqlite3_value_type(value) != SQLITE_TEXT) return std::nullopt;
  auto text = sqlite::text_of(value);
  bool const is_in = text.starts_with(tracked_in);
  if (!is_in && !text.starts_with(tracked_out)) return std::nullopt;
  text.remove_prefix(tracked_in.size());
  if (text.ends_with(".0")) text.remove_suffix(2);  // as a REAL column writes 3
  auto const weight = sqlite::parse_weight(text);
  if (!weight) {
    return result<std::int64_t>(
        failure(errc::constraint, "weight: expected an integer from -2^40 to 2^40"));
  }
  return result<std::int64_t>(is_in ? *weight : -*weight);
}

}  // namespace topk::engine
