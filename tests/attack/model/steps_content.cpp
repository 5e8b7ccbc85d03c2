// Steps on the content table, which 'track' keeps the stream in step with.
#include <algorithm>

#include "program.hpp"

namespace topk::test {

offer program::mapped(offer of) const {
  if (!plan_.content_has_weight || plan_.content_weighs_id) {
    of.weight.reset();
    of.weight_readable = true;
  }
  if (!plan_.content_has_partition) of.partition = {};
  return of;
}

void program::content_event(content_row const& of, int sign) {
  world& now_is = on_.state;
  if (!now_is.is_followed || !now_is.is_countable(of)) return;
  bool const is_late = now_is.model.is_expired(*of.ts);
  if (is_late && sign < 0) return;
  if (!is_late && !now_is.admits(of.partition)) return;
  offer counted = of;
  counted.weight = sign * of.weight.value_or(1);
  if (*of.ts > session::now()) {
    now_is.model.expect(counted);
    now_is.events_are_known = now_is.late_is_known = false;
    return;
  }
  row_outcome const said = now_is.model.accept(counted, session::now());
  if (is_refusal(said)) throw std::logic_error("a content row that the stream refuses");
}

// Rows in its way go first, as REPLACE has it.
void program::content_put(std::int64_t id, content_row const& of) {
  content_remove(id);
  std::vector<std::int64_t> same_code;
  for (auto const& [other, each] : on_.state.content) {
    if (of.code && each.code == of.code) same_code.push_back(other);
  }
  for (std::int64_t const other : same_code) content_remove(other);
  content_row& put = on_.state.content[id] = of;
  if (plan_.content_weighs_id) put.weight = id;
  put.was_ahead = on_.state.is_countable(put) && *put.ts > session::now();
  content_event(put, 1);
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

// A row that the stream does not count: an item too long, a weight or a time that is none.
written_row program::draw_uncounted_row() {
  for (;;) {
    written_row out = events_.draw_bad(on_.state, session::now());
    offer& meaning = out.meaning;
    bool const is_ahead = meaning.ts_readable && meaning.ts && *meaning.ts > session::now();
    if (out.item.is_null() || is_ahead) continue;
    if (!meaning.ts_readable) {
      meaning.ts.reset();
      if (random_.percent(30)) out.ts = value::text("now");
    }
    return out;
  }
}

drawn_content_row program::draw_content_row() {
  bool const is_bad = random_.percent(10);
  written_row out = is_bad ? draw_uncounted_row() : events_.draw(on_.state, session::now(), {});
  drawn_content_row drawn;
  // Where times are texts, the columns have every form: of time, and of weight.
  if (out.meaning.ts) {
    micros const time = *out.meaning.ts;
    if (!plan_.content_text_times) out.ts = seconds_value(time, true);
    else if (plan_.content_one_form || random_.percent(70)) out.ts = draw_content_text(time);
  }
  if (out.meaning.weight && out.meaning.weight_readable && !plan_.content_text_times) {
    out.weight = value::integer(*out.meaning.weight);
  }
  if (random_.percent(5)) out.item = out.meaning.item = {};
  static_cast<offer&>(drawn.row) = mapped(out.meaning);
  drawn.row.has_text_time = out.ts.type() == value_type::text;
  drawn.values = out.literals({});
  drawn.written = std::move(out);
  draw_code(drawn);
  return drawn;
}

// Few codes, so that rows often have the same; in either case of letters, which is the same to the
// column.
void program::draw_code(drawn_content_row& to) {
  if (!plan_.content_has_code) return;
  std::string literal = "NULL";
  if (random_.percent(60)) {
    to.row.code = random_.between(1, 40);
    literal = (random_.percent(50) ? "'k" : "'K") + std::to_string(*to.row.code) + "'";
  }
  to.code = literal;
  to.values += ", " + literal;
}

bool program::is_code_taken(std::optional<std::int64_t> code) const {
  auto const& rows = on_.state.content;
  return code && std::any_of(rows.begin(), rows.end(),
                             [&](auto const& each) { return each.second.code == code; });
}

std::string program::item_column() const { return plan_.content_generates_item ? "title" : "song"; }

std::string program::into_history(std::string const& verb) const {
  return verb + " INTO history(id, " + item_column() + ", \"played at\", n, country" +
         (plan_.content_has_code ? ", code) " : ") ");
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
    drawn_content_row drawn = draw_content_row();
    while (is_code_taken(drawn.row.code)) drawn = draw_content_row();
    content_put(id, drawn.row);
    values += (values.empty() ? "(" : ", (") + std::to_string(id) + ", " + drawn.values + ")";
  }
  on_.run(into_history("INSERT") + "VALUES " + values);
  return true;
}

bool program::content_update() {
  if (on_.state.content.empty()) return false;
  drawn_content_row const drawn = draw_content_row();
  std::int64_t const modulus = random_.between(2, 9);
  std::int64_t const one = some_content_id();
  bool const many = random_.percent(25);
  bool const sets_item = random_.percent(60);
  bool const sets_time = random_.percent(40);
  bool const sets_weight = random_.percent(40) && !plan_.content_weighs_id;
  std::string sets = "country = country";  // what does not change does not count
  if (sets_item) sets += ", " + item_column() + " = " + drawn.written.item.literal();
  if (sets_time) sets += ", \"played at\" = " + drawn.written.ts.literal();
  if (sets_weight) sets += ", n = " + drawn.written.weight.literal();
  std::vector<std::int64_t> ids;
  for (auto const& [id, each] : on_.state.content) {
    if (many ? id % modulus == 0 : id == one) ids.push_back(id);
  }
  for (std::int64_t const id : ids) {
    content_row updated = on_.state.content[id];
    if (sets_item) updated.item = drawn.row.item;
    if (sets_time) {
      updated.ts = drawn.row.ts;
      updated.ts_readable = drawn.row.ts_readable;
      updated.has_text_time = drawn.row.has_text_time;
    }
    if (sets_weight) {
      updated.weight = drawn.row.weight;
      updated.weight_readable = drawn.row.weight_readable;
    }
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

bool program::content_flood() {
  if (!can_grow() || on_.state.content.size() > 6'000) return false;
  flood all = draw_flood(plan_, random_, session::now());
  all.count = std::min<std::int64_t>(all.count, 1'000);
  std::int64_t const first = next_content_id();
  for (std::int64_t i = 0; i < all.count; ++i) {
    content_row each{mapped(all.at(i))};
    each.has_text_time = all.text_times;
    content_put(first + i, each);
  }
  on_.run(into_history("INSERT") + "SELECT " + std::to_string(first) +
          " + i, item, ts, weight, part" + (plan_.content_has_code ? ", NULL" : "") + " FROM (" +
          all.select(true) + ")");
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
    content_row each{offer{.item = events_.stored(events_.draw_item()), .ts = time}};
    each.has_text_time = plan_.content_text_times;
    content_put(id, each);
    values += (values.empty() ? "(" : ", (") + std::to_string(id) + ", " + each.item.literal() +
              ", " + ts.literal() + ", NULL, NULL" + (plan_.content_has_code ? ", NULL)" : ")");
  }
  on_.run(into_history("INSERT") + "VALUES " + values);
  if (random_.percent(70)) return true;
  checker_.look(false);
  content_remove(--id);
  on_.run("DELETE FROM history WHERE id = " + std::to_string(id));
  return true;
}

}  // namespace topk::test
