// Answers from sketches: repeated, with events in between, the first after opening.
#include <memory>
#include <optional>

#include "sections.hpp"

namespace topk::bench {
namespace {

std::string const top_ten = "SELECT * FROM topk('1day', 10, 's')";

// The user's own exact answer, by each index that could be the best.
std::string group_by(char const* index) {
  return std::string("SELECT item, count(*) AS n FROM events INDEXED BY ") + index +
         " WHERE ts > unixepoch() - 86400 AND ts <= unixepoch() GROUP BY item ORDER BY n DESC, "
         "item LIMIT 10";
}

double first_answer(settings const& how, work_folder const& folder) {
  std::vector<double> costs;
  for (int i = 0; i < 2 * how.rounds + 1; ++i) {
    connection const db(folder.file("day.db"), how.with);
    double const start = cpu_seconds();
    db.prepare(top_ten).run();
    costs.push_back(cpu_seconds() - start);
  }
  return median(costs);
}

}  // namespace

void measure_queries(settings const& how, report& into) {
  into.heading("Answers");
  work_folder const folder;
  {
    connection const db(folder.file("day.db"), how.with);
    auto const now = static_cast<std::int64_t>(db.number("SELECT unixepoch()"));
    make_events(db, {.events = how.events, .start = now - day});
    say("making the stream and the indexes");
    db.exec(
        "ALTER TABLE src RENAME TO events; CREATE VIRTUAL TABLE s USING topk_stream(); INSERT INTO "
        "s(item, "
        "ts) SELECT item, ts FROM events;"
        "CREATE INDEX by_time ON events(ts, item); CREATE INDEX by_item ON events(item, ts)");
  }
  double const first = first_answer(how, folder);
  connection const db(folder.file("day.db"), how.with);
  auto const repeated =
      duel({asking(db, "topk, repeated", top_ten, 200),
            asking(db, "ten constant rows", "SELECT * FROM ten_rows('1day', 10)", 200)},
           2 * how.rounds + 1);
  into.row(ratio_figure("topk('1day', 10), repeated, idle stream",
                        "table-valued function of 10 constant rows", repeated, 0, 1, 2));

  event_list const fresh({.events = 100'000});
  auto put = db.prepare("INSERT INTO s(item) VALUES (?1)");
  std::size_t next = 0;
  auto const one_event = [&] { put.bind(1, fresh.item(next++ % fresh.size()), item_bytes).run(); };
  auto const times = how.is_quick ? 300 : 5000;
  auto const lively = [&](std::string const& sql) {
    auto ask = db.prepare(sql);
    say("an event, then " + sql);
    return each_cost(times, one_event, [&] { ask.run(); });
  };
  auto const day_ten = lively(top_ten);
  auto const exact = duel({asking(db, "exact GROUP BY, index (ts, item)", group_by("by_time")),
                           asking(db, "exact GROUP BY, index (item, ts)", group_by("by_item"))},
                          how.rounds, 0);
  bool const by_item = exact.cost(1) < exact.cost(0);
  double const best = exact.cost(by_item ? 1 : 0);
  double const gain = best / median(day_ten);
  into.row(
      {"topk('1day', 10), an event inserted between queries",
       std::string("exact GROUP BY over the day, index ") + (by_item ? "(item, ts)" : "(ts, item)"),
       as_time(median(day_ten)), as_time(best), gain, as_gain(gain),
       target{10'000, false, as_gain(10'000)}});
  into.row(limit_figure("topk('1day', 10), an event inserted between queries, 99th percentile",
                        quantile(day_ten, 0.99), 200e-6));
  into.row(limit_figure("first topk('1day', 10) after opening the file, prepare included", first,
                        1.5e-3));
  into.row(limit_figure("topk('1day', 100), an event inserted between queries",
                        median(lively("SELECT * FROM topk('1day', 100, 's')")), 1e-3));
  into.row(limit_figure(
      "topk('1hour', 10) as of an hour ago, an event inserted between queries",
      median(lively("SELECT * FROM topk('1hour', 10, 's', 'fast', unixepoch() - 3600)")), 1e-3));
  std::vector<std::vector<std::string>> rows;
  for (char const* const call :
       {"topk('1min', 10, 's')", "topk('5min', 10, 's')", "topk('1hour', 10, 's')",
        "topk('1day', 10, 's')", "topk('1day', 100, 's')", "topk('7hours', 10, 's')",
        "topk_count('1day', 'item00000000001', 's')"}) {
    auto const costs = lively(std::string("SELECT * FROM ") + call);
    rows.push_back({call, as_time(median(costs)), as_time(quantile(costs, 0.95)),
                    as_time(quantile(costs, 0.99)), as_time(quantile(costs, 1))});
  }
  into.table({"an event inserted between queries", "median", "95 %", "99 %", "longest"}, rows);
}

}  // namespace topk::bench
