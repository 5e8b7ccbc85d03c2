// Steps that give the stream a command.
#include <sqlite3.h>

#include <algorithm>
#include <cmath>

#include "program.hpp"

namespace topk::test {

void program::command(std::string const& name) {
  std::string const into = is_default() && random_.percent(30) ? "cms_add" : stream();
  std::string const values =
      random_.percent(80) ? " VALUES ('" + name + "')" : " SELECT '" + name + "'";
  on_.run("INSERT INTO " + into + "(" + into + ")" + values);
}

bool program::prune() {
  if (!on_.state.exists) return false;
  on_.state.model.prune(session::now());
  command("prune");
  if (has_content()) read_partitions();
  return true;
}

void program::read_partitions() {
  on_.state.partitions.clear();
  std::string const table = on_.state.name + "_keys";
  outcome const is_there =
      on_.ask(on_.db(), "SELECT 1 FROM sqlite_schema WHERE name = " + value::text(table).literal());
  if (is_there.rows.empty()) return;
  outcome const got = on_.ask(on_.db(), "SELECT partition FROM " + quoted_name(table));
  if (!got.ok()) throw disagreement("cannot read the partitions: " + got.message);
  for (row const& each : got.rows) on_.state.partitions.insert(each.front().canonical());
}

bool program::optimize() {
  if (!on_.state.exists) return false;
  command("optimize");
  return true;
}

bool program::rebuild() {
  if (!on_.state.exists || !plan_.has_exact()) return false;
  if (has_content()) {
    keep_countable();
    recount();
    command(random_.percent(70) ? "rebuild" : "track");
    return true;
  }
  oracle& model = on_.state.model;
  micros const now = session::now();
  // R falls where its event was forgotten or pruned; of the events that had expired by it, the log
  // may have some still. So an event stands at R.
  if (model.reference() && *model.reference() > now) return false;
  if (model.reference()) {
    insert("INSERT INTO " + stream() + "(item, ts) VALUES ('R', " +
               seconds_literal(*model.reference()) + ")",
           {{.item = value::text("R"), .ts = *model.reference()}}, false, false);
  }
  // It may rise: an event that was ahead of the clock when it came is so no more.
  if (model.reference()) model.recount(now);
  on_.state.events_are_known = on_.state.late_is_known = false;
  command("rebuild");
  return true;
}

// R is that of the rows there are, whatever it was.
void program::recount() {
  world& state = on_.state;
  micros const now = session::now();
  std::optional<micros> reference;
  std::vector<std::pair<bool, content_row const*>> rows;  // numbers are read before texts
  for (auto& [id, each] : state.content) {
    each.was_ahead = state.is_countable(each) && *each.ts > now;
    if (!state.is_countable(each)) continue;
    rows.emplace_back(each.has_text_time, &each);
    if (*each.ts <= now) reference = std::max(reference, each.ts);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](auto const& a, auto const& b) { return a.first < b.first; });
  micros const floor = reference.value_or(now) - (reference ? plan_.limits.retain : 0);
  state.partitions.clear();
  state.partitions_are_closed = false;
  std::vector<event> there;
  std::vector<content_row const*> ahead;
  for (auto const& [is_text, each] : rows) {
    if (*each->ts > floor && !state.admits(each->partition)) continue;
    if (*each->ts > now) ahead.push_back(each);
    else there.push_back(state.model.to_event(*each, *each->ts));
  }
  state.model.refill(there, reference);
  for (content_row const* each : ahead) state.model.expect(*each);
  state.events_are_known = state.late_is_known = false;
}

bool program::integrity_check() {
  if (!on_.state.exists) return false;
  command("integrity-check");
  return true;
}

bool program::forget() {
  if (!on_.state.exists) return false;
  auto const& there = on_.state.model.events();
  value const item = there.empty() || random_.percent(20)
                         ? events_.draw_item()
                         : on_.state.model.items()[random_.pick(there).item];
  on_.state.model.forget(events_.stored(item));
  on_.state.events_are_known = false;
  std::string const into = is_default() && random_.percent(30) ? "cms_add" : stream();
  on_.run("INSERT INTO " + into + "(" + into + ", item) VALUES ('forget', " + item.literal() + ")");
  return true;
}

bool program::delete_all() {
  // A content table keeps its rows, so the stream would no longer be in step with it.
  if (!on_.state.exists || has_content()) return false;
  if (random_.percent(50) && can_grow()) return false;
  on_.state.model.clear();
  on_.state.events_are_known = on_.state.late_is_known = true;
  command("delete-all");
  return true;
}

bool program::bad_command() {
  if (!on_.state.exists) return false;
  std::string const name = stream();
  std::string const text = value::text(name).literal();
  std::vector<std::string> bad = {"INSERT INTO " + name + "(" + name + ") VALUES ('rebuilt')",
                                  "SELECT * FROM topk('1 fortnight', 10, " + text + ")",
                                  "SELECT * FROM topk('1s', 0, " + text + ")",
                                  "SELECT * FROM topk('1s', 10, " + text + ", 'quick')",
                                  "SELECT * FROM topk('1s', 10, " + text + ", 'fast', '12:00')",
                                  "SELECT * FROM topk(" +
                                      std::to_string(plan_.limits.retain / 1'000'000 + 1) +
                                      ", 10, " + text + ")",
                                  "SELECT * FROM topk('1s', 10, 'no_such_stream')"};
  if (!plan_.has_exact()) {
    bad.push_back("INSERT INTO " + name + "(" + name + ") VALUES ('rebuild')");
    bad.push_back("SELECT * FROM topk('1s', 10, " + text + ", 'exact')");
  }
  on_.refuse(random_.pick(bad), {SQLITE_ERROR});
  return true;
}

}  // namespace topk::test
