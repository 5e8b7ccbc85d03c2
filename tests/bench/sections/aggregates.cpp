// The aggregates: over a table scan, in a moving frame, and combining stored states.
#include "sections.hpp"

namespace topk::bench {
namespace {

// The statement once a turn; the cost is that of one of its rows.
contestant scanning(connection const& db, std::string const& name, std::string const& sql,
                    double rows) {
  auto one = asking(db, name, sql);
  one.operations = rows;
  return one;
}

void scan(settings const& how, connection const& db, report& into) {
  auto const rows = static_cast<double>(how.events);
  auto const cost = duel(
      {scanning(db, "empty", "SELECT empty_step(item) FROM src", rows),
       scanning(db, "approx", "SELECT approx_top_k(item, 10) FROM src", rows),
       scanning(db, "group",
                "SELECT item, count(*) FROM src GROUP BY item ORDER BY 2 DESC LIMIT 10", rows),
       scanning(db, "json", "SELECT length(json_group_array(item)) FROM src", rows),
       scanning(db, "state", "SELECT length(approx_top_k_accumulate(item)) FROM src", rows),
       scanning(db, "cms", "SELECT length(count_min_sketch(item, 0.001, 0.99)) FROM src", rows)},
      how.rounds, how.is_quick ? 0 : 1);
  double const over = cost.cost(1) - cost.cost(0);
  into.row({"approx_top_k(item, 10), a row of a scan", "empty aggregate step",
            as_time(cost.cost(1)), as_time(cost.cost(0)), over, "+" + as_time(over),
            target{40e-9, true, "+40 ns"}});
  into.row(gain_figure("approx_top_k(item, 10), a row of a scan",
                       "GROUP BY item ORDER BY count(*) DESC LIMIT 10", cost, 1, 2, 5));
  into.table({"a row of a scan", "CPU time"},
             {{"empty aggregate step", as_time(cost.cost(0))},
              {"approx_top_k(item, 10)", as_time(cost.cost(1))},
              {"approx_top_k_accumulate(item)", as_time(cost.cost(4))},
              {"count_min_sketch(item, 0.001, 0.99)", as_time(cost.cost(5))},
              {"count(*) ... GROUP BY item", as_time(cost.cost(2))},
              {"json_group_array(item)", as_time(cost.cost(3))}});
}

// What a frame costs with a result at every row; the cost of the result alone shows in k=1 beside
// k=10.
void moving_frame(settings const& how, connection const& db, report& into) {
  std::int64_t const rows = std::min<std::int64_t>(how.fewer_events / 2, 200'000);
  auto const over = [&](std::string const& call) {
    return "SELECT " + call +
           " OVER (ORDER BY rowid ROWS 999 PRECEDING) FROM (SELECT rowid, item FROM src LIMIT " +
           std::to_string(rows) + ")";
  };
  std::string const few = "(SELECT rowid, item FROM src LIMIT 1500)";
  auto const count = static_cast<double>(rows);
  auto const cost = duel(
      {scanning(db, "count", over("count(item)"), count),
       scanning(db, "top 10", over("approx_top_k(item, 10)"), count),
       scanning(db, "top 1", over("approx_top_k(item, 1)"), count),
       scanning(db, "exact", over("top_k(item, 10)"), count),
       scanning(
           db, "json",
           "SELECT length(json_group_array(item) OVER (ORDER BY rowid ROWS 999 PRECEDING)) FROM " +
               few,
           1500)},
      how.rounds, how.is_quick ? 0 : 1);
  into.row(ratio_figure(
      "approx_top_k(item, 10) over a moving frame of 1,000 rows, each row's result read",
      "count(item) on the same frame", cost, 1, 0, 3));
  into.row(ratio_figure(
      "approx_top_k(item, 1) over the same frame: the JSON of ten entries is most of the rest",
      "count(item)", cost, 2, 0, 3));
  into.table({"a row of a moving frame", "CPU time"},
             {{"count(item)", as_time(cost.cost(0))},
              {"approx_top_k(item, 1)", as_time(cost.cost(2))},
              {"approx_top_k(item, 10)", as_time(cost.cost(1))},
              {"top_k(item, 10)", as_time(cost.cost(3))},
              {"json_group_array(item)", as_time(cost.cost(4))}});
}

void combine(settings const& how, connection const& db, report& into) {
  constexpr int states = 100;
  db.exec(
      "CREATE TEMP TABLE states AS SELECT approx_top_k_accumulate(item) AS state, "
      "count_min_sketch(item, "
      "0.001, 0.99) AS cm "
      "FROM src GROUP BY ts / 864");
  double const held = db.number("SELECT count(*) FROM states");
  auto const cost =
      duel({scanning(db, "combine", "SELECT length(approx_top_k_combine(state)) FROM states", held),
            scanning(db, "merge", "SELECT length(cms_merge(cm)) FROM states", held),
            scanning(db, "json", "SELECT length(json_group_array(hex(state))) FROM states", held)},
           how.rounds, how.is_quick ? 0 : 1);
  into.table({"combining " + std::to_string(states) + " states, a state", "CPU time"},
             {{"approx_top_k_combine, 4,096 counters", as_time(cost.cost(0))},
              {"cms_merge, 2719 x 5 counters", as_time(cost.cost(1))},
              {"json_group_array of their bytes", as_time(cost.cost(2))}});
}

}  // namespace

void measure_aggregates(settings const& how, report& into) {
  into.heading("Aggregates and sketch values");
  work_folder const folder;
  connection const db(folder.file("events.db"), how.with);
  make_events(db, {.events = how.events});
  scan(how, db, into);
  moving_frame(how, db, into);
  combine(how, db, into);
}

}  // namespace topk::bench
