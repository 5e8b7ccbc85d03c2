// How close the counts from sketches are to the exact ones.
#include "sections.hpp"

namespace topk::bench {
namespace {

struct quality {
  double precision_10 = 0, precision_100 = 0;
  double error_100 = 0;  // average relative error of the rows' counts
  double proven_100 = 0;
  double broken = 0;  // bounds that do not hold
};

// The stream `s` as of its latest event, compared with the table src over the same window. An item
// as frequent as the Kth is right, whichever of those the exact answer lists.
quality compare(connection const& db) {
  db.exec(
      "DROP TABLE IF EXISTS temp.truth;"
      "CREATE TEMP TABLE truth(item TEXT PRIMARY KEY, n INTEGER) WITHOUT ROWID;"
      "INSERT INTO truth SELECT item, count(*) FROM src, (SELECT since, until FROM topk('1day', 1, "
      "'s', "
      "'fast', 'latest')) "
      "WHERE ts > since AND ts <= until GROUP BY item;"
      "CREATE INDEX temp.by_count ON truth(n DESC)");
  auto const ask = [](int k) {
    return "topk('1day', " + std::to_string(k) + ", 's', 'fast', 'latest')";
  };
  auto const precision = [&](int k) {
    auto const kth = "(SELECT min(n) FROM (SELECT n FROM truth ORDER BY n DESC LIMIT " +
                     std::to_string(k) + "))";
    return db.number("SELECT count(*) * 1.0 / min(" + std::to_string(k) +
                     ", (SELECT count(*) FROM truth)) FROM " + ask(k) +
                     " JOIN truth USING (item) WHERE n >= " + kth);
  };
  quality found{precision(10), precision(100)};
  found.error_100 =
      db.number("SELECT avg(abs(t.count - coalesce(g.n, 0)) * 1.0 / coalesce(g.n, 1)) FROM " +
                ask(100) + " t LEFT JOIN truth g USING (item)");
  found.proven_100 = db.number("SELECT avg(proven) FROM " + ask(100));
  // Every row of a long answer, the true top 1,000, 1,000 of any items, and one that never was.
  found.broken = db.number("SELECT count(*) FROM " + ask(2000) +
                           " t LEFT JOIN truth g USING (item) WHERE coalesce(g.n, 0) NOT BETWEEN "
                           "t.lower AND t.upper") +
                 db.number(
                     "SELECT count(*) FROM (SELECT * FROM (SELECT item, n FROM truth ORDER BY n "
                     "DESC LIMIT 1000) UNION "
                     "SELECT * FROM "
                     "(SELECT item, n FROM truth ORDER BY substr(item, -3), item LIMIT 1000) UNION "
                     "SELECT 'never', 0) "
                     "g, "
                     "topk_count('1day', g.item, 's', 'fast', 'latest') t WHERE g.n NOT BETWEEN "
                     "t.lower AND t.upper");
  return found;
}

void rows_for(report& into, std::string const& name, quality const& found, double precision_100,
              double error) {
  auto const row = [&](std::string const& what, double value, int digits, double aim, bool at_most,
                       std::string const& shown) {
    into.row({name + ": " + what, "exact", as_number(value, digits), "", value, "",
              target{aim, at_most, shown}});
  };
  row("precision@10", found.precision_10, 2, 1.0, false, "1.00");
  row("precision@100", found.precision_100, 2, precision_100, false, as_number(precision_100, 2));
  row("average relative error@100", found.error_100, 5, error, true, as_number(error, 3));
  row("bounds broken", found.broken, 0, 0, true, "0");
}

}  // namespace

void measure_accuracy(settings const& how, report& into) {
  into.heading("Accuracy");
  constexpr std::int64_t more = 601;  // seconds; then the day's window cuts a pane of 20 minutes
  struct stream {
    std::string name;
    double skew;
    std::int64_t drift;
    double aligned, cut, error;
  };
  std::vector<std::vector<std::string>> all;
  for (auto const& one :
       {stream{"Zipf 0.8", 0.8, 0, 1.0, 0.99, 0.001}, stream{"Zipf 1.0", 1.0, 0, 1.0, 0.99, 0.001},
        stream{"Zipf 1.2", 1.2, 0, 1.0, 0.99, 0.001},
        stream{"Zipf 0.8, ten popular sets in turn", 0.8, 10, 0.98, 0.98, 0.02}}) {
    say(one.name);
    work_folder const folder;
    connection const db(folder.file("day.db"), how.with);
    make_events(db, {.events = how.events * (day + more) / day,
                     .skew = one.skew,
                     .seconds = day + more,
                     .drift = one.drift});
    auto const border = std::to_string(first_second + day);
    db.exec(
        "CREATE VIRTUAL TABLE s USING topk_stream(log=off); INSERT INTO s(item, ts) SELECT item, "
        "ts FROM src "
        "WHERE ts <= " +
        border);
    auto const aligned = compare(db);
    db.exec("INSERT INTO s(item, ts) SELECT item, ts FROM src WHERE ts > " + border);
    auto const cut = compare(db);
    rows_for(into, one.name + ", aligned day", aligned, one.aligned, one.error);
    rows_for(into, one.name + ", day with a cut edge", cut, one.cut, one.error);
    for (auto const* const found : {&aligned, &cut}) {
      all.push_back({one.name + (found == &aligned ? ", aligned" : ", cut edge"),
                     as_number(found->precision_10, 2), as_number(found->precision_100, 2),
                     as_number(found->error_100, 5), as_number(found->proven_100, 2),
                     as_number(found->broken, 0)});
    }
  }
  into.table({"day window, default options", "precision@10", "precision@100",
              "average relative error@100", "proven@100", "bounds broken"},
             all);
}

}  // namespace topk::bench
