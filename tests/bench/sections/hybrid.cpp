// The exact answers, hybrid and exact, compared with the user's own GROUP BY.
#include "sections.hpp"

namespace topk::bench {
namespace {

struct window {
  std::string name, length;
  std::int64_t until;
};

std::string ask(window const& of, std::string const& mode, int k,
                std::string const& columns = "*") {
  return "SELECT " + columns + " FROM topk('" + of.length + "', " + std::to_string(k) + ", 's', '" +
         mode + "', " + std::to_string(of.until) + ")";
}

double differing_rows(connection const& db, window const& of, int k) {
  auto const hybrid = ask(of, "hybrid", k, "rank, item, count"),
             exact = ask(of, "exact", k, "rank, item, count");
  return db.number("SELECT (SELECT count(*) FROM (" + hybrid + " EXCEPT " + exact +
                   ")) + (SELECT count(*) FROM (" + exact + " EXCEPT " + hybrid + "))");
}

void compare(settings const& how, connection const& db, window const& of, report& into) {
  say("window " + of.name);
  auto const since =
      std::to_string(static_cast<std::int64_t>(db.number(ask(of, "exact", 1, "since"))));
  auto const own = [&](std::string const& index, int k) {
    return "SELECT item, count(*) AS n FROM events INDEXED BY " + index + " WHERE ts > " + since +
           " AND ts <= " + std::to_string(of.until) +
           " GROUP BY item ORDER BY n DESC, item LIMIT " + std::to_string(k);
  };
  enum : std::size_t { hybrid_ten, exact_ten, hybrid_hundred, by_time, by_item };
  auto const cost = duel({asking(db, "hybrid, top 10", ask(of, "hybrid", 10)),
                          asking(db, "exact, top 10", ask(of, "exact", 10)),
                          asking(db, "hybrid, top 100", ask(of, "hybrid", 100)),
                          asking(db, "GROUP BY, index (ts, item)", own("by_time", 10)),
                          asking(db, "GROUP BY, index (item, ts)", own("by_item", 10))},
                         how.rounds, 0);
  std::string const own_by_time = "the user's GROUP BY, index (ts, item)";
  into.row(gain_figure("hybrid, top 10, " + of.name, own_by_time, cost, hybrid_ten, by_time, 20));
  into.row(
      gain_figure("hybrid, top 100, " + of.name, own_by_time, cost, hybrid_hundred, by_time, 5));
  double const differ = differing_rows(db, of, 10) + differing_rows(db, of, 100);
  into.row({"rows and counts of hybrid that differ, " + of.name, "exact", as_number(differ, 0), "",
            differ, "", target{0, true, "0"}});
  into.row(gain_figure("exact, top 10, " + of.name, own_by_time, cost, exact_ten, by_time, 8));
  into.row(gain_figure("exact, top 10, " + of.name, "the user's GROUP BY, index (item, ts)", cost,
                       exact_ten, by_item, 1));
}

}  // namespace

void measure_hybrid(settings const& how, report& into) {
  into.heading("Exact answers: hybrid and exact");
  into.text(
      "Zipf 0.8, uniform in time. The day ends at a pane's end; then 601 seconds more, so that the "
      "day's "
      "window cuts a pane of 20 minutes.");
  work_folder const folder;
  connection const db(folder.file("day.db"), how.with);
  constexpr std::int64_t more = 601;
  auto const midnight = first_second + day;
  make_events(
      db, {.events = how.fewer_events * (day + more) / day, .skew = 0.8, .seconds = day + more});
  auto const border = std::to_string(midnight);
  say("making the stream and the indexes");
  db.exec(
      "ALTER TABLE src RENAME TO events; CREATE INDEX by_time ON events(ts, item); CREATE INDEX "
      "by_item ON events(item, ts); CREATE VIRTUAL TABLE s USING topk_stream();"
      "INSERT INTO s(item, ts) SELECT item, ts FROM events WHERE ts <= " +
      border);
  compare(how, db, {"aligned day", "1day", midnight}, into);
  db.exec("INSERT INTO s(item, ts) SELECT item, ts FROM events WHERE ts > " + border);
  compare(how, db, {"day with a cut edge", "1day", midnight + more}, into);
  if (!how.is_quick)
    compare(how, db, {"20 hours with both edges cut", "20hours", midnight + more - 301}, into);
}

}  // namespace topk::bench
