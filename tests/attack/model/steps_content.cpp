// Steps on the content table, which 'track' keeps the stream in step with.
#include "program.hpp"

namespace topk::test {

offer program::mapped(offer of) const {
  if (!plan_.content_has_weight) of.weight.reset();
  if (!plan_.content_has_partition) of.partition = {};
  return of;
}

void program::content_event(offer const& of, int sign) {
  if (of.item.is_null() || !of.ts) return;
  offer counted = of;
  counted.weight = sign * of.weight.value_or(1);
  if (*of.ts > session::now()) {
    if (counted.weight != 0) on_.state.model.expect(counted);
    on_.state.events_are_known = on_.state.late_is_known = false;
    return;
  }
  if (sign < 0 && on_.state.model.is_expired(*of.ts)) return;
  row_outcome const said = on_.state.model.accept(counted, session::now());
  if (is_refusal(said)) throw std::logic_error("a content row that the stream refuses");
}

void program::content_put(std::int64_t id, offer const& of) {
  content_remove(id);
  content_event(of, 1);
  on_.state.content[id] = of;
}

void program::content_remove(std::int64_t id) {
  auto const at = on_.state.content.find(id);
  if (at == on_.state.content.end()) return;
  content_event(at->second, -1);
  on_.state.content.erase(at);
  // What was late when it came, or is when it goes, depends on the order of rows.
  on_.state.events_are_known = on_.state.late_is_known = false;
}

value program::draw_content_text(micros time) {
  bool const is_plain = plan_.content_one_form && !random_.percent(2);
  return value::text(is_plain ? plain_date_text(time) : date_text(time, random_));
}

written_row program::draw_content_row() {
  written_row out = events_.draw(on_.state, session::now(), {});
  // Where times are texts, the columns have every form: of time, and of weight.
  if (out.meaning.ts) {
    micros const time = *out.meaning.ts;
    if (!plan_.content_text_times) out.ts = seconds_value(time, true);
    else if (plan_.content_one_form || random_.percent(70)) out.ts = draw_content_text(time);
  }
  if (out.meaning.weight && !plan_.content_text_times) {
    out.weight = value::integer(*out.meaning.weight);
  }
  if (random_.percent(5)) out.item = out.meaning.item = {};
  out.meaning = mapped(out.meaning);
  return out;
}

std::int64_t program::next_content_id() const {
  return on_.state.content.empty() ? 1 : on_.state.content.rbegin()->first + 1;
}

std::int64_t program::some_content_id() {
  auto const& rows = on_.state.content;
  auto const at = rows.lower_bound(random_.between(0, rows.rbegin()->first));
  return at->first;
}

bool program::content_insert() {
  std::int64_t id = next_content_id();
  std::string values;
  for (std::int64_t i = random_.percent(40) ? 1 : random_.between(2, 9); i > 0; --i, ++id) {
    written_row const drawn = draw_content_row();
    content_put(id, drawn.meaning);
    values += (values.empty() ? "(" : ", (") + std::to_string(id) + ", " + drawn.literals({}) + ")";
  }
  on_.run("INSERT INTO history VALUES " + values);
  return true;
}

bool program::content_update() {
  if (on_.state.content.empty()) return false;
  written_row const drawn = draw_content_row();
  std::int64_t const modulus = random_.between(2, 9);
  std::int64_t const one = some_content_id();
  bool const many = random_.percent(25);
  bool const sets_item = random_.percent(60);
  bool const sets_time = random_.percent(40);
  bool const sets_weight = random_.percent(40);
  std::string sets = "country = country";  // what does not change does not count
  if (sets_item) sets += ", song = " + drawn.item.literal();
  if (sets_time) sets += ", \"played at\" = " + drawn.ts.literal();
  if (sets_weight) sets += ", n = " + drawn.weight.literal();
  std::vector<std::int64_t> ids;
  for (auto const& [id, each] : on_.state.content) {
    if (many ? id % modulus == 0 : id == one) ids.push_back(id);
  }
  for (std::int64_t const id : ids) {
    offer updated = on_.state.content[id];
    if (sets_item) updated.item = drawn.meaning.item;
    if (sets_time) updated.ts = drawn.meaning.ts;
    if (sets_weight) updated.weight = drawn.meaning.weight;
    content_put(id, updated);
  }
  on_.run("UPDATE history SET " + sets + " WHERE " +
          (many ? "id % " + std::to_string(modulus) + " = 0" : "id = " + std::to_string(one)));
  return true;
}

bool program::content_delete() {
  if (on_.state.content.empty()) return false;
  std::int64_t const first = some_content_id();
  std::int64_t const last = random_.percent(60) ? first : first + random_.between(0, 200);
  auto const& rows = on_.state.content;
  std::vector<std::int64_t> ids;
  for (auto at = rows.lower_bound(first); at != rows.end() && at->first <= last; ++at) {
    ids.push_back(at->first);
  }
  for (std::int64_t const id : ids) content_remove(id);
  on_.run("DELETE FROM history WHERE id BETWEEN " + std::to_string(first) + " AND " +
          std::to_string(last));
  return true;
}

// With recursive_triggers=ON a replaced row fires its DELETE trigger.
bool program::content_replace() {
  if (on_.state.content.empty()) return false;
  std::string values;
  for (std::int64_t i = random_.between(1, 4); i > 0; --i) {
    std::int64_t const id = random_.percent(70) ? some_content_id() : next_content_id();
    written_row const drawn = draw_content_row();
    content_put(id, drawn.meaning);
    values += (values.empty() ? "(" : ", (") + std::to_string(id) + ", " + drawn.literals({}) + ")";
  }
  on_.run((random_.percent(50) ? "REPLACE INTO" : "INSERT OR REPLACE INTO") +
          std::string(" history VALUES ") + values);
  return true;
}

bool program::content_flood() {
  if (!can_grow() || on_.state.content.size() > 6'000) return false;
  flood all = draw_flood(plan_, random_, session::now());
  all.count = std::min<std::int64_t>(all.count, 1'000);
  std::int64_t const first = next_content_id();
  for (std::int64_t i = 0; i < all.count; ++i) content_put(first + i, mapped(all.at(i)));
  on_.run("INSERT INTO history SELECT " + std::to_string(first) +
          " + i, item, ts, weight, part FROM (" + all.select(true) + ")");
  return true;
}

// Rows of a calendar: they count when their time comes.
bool program::content_far_future() {
  std::int64_t id = next_content_id();
  std::string values;
  for (std::int64_t i = random_.between(1, 5); i > 0; --i, ++id) {
    micros const time = session::now() - session::now() % 1'000'000 +
                        1'000'000 * random_.between(1, random_.percent(50) ? 20 : 4'000);
    value const ts =
        plan_.content_text_times ? draw_content_text(time) : value::integer(time / 1'000'000);
    content_put(id, {.item = events_.stored(events_.draw_item()), .ts = time});
    values += (values.empty() ? "(" : ", (") + std::to_string(id) + ", " +
              on_.state.content[id].item.literal() + ", " + ts.literal() + ", NULL, NULL)";
  }
  on_.run("INSERT INTO history VALUES " + values);
  if (random_.percent(70)) return true;
  checker_.look(false);
  content_remove(--id);
  on_.run("DELETE FROM history WHERE id = " + std::to_string(id));
  return true;
}

bool program::content_retrack() {
  if (!on_.state.exists) return false;
  command("untrack");
  if (random_.percent(60)) {
    written_row const drawn = draw_content_row();
    std::int64_t const id = next_content_id();
    on_.state.content[id] = drawn.meaning;
    on_.run("INSERT INTO history VALUES (" + std::to_string(id) + ", " + drawn.literals({}) + ")");
  }
  recount();
  command("track");
  return true;
}

}  // namespace topk::test
