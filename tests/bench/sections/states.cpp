// States added up: of a day's events over 8, 64, 512 shards, at random and by item, compared with
// exact counts; and what one state takes, in bytes and time.
#include "sections.hpp"

namespace topk::bench {
namespace {

struct shards_quality {
  double precision = 0, error = 0, proven = 0;  // of the top 100
  double broken = 0;                            // bounds that do not hold
  double seconds = 0;                           // to add the states up
};

// The day's events, spread over so many streams; states of the day in table shipped.
void spread(connection const& db, int shards, bool by_item) {
  std::string const shard = by_item ? "unicode(substr(item, -1)) * 7 + unicode(substr(item, -2)) * "
                                      "71 + unicode(substr(item, -3)) * 731"
                                    : "rowid * 2654435761 / 65536";
  db.exec("DROP TABLE IF EXISTS temp.part; CREATE TEMP TABLE part AS SELECT (" + shard + ") % " +
          std::to_string(shards) +
          " AS shard, ts, item FROM main.src; CREATE INDEX temp.by_shard ON part(shard, ts); "
          "DROP TABLE IF EXISTS temp.shipped; CREATE TEMP TABLE shipped(state)");
  for (int i = 0; i < shards; ++i) {
    db.exec(
        "CREATE VIRTUAL TABLE s USING topk_stream(log=off, past=0, seed=" + std::to_string(i + 1) +
        "); INSERT INTO s(item, ts) SELECT item, ts FROM temp.part WHERE shard = " +
        std::to_string(i) + " ORDER BY ts; INSERT INTO shipped SELECT topk_state('1day', 's', " +
        std::to_string(first_second + day) + "); DROP TABLE s");
  }
}

shards_quality judge(connection const& db, std::string const& rule) {
  db.exec("DROP TABLE IF EXISTS temp.answer");
  double const before = cpu_seconds();
  db.exec(
      "CREATE TEMP TABLE answer AS SELECT * FROM topk_each((SELECT approx_top_k_combine(state, "
      "4096, " +
      rule + ") FROM shipped), 100)");
  shards_quality out;
  out.seconds = cpu_seconds() - before;
  std::string const from = " FROM answer JOIN truth ON truth.item = answer.item";
  out.precision = db.number("SELECT sum(truth.rank <= 100) / 100.0" + from);
  out.error = db.number("SELECT avg(abs(count - n) * 1.0 / n)" + from);
  out.proven = db.number("SELECT sum(proven) FROM answer");
  out.broken = db.number("SELECT sum(n NOT BETWEEN lower AND upper)" + from);
  return out;
}

void measure_shards(settings const& how, report& into) {
  std::int64_t const events = how.is_quick ? 200'000 : 2'000'000;
  std::vector<std::vector<std::string>> rows;
  for (double const skew : {0.8, 1.0}) {
    work_folder const folder;
    connection const db(folder.file("shards.db"), how.with);
    make_events(db, {.events = events, .skew = skew, .distinct = 100'000});
    db.exec(
        "CREATE TABLE truth AS SELECT item, count(*) AS n, rank() OVER (ORDER BY count(*) DESC) AS "
        "rank FROM src GROUP BY item; CREATE INDEX truth_item ON truth(item)");
    for (int const shards : {8, 64, 512}) {
      for (bool const by_item : {false, true}) {
        std::string const name = std::to_string(shards) + " shards " +
                                 (by_item ? "by item" : "at random") + ", Zipf " +
                                 as_number(skew, 1);
        say(name);
        spread(db, shards, by_item);
        auto const of = judge(db, by_item ? "'disjoint'" : "'sum'");
        auto const row = [&](char const* what, double measured, int digits, target const& aim) {
          into.row(
              {name + ": " + what, "exact", as_number(measured, digits), "", measured, "", aim});
        };
        row("precision@100", of.precision, 3, {1, false, "1.00"});
        row("error@100", of.error, 4, {0.00005, true, "0.0000"});
        row("proven of 100", of.proven, 0, {100, false, "100"});
        row("bounds broken", of.broken, 0, {0, true, "0"});
        double const bytes = db.number("SELECT avg(length(state)) FROM shipped");
        rows.push_back({name, as_number(of.precision, 3), as_number(of.error, 4),
                        as_number(of.proven, 0), as_number(of.broken, 0), as_bytes(bytes),
                        as_time(of.seconds / shards)});
      }
    }
  }
  into.text("The day's top 100 of " + as_count(events) +
            " events over 100,000 items, added up from one state a shard; `log=off`, default "
            "options. By item: with 'disjoint'.");
  into.table(
      {"shards", "precision@100", "error@100", "proven", "bounds broken", "a state", "to add one"},
      rows);
}

// One stream of a day, as figures for a state of it, and for the spans of its last hour.
void measure_one(settings const& how, report& into) {
  say("a state of a day");
  work_folder const folder;
  connection const db(folder.file("day.db"), how.with);
  make_events(db, {.events = how.fewer_events, .distinct = 100'000});
  db.exec(
      "CREATE VIRTUAL TABLE s USING topk_stream(log=off); INSERT INTO s(item, ts) SELECT item, "
      "ts FROM src");
  std::string const at = std::to_string(first_second + day);
  double const bytes = db.number("SELECT length(topk_state('1day', 's', " + at + "))");
  into.row({"a state of the day, default entries", "", as_bytes(bytes), "", bytes, "",
            target{6 * 1024, true, "6 KiB"}});
  auto const costs = duel(
      {asking(db, "state", "SELECT topk_state('1day', 's', " + at + ")", 20),
       asking(db, "spans",
              "SELECT until, events, version FROM topk_spans('1min', 's', " + at + " - 3600)"),
       asking(db, "states", "SELECT until, state FROM topk_spans('1min', 's', " + at + " - 3600)")},
      how.rounds, 1);
  into.row(limit_figure("a state of the day, asked again", costs.cost(0), 300e-6));
  into.text("The 60 spans of the last hour: " + as_time(costs.cost(1)) + " to list, " +
            as_time(costs.cost(2)) + " with their states.");
}

}  // namespace

void measure_states(settings const& how, report& into) {
  into.heading("States added up");
  measure_one(how, into);
  measure_shards(how, into);
}

}  // namespace topk::bench
