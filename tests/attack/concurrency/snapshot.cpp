#include "snapshot.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace topk::test {
namespace {

constexpr std::int64_t all_items = 100'000;

// The columns of an answer.
enum { at_item, at_count, at_lower, at_upper, at_proven, at_least, at_most, at_since, at_until };

std::string shown(std::int64_t number) { return std::to_string(number); }

// The same clock as SQLite's, and later than every event of the snapshot.
value now() {
  std::chrono::duration<double> const since_1970 =
      std::chrono::system_clock::now().time_since_epoch();
  return value::real(since_1970.count());
}

}  // namespace

struct snapshot::question {
  std::string stream;
  value window;
  std::int64_t k = 10;
  value at;
  value partition;

  [[nodiscard]] std::string spelled() const {
    return stream + ", window " + window.literal() + ", k " + shown(k) + ", at " + at.literal() +
           ", partition " + partition.literal();
  }
  [[noreturn]] void fail(std::string const& what) const {
    throw std::runtime_error(spelled() + ": " + what);
  }
};

known_scripts::own_weights const& known_scripts::of(std::int64_t writer, std::int64_t number) {
  auto& known = by_writer_[static_cast<std::size_t>(writer - 1)];
  while (known.size() < static_cast<std::size_t>(number)) {
    own_weights own{};
    auto const next = static_cast<std::int64_t>(known.size()) + 1;
    for (auto const& each : script_of(seed_, writer, next).leaves) {
      if (each.item.type() == value_type::integer) own[each.stream] += each.weight;
    }
    known.push_back(own);
  }
  return known[static_cast<std::size_t>(number - 1)];
}

bool snapshot::exists(std::string const& table) {
  return !db_.query("SELECT 1 FROM sqlite_schema WHERE name = ?1", {value::text(table)}).empty();
}

bool snapshot::is_tracked() { return db_.scalar("SELECT is_tracked FROM mark").as_integer() == 1; }

std::vector<row> snapshot::ask(question const& what, char const* mode, std::int64_t k) {
  return db_.query(
      "SELECT item, count, lower, upper, proven, total_lower, total_upper, since, until "
      "FROM topk(?1, ?2, ?3, ?4, ?5, ?6)",
      {what.window, value::integer(k), value::text(what.stream), value::text(mode), what.at,
       what.partition});
}

// As anybody would count the events of the window that was answered.
snapshot::counts snapshot::count_by_hand(question const& what, row const& answered) {
  std::string sql = "SELECT item, sum(weight) FROM " + what.stream + " WHERE ts > ?1 AND ts <= ?2";
  if (!what.partition.is_null()) sql += " AND partition IS ?3";
  counts counted;
  for (row const& each : db_.query(sql + " GROUP BY item HAVING sum(weight) > 0",
                                   {answered[at_since], answered[at_until], what.partition})) {
    counted[each[0]] = each[1].as_integer();
  }
  return counted;
}

void snapshot::check_bounds(question const& what, std::vector<row> const& fast,
                            counts const& truth) {
  std::int64_t total = 0;
  for (auto const& [item, count] : truth) total += count;
  for (row const& each : fast) {
    auto const at = truth.find(each[at_item]);
    std::int64_t const count = at == truth.end() ? 0 : at->second;
    if (count < each[at_lower].as_integer() || count > each[at_upper].as_integer()) {
      what.fail("the bounds of " + to_text({each}) + " are without the count " + shown(count));
    }
    if (total < each[at_least].as_integer() || total > each[at_most].as_integer()) {
      what.fail("the totals of " + to_text({each}) + " are without the sum " + shown(total));
    }
  }
}

// An item that is there or was never seen, in the top or not.
void snapshot::check_count(question const& what, counts const& truth) {
  value item = value::text("never seen");
  std::int64_t count = 0;
  if (!truth.empty() && random_.percent(90)) {
    auto at = truth.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(random_.below(truth.size())));
    item = at->first;
    count = at->second;
  }
  row const got =
      db_.query("SELECT count, lower, upper FROM topk_count(?1, ?2, ?3, 'fast', ?4, ?5)",
                {what.window, item, value::text(what.stream), what.at, what.partition})
          .at(0);
  if (count < got[1].as_integer() || count > got[2].as_integer()) {
    what.fail("topk_count of " + item.literal() + " is " + to_text({got}) + ", without " +
              shown(count));
  }
}

void snapshot::check_window(std::size_t stream, pause const& wait) {
  static std::vector<value> const windows = {value::text("all"),  value::text("2s"),
                                             value::text("1s"),   value::text("10s"),
                                             value::text("1min"), value::real(3.7)};
  question what;
  what.stream = concurrent_streams[stream];
  what.window = windows[random_.below(stream == brief ? 3 : windows.size())];
  what.k = random_.pick(std::vector<std::int64_t>{1, 3, 10, 100});
  what.at = random_.percent(30) ? value::text("latest") : now();
  if (stream == many && random_.percent(40)) what.partition = value::integer(random_.between(0, 3));

  auto const fast = ask(what, "fast", what.k);
  auto const exact = ask(what, "exact", all_items);
  auto const hybrid = ask(what, "hybrid", what.k);
  auto const first = static_cast<std::size_t>(what.k);
  for (std::size_t i = 0; i < std::max(hybrid.size(), std::min(first, exact.size())); ++i) {
    if (i >= hybrid.size() || i >= exact.size() || hybrid[i][at_item] != exact[i][at_item] ||
        hybrid[i][at_count] != exact[i][at_count]) {
      what.fail("row " + shown(static_cast<std::int64_t>(i) + 1) +
                " of hybrid differs: " + (i < hybrid.size() ? to_text({hybrid[i]}) : "none") +
                " and exact " + (i < exact.size() ? to_text({exact[i]}) : "none"));
    }
  }
  counts truth;
  for (row const& each : exact) truth[each[at_item]] = each[at_count].as_integer();
  if (!exact.empty() && random_.percent(50)) {
    counts const by_hand = count_by_hand(what, exact.front());
    if (exact.size() < static_cast<std::size_t>(all_items) && by_hand != truth) {
      what.fail("exact has " + shown(std::ssize(truth)) + " items, GROUP BY " +
                shown(std::ssize(by_hand)) + ", or their counts differ");
    }
  }
  if (exact.size() < static_cast<std::size_t>(all_items)) {
    check_bounds(what, fast, truth);
    check_count(what, truth);
  }
  auto const end_of_top = exact.begin() + std::min<std::ptrdiff_t>(what.k, std::ssize(exact));
  for (row const& each : fast) {
    if (each[at_proven].as_integer() == 0) continue;
    bool const is_in = std::any_of(exact.begin(), end_of_top,
                                   [&](row const& top) { return top[at_item] == each[at_item]; });
    if (!is_in) what.fail(to_text({each}) + " is proven, but not in the top");
  }
  wait();
  if (auto const again = ask(what, "fast", what.k); to_text(again) != to_text(fast)) {
    what.fail("asked twice: " + to_text(fast) + "\nand then: " + to_text(again));
  }
  if (auto const again = ask(what, "hybrid", what.k); to_text(again) != to_text(hybrid)) {
    what.fail("asked hybrid twice: " + to_text(hybrid) + "\nand then: " + to_text(again));
  }
}

void snapshot::check_bare(pause const& wait) {
  question what;
  what.stream = concurrent_streams[bare];
  what.window = value::text("all");
  what.k = random_.pick(std::vector<std::int64_t>{3, 20, 1000});
  what.at = now();
  counts truth;
  for (row const& each : db_.query("SELECT item, weight FROM tally"))
    truth[each[0]] = each[1].as_integer();
  for (int turn = 0; turn < 2; ++turn) {
    auto const fast = ask(what, "fast", what.k);
    if (fast.empty() != truth.empty()) what.fail("rows: " + shown(std::ssize(fast)));
    check_bounds(what, fast, truth);
    check_count(what, truth);
    wait();
  }
}

std::vector<std::int64_t> snapshot::check_transactions(known_scripts& scripts) {
  struct source {
    std::size_t stream;
    char const* table;
  };
  // u has what toggled has not while it is not in step.
  std::vector<source> const sources = {
      {front, "topk_events"}, {many, "s"}, {tracker, "tracker"}, {tracker, "t"}, {toggled, "u"}};
  std::vector<std::map<std::int64_t, std::int64_t>> found;
  std::vector<std::int64_t> last(static_cast<std::size_t>(scripts.writers()), 0);
  for (source const& from : sources) {
    auto& in = found.emplace_back();
    if (!exists(from.table)) continue;  // its first event is to come
    for (row const& each : db_.query(std::string("SELECT item, sum(weight) FROM ") + from.table +
                                     " WHERE typeof(item) = 'integer' GROUP BY item")) {
      std::int64_t const writer = each[0].as_integer() / item_of(1, 0);
      if (writer < 1 || writer > scripts.writers()) {
        throw std::runtime_error(std::string(from.table) +
                                 " has an item of nobody: " + each[0].literal());
      }
      in[each[0].as_integer()] = each[1].as_integer();
      auto& newest = last[static_cast<std::size_t>(writer - 1)];
      newest = std::max(newest, each[0].as_integer() - item_of(writer, 0));
    }
  }
  for (std::int64_t writer = 1; writer <= scripts.writers(); ++writer) {
    for (std::int64_t number = 1; number <= last[static_cast<std::size_t>(writer - 1)]; ++number) {
      auto const& own = scripts.of(writer, number);
      for (std::size_t i = 0; i < sources.size(); ++i) {
        auto const at = found[i].find(item_of(writer, number));
        std::int64_t const got = at == found[i].end() ? 0 : at->second;
        if (got != own[sources[i].stream]) {
          throw std::runtime_error("transaction " + shown(number) + " of writer " + shown(writer) +
                                   " has " + shown(got) + " in " + sources[i].table + ", not " +
                                   shown(own[sources[i].stream]));
        }
      }
    }
  }
  return last;
}

void snapshot::check_something(known_scripts& scripts, pause const& wait) {
  std::uint64_t const which = random_.below(20);
  if (which == 0) {
    check_transactions(scripts);
  } else if (which < 4) {
    check_bare(wait);
  } else {
    std::size_t const stream =
        random_.pick(std::vector<std::size_t>{front, many, many, brief, tracker, toggled});
    if (stream == front && !exists(concurrent_streams[front])) return;
    if (stream == toggled && !is_tracked()) return;
    check_window(stream, wait);
  }
}

void snapshot::bring_into_step() {
  if (is_tracked()) return;
  db_.exec(
      "BEGIN; INSERT INTO toggled(toggled) VALUES('track'); INSERT INTO toggled(toggled) "
      "VALUES('rebuild');"
      "UPDATE mark SET is_tracked = 1; COMMIT");
}

void snapshot::check_integrity() {
  for (std::string const stream : concurrent_streams) {
    if (exists(stream))
      db_.exec("INSERT INTO " + stream + "(" + stream + ") VALUES('integrity-check')");
  }
  std::string const theirs = to_text(db_.query("PRAGMA integrity_check"));
  if (theirs.find("'ok'") != 0) throw std::runtime_error("PRAGMA integrity_check: " + theirs);
}

}  // namespace topk::test
