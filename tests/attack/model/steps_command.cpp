// Steps that give the stream a command.
#include <sqlite3.h>

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
  return true;
}

bool program::optimize() {
  if (!on_.state.exists) return false;
  command("optimize");
  return true;
}

bool program::rebuild() {
  if (!on_.state.exists || !plan_.has_exact()) return false;
  oracle& model = on_.state.model;
  micros const now = session::now();
  std::vector<event> there = model.events();
  if (has_content()) {
    there.clear();
    for (auto const& [id, each] : on_.state.content) {
      if (each.item.is_null() || !each.ts || each.weight == 0) continue;
      if (*each.ts <= now + plan_.limits.max_skew) there.push_back(model.to_event(each, *each.ts));
    }
    on_.state.diverged = has_uncounted_content();
  }
  std::optional<micros> raised = model.reference();
  for (event const& each : there) raised = std::max(raised, std::optional(std::min(each.ts, now)));
  // The first R of a stream is no question.
  if (!model.reference() && raised) model.raise_reference(*raised);
  model.refill(there);
  on_.state.events_are_known = on_.state.late_is_known = false;
  command("rebuild");
  if (raised) learn_reference(*raised);
  return true;
}

void program::learn_reference(micros raised) {
  oracle& model = on_.state.model;
  if (raised == *model.reference()) return;
  outcome const got = on_.ask(
      on_.db(), "SELECT since FROM topk('all', 1, " + value::text(stream()).literal() + ")");
  if (!got.ok()) throw disagreement("R cannot be read: " + got.message);
  if (!got.rows.empty()) {
    micros const told = std::llround(got.rows[0][0].as_real() * 1e6) + plan_.limits.retain;
    if (told != *model.reference() && told != raised) {
      throw disagreement("R is " + std::to_string(told) + " after rebuild, not " +
                         std::to_string(*model.reference()) + " or " + std::to_string(raised));
    }
    model.raise_reference(told);
    on_.run("SELECT 1");  // so that the model settles
    return;
  }
  // An event as of now makes R the same, whichever it was.
  std::string const now = seconds_literal(session::now());
  if (has_content()) {
    std::int64_t const id = next_content_id();
    content_put(id, {.item = value::text("R"), .ts = session::now()});
    on_.run("INSERT INTO history VALUES (" + std::to_string(id) + ", 'R', " + now +
            ", NULL, NULL)");
  } else {
    insert("INSERT INTO " + stream() + "(item, ts) VALUES ('R', " + now + ")",
           {{.item = value::text("R"), .ts = session::now()}}, false, false);
  }
}

bool program::integrity_check() {
  if (!on_.state.exists || on_.state.diverged) return false;
  command("integrity-check");
  return true;
}

bool program::forget() {
  if (!on_.state.exists) return false;
  auto const& there = on_.state.model.events();
  value const item = there.empty() || random_.percent(20)
                         ? events_.draw_item()
                         : on_.state.model.items()[random_.pick(there).item];
  on_.state.model.forget(item);
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
