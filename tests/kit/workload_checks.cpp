// The checks of workload.hpp: which transactions a file holds, and whether it holds nothing else.
#include <algorithm>

#include "kit/workload.hpp"

namespace topk::test {
namespace {

// Tables that keep the own items of transactions. u has what `toggled` misses while it is
// untracked.
struct source {
  workload_stream stream;
  char const* table;
};
constexpr std::array<source, 6> sources = {{{front, "topk_events"},
                                            {many, "s"},
                                            {bare, "tally"},
                                            {tracker, "tracker"},
                                            {tracker, "t"},
                                            {toggled, "u"}}};

using own_sums = std::map<std::int64_t, std::int64_t>;

own_sums own_items(database& db, std::string const& table) {
  own_sums found;
  if (!exists(db, table)) return found;  // its first event is to come
  for (row const& each : db.query("SELECT item, sum(weight) FROM " + table +
                                  " WHERE typeof(item) = 'integer' GROUP BY item")) {
    found[each[0].as_integer()] = each[1].as_integer();
  }
  return found;
}

// Raises last[w - 1] to the newest transaction of writer w among these items.
void note_newest(own_sums const& items, std::string const& table, std::vector<std::int64_t>& last) {
  for (auto const& [item, weight] : items) {
    std::int64_t const writer = item / workload::own_item(1, 0);
    if (writer < 1 || writer > std::ssize(last)) {
      throw disagreement(table + " has an item of no writer: " + std::to_string(item));
    }
    auto& newest = last[static_cast<std::size_t>(writer - 1)];
    newest = std::max(newest, item - workload::own_item(writer, 0));
  }
}

void check_tally(database& db, tally const& wanted) {
  std::vector<row> const got = db.query("SELECT item, weight FROM tally ORDER BY item");
  if (got == wanted.sums()) return;
  throw disagreement("tally holds\n" + to_text(got) + "not\n" + to_text(wanted.sums()));
}

void check_answers(database& db, workload const& work, std::size_t stream, tally const& truth) {
  question asked;
  asked.k = 100'000;
  asked.stream = value::text(workload_streams[stream]).literal();
  window_answers const given = verify_window(db, asked);
  if (given.fast.rows.empty() && truth.total() > 0) disagree(given.fast.sql, "no rows");
  check_bounds(given.fast, truth);
  if (given.exact) check_exact(*given.exact, truth, true);
  // Where each transaction comes at a time of its own, no pane has more items than it holds.
  if (stream == bare && work.options().brief_keeps > 0) check_exact(given.fast, truth, true);
}

}  // namespace

std::vector<std::int64_t> check_transactions(database& db, workload& work) {
  std::vector<std::int64_t> last(static_cast<std::size_t>(work.writers()), 0);
  std::array<own_sums, sources.size()> found;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    found[i] = own_items(db, sources[i].table);
    note_newest(found[i], sources[i].table, last);
  }
  if (work.options().brief_keeps > 0) note_newest(own_items(db, "brief"), "brief", last);
  for (std::int64_t writer = 1; writer <= work.writers(); ++writer) {
    for (std::int64_t number = 1; number <= last[static_cast<std::size_t>(writer - 1)]; ++number) {
      auto const& own = work.own(writer, number);
      for (std::size_t i = 0; i < sources.size(); ++i) {
        auto const at = found[i].find(workload::own_item(writer, number));
        check_equal(std::string(sources[i].table) + ": transaction " + std::to_string(number) +
                        " of writer " + std::to_string(writer),
                    at == found[i].end() ? 0 : at->second, own[sources[i].stream]);
      }
    }
  }
  return last;
}

std::int64_t check_state(database& db, workload& work, std::vector<std::int64_t> const& last) {
  workload_state const wanted = work.after(last);
  bool const has_clock = work.options().brief_keeps > 0;
  std::int64_t events = 0;
  for (std::size_t at = 0; at < workload_streams.size(); ++at) {
    std::string const stream = workload_streams[at];
    if (!exists(db, stream)) {
      check_equal(stream + ": missing, the number of items", 0, std::ssize(wanted.items[at]));
      continue;
    }
    tally const truth = wanted.counts(at);
    if (at == bare) check_tally(db, truth);
    if (at != brief || has_clock) check_answers(db, work, at, truth);
    row const stats =
        db.query("SELECT events, late FROM topk_stats WHERE stream = '" + stream + "'").at(0);
    std::int64_t came = stats[0].as_integer();
    std::int64_t const late = stats[1].as_integer();
    if (at == many) came -= db.scalar("SELECT forgotten FROM mark").as_integer();
    if (has_clock) check_equal(stream + ": the number of late events", late, wanted.late[at]);
    // A rebuild of `toggled` counts the rows of its table, not what its triggers have sent.
    if (at != toggled) {
      check_equal(stream + ": the number of events", came + late,
                  wanted.events[at] + wanted.late[at]);
    }
    events += wanted.events[at] + wanted.late[at];
  }
  return events;
}

}  // namespace topk::test
