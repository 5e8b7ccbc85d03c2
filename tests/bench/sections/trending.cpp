// topk_trending compared with exact counts: which of the true rows it has, what it proves, what
// does not hold, and how much of the log hybrid reads. Then its cost, compared with topk and SQL.
#include <cmath>

#include "sections.hpp"

namespace topk::bench {
namespace {

constexpr std::int64_t minute = 60, hour = 3600;

struct comparison {
  std::string name;
  std::int64_t window, baseline;
};

// Of a few questions.
struct quality {
  double right = 0, rows = 0;  // of the exact top 10
  double proven = 0, given = 0;
  double broken = 0;            // bounds that do not hold
  double false_proofs = 0;      // proven, and not in the exact top 10
  double differing = 0;         // rows of hybrid that are not those of exact
  double read = 0, events = 0;  // by hybrid, and those there are

  void add(quality const& other) {
    right += other.right, rows += other.rows;
    proven += other.proven, given += other.given;
    broken += other.broken, false_proofs += other.false_proofs, differing += other.differing;
    read += other.read, events += other.events;
  }
};

struct moment {
  comparison const& of;
  char const* direction;
  std::int64_t at;

  [[nodiscard]] std::string ask(std::string const& mode, int k) const {
    return "topk_trending(" + std::to_string(of.window) + ", " + std::to_string(k) + ", 's', '" +
           mode + "', " + std::to_string(at) + ", NULL, " + std::to_string(of.baseline) + ", '" +
           direction + "')";
  }
  // Events of `table` in both windows.
  [[nodiscard]] std::string from(std::string const& table) const {
    return " FROM " + table + " WHERE ts > " + std::to_string(at - of.window - of.baseline) +
           " AND ts <= " + std::to_string(at);
  }
};

// Table truth(item, c, e, score), by a GROUP BY of src; scores as the reference states them. Table
// best: the exact answer.
void count_truth(connection const& db, moment const& when) {
  std::string const is_after = "ts > " + std::to_string(when.at - when.of.window);
  db.exec(
      "DROP TABLE IF EXISTS temp.truth; DROP TABLE IF EXISTS temp.best;"
      "CREATE TEMP TABLE truth AS WITH counts AS (SELECT item, max(0, sum(iif(" +
      is_after + ", weight, 0))) AS c, max(0, sum(iif(" + is_after + ", 0, weight))) AS b" +
      when.from("src") + " GROUP BY item), ratio AS (SELECT coalesce(sum(iif(" + is_after +
      ", weight, 0.0)) / nullif(sum(iif(" + is_after + ", 0, weight)), 0), " +
      std::to_string(when.of.window) + ".0 / " + std::to_string(when.of.baseline) + ") AS r" +
      when.from("src") +
      ") SELECT item, c, r * b AS e, iif(c + b = 0, 0, (c - r * b) / sqrt(c + r * r * b)) AS score "
      "FROM counts, ratio; CREATE INDEX temp.by_item ON truth(item);"
      "CREATE TEMP TABLE best AS SELECT * FROM " +
      when.ask("exact", 10));
}

double broken_bounds(connection const& db, moment const& when) {
  return db.number(
      "SELECT count(*) FROM (SELECT item, lower, upper, expected_lower, expected_upper, "
      "score_lower, score_upper FROM " +
      when.ask("fast", 1000) +
      ") LEFT JOIN truth USING (item) WHERE coalesce(c, 0) NOT BETWEEN lower AND upper "
      "OR coalesce(e, 0) NOT BETWEEN expected_lower * (1 - 1e-9) AND expected_upper * (1 + 1e-9) "
      "OR coalesce(score, 0) NOT BETWEEN score_lower - 1e-9 * abs(score_lower) "
      "AND score_upper + 1e-9 * abs(score_upper)");
}

void judge_hybrid(connection const& db, moment const& when, quality& into) {
  auto const rows_read = [&] { return db.number("SELECT topk_debug() ->> 'log_rows_read'"); };
  double const before = rows_read();
  db.exec("DROP TABLE IF EXISTS temp.hybrid; CREATE TEMP TABLE hybrid AS SELECT *, source FROM " +
          when.ask("hybrid", 10));
  double const events = db.number("SELECT count(*)" + when.from("src"));
  bool const is_all = db.number("SELECT count(*) FROM hybrid WHERE source = 'log'") > 0;
  into.read += is_all ? events : rows_read() - before;
  into.events += events;
  std::string const columns = "SELECT rank, item, count, expected, score FROM ";
  into.differing +=
      db.number("SELECT count(*) FROM (" + columns + "hybrid EXCEPT " + columns + "best)") +
      db.number("SELECT count(*) FROM (" + columns + "best EXCEPT " + columns + "hybrid)");
}

quality compare(connection const& db, moment const& when) {
  count_truth(db, when);
  std::string const fast = when.ask("fast", 10);
  quality out;
  out.rows = db.number("SELECT count(*) FROM best");
  // An item whose score is that of the last row is right, whichever of those exact lists.
  out.right = db.number("SELECT count(*) FROM " + fast +
                        " f JOIN truth t USING (item) WHERE t.score * f.score > 0 AND abs(t.score) "
                        ">= (SELECT min(abs(score)) FROM best) * (1 - 1e-12)");
  out.given = db.number("SELECT count(*) FROM " + fast);
  out.proven = db.number("SELECT count(*) FROM " + fast + " WHERE proven");
  out.false_proofs = db.number("SELECT count(*) FROM " + fast +
                               " WHERE proven AND item NOT IN (SELECT item FROM best)");
  out.broken = broken_bounds(db, when);
  judge_hybrid(db, when, out);
  return out;
}

// What is asked of a table src(ts, item, weight) that is in time order.
struct subject {
  std::string name;
  std::string options;
  std::vector<comparison> asked;
};

class verdicts {
 public:
  // Asks as of now and of four times in the newest window, and as of five in the `span` seconds
  // before, where only coarse panes are left: all but now cut some.
  void add(connection const& db, subject const& of, std::int64_t span) {
    say(of.name);
    db.exec(
        "CREATE INDEX by_time ON src(ts, item, weight); CREATE VIRTUAL TABLE s USING topk_stream(" +
        of.options + "); INSERT INTO s(item, ts, weight) SELECT item, ts, weight FROM src");
    auto const last = static_cast<std::int64_t>(db.number("SELECT max(ts) FROM src"));
    for (comparison const& one : of.asked) {
      std::vector<std::int64_t> recent, past;
      for (int i = 0; i < moments; ++i) {
        recent.push_back(last - i * one.window / moments - (i > 0 ? 1 : 0));
        past.push_back(last - one.window - i * span / moments - 7);
      }
      recent_.push_back(row(db, of.name, one, recent));
      past_.push_back(row(db, of.name, one, past));
    }
    db.exec("DROP TABLE s; DROP TABLE src");
  }

  void show(report& into) const {
    std::vector<std::string> const columns = {"stream, window against baseline",
                                              "precision@10, rise",
                                              "fall",
                                              "proven@10, rise",
                                              "fall",
                                              "broken bounds",
                                              "false proofs",
                                              "read by hybrid, rise",
                                              "fall"};
    into.text("As of now, and of four times within the newest window:");
    into.table(columns, recent_);
    into.text("As of five times before, where only coarse panes are left:");
    into.table(columns, past_);
    auto const none = [&](std::string const& what, double found) {
      into.row({"topk_trending, all of the above: " + what, "exact", as_number(found, 0), "", found,
                "", target{0, true, "0"}});
    };
    none("bounds broken", all_.broken);
    none("false proofs", all_.false_proofs);
    none("rows of hybrid that differ", all_.differing);
  }

 private:
  static constexpr int moments = 5;

  std::vector<std::string> row(connection const& db, std::string const& name, comparison const& one,
                               std::vector<std::int64_t> const& times) {
    quality rise, fall;
    for (std::int64_t const at : times) {
      rise.add(compare(db, {one, "rise", at}));
      fall.add(compare(db, {one, "fall", at}));
    }
    all_.add(rise);
    all_.add(fall);
    auto const share = [](double part, double whole) {
      return whole == 0 ? std::string("no rows") : as_number(part / whole, 2);
    };
    return {name + ", " + one.name,
            share(rise.right, rise.rows),
            share(fall.right, fall.rows),
            share(rise.proven, rise.given),
            share(fall.proven, fall.given),
            as_number(rise.broken + fall.broken, 0),
            as_number(rise.false_proofs + fall.false_proofs, 0),
            share(rise.read, rise.events),
            share(fall.read, fall.events)};
  }

  std::vector<std::vector<std::string>> recent_, past_;
  quality all_;
};

// ---- streams that are made: three days, asked of the last

std::vector<comparison> const of_days = {{"5 min against 5 min", 5 * minute, 5 * minute},
                                         {"hour against hour", hour, hour},
                                         {"hour against 23 hours", hour, 23 * hour},
                                         {"day against day", day, day}};

void judge_made(settings const& how, verdicts& into) {
  struct made {
    std::string name;
    workload of;
    std::string then;  // SQL that changes src
  };
  auto const events = how.fewer_events;
  std::string const bursts =
      "UPDATE src SET item = 'burst ' || (ts / 600) WHERE rowid % 10 = 0 AND ts % 600 < 180";
  std::string const retractions =
      "INSERT INTO src SELECT ts + rowid % 60, item, -1 FROM src WHERE rowid % 5 = 0";
  for (made const& one :
       {made{"drifting", {.events = events, .seconds = 3 * day, .drift = 96}, ""},
        made{"bursts", {.events = events, .seconds = 3 * day}, bursts},
        made{"ten popular sets in turn",
             {.events = events, .skew = 0.8, .seconds = 3 * day, .drift = 10},
             ""},
        made{"sparse", {.events = 6000, .distinct = 1000, .seconds = 3 * day}, ""},
        made{"retractions", {.events = events, .seconds = 3 * day}, retractions}}) {
    work_folder const folder;
    connection const db(folder.file("made.db"), how.with);
    make_events(db, one.of);
    db.exec("ALTER TABLE src RENAME TO made; ALTER TABLE made ADD COLUMN weight DEFAULT 1");
    db.exec("CREATE TABLE src(ts INTEGER, item, weight); INSERT INTO src SELECT * FROM made");
    db.exec(one.then);
    db.exec(
        "DROP TABLE made; CREATE TABLE sorted AS SELECT * FROM src ORDER BY ts; "
        "DROP TABLE src; ALTER TABLE sorted RENAME TO src");
    into.add(db, {one.name, "retain='4 days'", of_days}, day);
  }
}

// ---- real ones, where they are at hand

// Fills src; false where the file is not here.
bool load(connection const& db, std::string const& name) {
  db.exec("CREATE TABLE src(ts INTEGER, item TEXT, weight DEFAULT 1); BEGIN");
  auto put = db.prepare("INSERT INTO src(ts, item) VALUES(?1, ?2)");
  bool const is_here = each_recorded(name, [&](std::int64_t second, std::string const& item) {
    put.bind(1, second).bind(2, item.data(), item.size()).run();
  });
  db.exec("COMMIT");
  return is_here;
}

void judge_real(settings const& how, report& into, verdicts& found) {
  std::vector<comparison> const years = {{"30 days against 30", 30 * day, 30 * day},
                                         {"30 days against 335", 30 * day, 335 * day},
                                         {"91 days against 91", 91 * day, 91 * day},
                                         {"365 days against 365", 365 * day, 365 * day}};
  std::vector<comparison> const quarter = {{"hour against hour", hour, hour},
                                           {"day against day", day, day},
                                           {"day against 6 days", day, 6 * day},
                                           {"7 days against 7", 7 * day, 7 * day}};
  std::string const by_year = "windows='30 days,365 days', retain='4750 days'";
  for (subject const& one :
       {subject{"scoop_updates", by_year, years},
        subject{"scoop_updates, 64 KiB", by_year + ", memory='64 KiB'", years},
        subject{"birdstrikes_species", by_year, years},
        subject{"flights_origin_q1", "windows='1hour,1day,7 days', retain='100 days'", quarter}}) {
    auto const name = one.name.substr(0, one.name.find(','));
    work_folder const folder;
    connection const db(folder.file("real.db"), how.with);
    if (!load(db, name)) {
      into.text("Skipped: " + name + " is not here (TOPK_SHARED_DATA names the folder).");
      continue;
    }
    double const span = db.number("SELECT max(ts) - min(ts) FROM src");
    found.add(db, one, static_cast<std::int64_t>(span / 4));
  }
}

// ---- what it costs

void measure_trend_costs(settings const& how, connection const& db, report& into) {
  std::int64_t const last = first_second + 2 * day;
  std::int64_t next = 0;
  auto put = db.prepare("INSERT INTO s(item, ts) VALUES(?1, ?2)");
  auto const after_an_event = [&](contestant of) {
    of.prepare = [&] {
      item_name const item(next % 50 + 1);
      put.bind(1, item.text, item_bytes).bind(2, last).run();
      ++next;
    };
    return of;
  };
  auto const latest = [](char const* call) {
    return "SELECT * FROM " + std::string(call) + "('1hour', 10, 's', 'fast', 'latest')";
  };
  say("after an event");
  auto const fast = duel({after_an_event(asking(db, "topk_trending", latest("topk_trending"))),
                          after_an_event(asking(db, "topk", latest("topk")))},
                         how.is_quick ? 101 : 1001, 9);
  into.row(ratio_figure("topk_trending('1hour', 10), an event inserted between queries",
                        "topk('1hour', 10) likewise", fast, 0, 1, 3));
  for (std::string const mode : {"exact", "hybrid"}) {
    for (std::int64_t const at : {last, last - 1741}) {
      auto const rest = ", 10, 's', '" + mode + "', " + std::to_string(at) + ")";
      auto const cost =
          duel({asking(db, "topk_trending", "SELECT * FROM topk_trending('1hour'" + rest),
                asking(db, "topk", "SELECT * FROM topk('2hours'" + rest)},
               2 * how.rounds + 1);
      std::string const where = at == last ? "" : ", with cut edges";
      into.row(ratio_figure("topk_trending('1hour', 10), " + mode + where,
                            "topk('2hours', 10), " + mode, cost, 0, 1, 2));
    }
  }
}

void measure_series_costs(settings const& how, connection const& db, report& into) {
  auto const until = std::to_string(first_second + 2 * day);
  auto const since = std::to_string(first_second + day);
  for (int const rank : {1, 1000}) {
    std::string const item = "'" + std::string(item_name(rank).view()) + "'";
    // The empty minutes included.
    std::string const plain =
        "WITH RECURSIVE m(t) AS (SELECT " + since +
        " UNION ALL SELECT t + 60 FROM m WHERE t + 60 "
        "< " +
        until + "), c AS (SELECT (ts - 1 - " + since +
        ") / 60 AS n, count(*) AS count "
        "FROM src WHERE item = " +
        item + " AND ts > " + since + " AND ts <= " + until +
        " GROUP BY 1) SELECT t, t + 60, coalesce(count, 0) FROM m LEFT JOIN c ON n = (t - " +
        since + ") / 60";
    auto const ask = [&](char const* mode) {
      return "SELECT since, until, count FROM topk_series('1day', '1min', " + item + ", 's', '" +
             mode + "', " + until + ")";
    };
    auto const cost = duel({asking(db, "fast", ask("fast")), asking(db, "exact", ask("exact")),
                            asking(db, "plain", plain)},
                           how.rounds);
    std::string const which = rank == 1 ? ", the most frequent item" : ", item of rank 1,000";
    std::string const beside = "GROUP BY minute on a table with index (item, ts)";
    into.row(plain_figure("topk_series of a day by minutes, repeated" + which, beside, cost, 0, 2));
    into.row(plain_figure("the same, exact" + which, beside, cost, 1, 2));
  }
}

}  // namespace

void measure_trending(settings const& how, report& into) {
  into.heading("What rises and falls");
  into.text(
      "By share of the whole; default options unless said otherwise. Bounds of the first 1,000 "
      "rows are compared; read: of the events of both windows. Made streams are of three days.");
  verdicts found;
  judge_made(how, found);
  judge_real(how, into, found);
  found.show(into);

  work_folder const folder;
  connection const db(folder.file("costs.db"), how.with);
  make_events(db, {.events = how.fewer_events, .seconds = 2 * day});
  say("making the stream and the index");
  db.exec(
      "CREATE INDEX by_item ON src(item, ts); CREATE VIRTUAL TABLE s USING "
      "topk_stream(retain='3 days'); INSERT INTO s(item, ts) SELECT item, ts FROM src");
  measure_trend_costs(how, db, into);
  measure_series_costs(how, db, into);
}

}  // namespace topk::bench
