// How costs grow: with events, distinct items, K, the window, partitions, connections.
#include <memory>
#include <optional>

#include "sections.hpp"

namespace topk::bench {
namespace {

// One axis: a row of the table and a point of each curve at each size.
class axis {
 public:
  axis(std::string what, std::vector<std::string> curves) : columns_{std::move(what)} {
    for (auto& name : curves) {
      columns_.push_back(name);
      curves_.push_back({std::move(name), {}});
    }
  }
  void extra(std::string const& column) { columns_.push_back(column); }
  // `costs` in the curves' order, 0: not measured; `more` for the extra columns.
  void add(double at, std::string const& shown, std::vector<double> const& costs,
           std::vector<std::string> const& more = {}) {
    std::vector<std::string> row{shown};
    for (std::size_t i = 0; i < costs.size(); ++i) {
      row.push_back(costs[i] > 0 ? as_time(costs[i]) : "");
      if (costs[i] > 0) curves_[i].points.emplace_back(at, costs[i]);
    }
    row.insert(row.end(), more.begin(), more.end());
    rows_.push_back(std::move(row));
  }
  void show(report& into, std::string const& title, std::string const& file,
            axis_unit unit = axis_unit::count) const {
    into.text("**" + title + "**");
    into.table(columns_, rows_);
    into.add(file, {title, columns_.front(), "CPU time", curves_, unit, axis_unit::seconds});
  }

 private:
  std::vector<std::string> columns_;
  std::vector<curve> curves_;
  std::vector<std::vector<std::string>> rows_;
};

// A stream in a file, filled from a file of events; asked as of its latest event, at ten events a
// second.
class filled_stream {
 public:
  filled_stream(settings const& how, work_folder const& folder, std::string const& options,
                std::string const& source)
      : how_(how), folder_(folder), options_(options), source_(source) {
    renew();
  }
  void renew() {
    put_.reset();
    db_.reset();
    folder_.remove("into.db");
    db_.emplace(folder_.file("into.db"), how_.with);
    db_->exec("CREATE VIRTUAL TABLE s USING topk_stream(" + options_ + "); ATTACH '" +
              folder_.file(source_) + "' AS source");
    second_ = 10 * static_cast<std::int64_t>(
                       db_->number("SELECT ts FROM source.src ORDER BY rowid DESC LIMIT 1"));
  }
  [[nodiscard]] connection const& db() const { return *db_; }

  void one_event() {
    if (!put_) put_.emplace(db_->prepare("INSERT INTO s(item, ts, partition) VALUES (?1, ?2, 0)"));
    put_->bind(1, "item00000000007", item_bytes).bind(2, ++second_ / 10);
    put_->run();
  }
  // The costs of the answer, each after another event.
  std::vector<double> lively(std::string const& sql) {
    auto ask = db_->prepare(sql);
    return each_cost(
        times_in(how_.is_quick ? 0.1 : 2, sql, 20, 2000), [&] { one_event(); }, [&] { ask.run(); });
  }
  double repeated(std::string const& sql) const {
    return duel({asking(*db_, sql, sql, times_in(how_.is_quick ? 0.01 : 0.1, sql, 1, 1000))},
                how_.rounds, 0)
        .cost(0);
  }

 private:
  // How often the statement runs in so many seconds, within the limits; runs it once.
  int times_in(double seconds, std::string const& sql, int least, int most) const {
    auto ask = db_->prepare(sql);
    ask.run();
    double const start = cpu_seconds();
    ask.run();
    return static_cast<int>(
        std::clamp(seconds / (cpu_seconds() - start), double{1} * least, double{1} * most));
  }

  settings const& how_;
  work_folder const& folder_;
  std::string options_, source_;
  std::optional<connection> db_;
  std::optional<query> put_;
  std::int64_t second_ = 0;
};

std::string const fill_all = "INSERT INTO s(item, ts) SELECT item, ts FROM source.src";
std::string const latest_ten = "SELECT * FROM topk('1day', 10, 's', 'fast', 'latest')";
std::string const group_by =
    "SELECT item, count(*) AS n FROM source.src GROUP BY item ORDER BY n DESC, item LIMIT 10";

void make_source(settings const& how, work_folder const& folder, workload const& of) {
  folder.remove("source.db");
  make_events(connection(folder.file("source.db"), how.with), of);
}

// The largest sizes are measured in fewer turns: a turn takes minutes.
int turns_for(settings const& how, std::int64_t events) {
  return events > 10'000'000 ? 1 : how.rounds;
}

struct filled {
  double ingest = 0, empty = 0;
};
filled fill(settings const& how, filled_stream& into, std::int64_t events,
            std::string const& sql = fill_all) {
  auto const rows = static_cast<double>(events);
  auto const cost = duel(
      {{"empty virtual table",
        {},
        [&] { into.db().exec("INSERT INTO empty_vtab(item, ts) SELECT item, ts FROM source.src"); },
        rows},
       {"stream, log=off", [&] { into.renew(); }, [&] { into.db().exec(sql); }, rows}},
      turns_for(how, events), 0);
  return {cost.cost(1), cost.cost(0)};
}

void with_events(settings const& how, report& into) {
  axis by("events in the day",
          {"INSERT .. SELECT, an event", "the same, empty virtual table", "topk, repeated",
           "topk, after an event", "topk, after an event, 99 %", "GROUP BY"});
  std::int64_t const most =
      how.is_quick ? std::max<std::int64_t>(how.fewer_events, 100'000) : 100'000'000;
  for (std::int64_t events = 10'000; events <= most; events *= 10) {
    say("growth: " + as_count(events) + " events");
    work_folder const folder;
    make_source(how, folder, {.events = events});
    filled_stream stream(how, folder, "log=off", "source.db");
    auto const [ingest, empty] = fill(how, stream, events);
    double const repeated = stream.repeated(latest_ten);
    auto const lively = stream.lively(latest_ten);
    // Sorting more than that needs gigabytes: in a file then.
    if (events > 10'000'000) stream.db().exec("PRAGMA temp_store=FILE");
    double const exact =
        duel({asking(stream.db(), "GROUP BY", group_by)}, turns_for(how, events), 0).cost(0);
    by.add(static_cast<double>(events), as_count(events),
           {ingest, empty, repeated, median(lively), quantile(lively, 0.99), exact});
  }
  by.show(into, "Cost against events: topk('1day', 10)", "growth_events.svg");
}

void with_items(settings const& how, report& into) {
  axis by("distinct items",
          {"INSERT .. SELECT, an event", "topk, repeated", "topk, after an event", "GROUP BY"});
  by.extra("sketches on disk");
  by.extra("memory");
  std::int64_t const most = how.is_quick ? 1'000'000 : 10'000'000;
  for (std::int64_t items = 100; items <= most; items *= how.is_quick ? 100 : 10) {
    say("growth: " + as_count(items) + " distinct items");
    work_folder const folder;
    make_source(how, folder, {.events = how.fewer_events, .distinct = items});
    filled_stream stream(how, folder, "log=off", "source.db");
    double const ingest = fill(how, stream, how.fewer_events).ingest;
    double const disk = stream_bytes(stream.db(), "s");
    double const repeated = stream.repeated(latest_ten);
    double const lively = median(stream.lively(latest_ten));
    double const exact = duel({asking(stream.db(), "GROUP BY", group_by)}, how.rounds, 0).cost(0);
    by.add(
        static_cast<double>(items), as_count(items), {ingest, repeated, lively, exact},
        {as_bytes(disk), as_bytes(stream.db().number("SELECT memory_bytes FROM topk_stats('s')"))});
  }
  by.show(into, "Cost against distinct items: topk('1day', 10)", "growth_items.svg");
}

void with_k(settings const& how, report& into) {
  axis by("K", {"repeated", "after an event", "repeated, k=10000", "after an event, k=10000"});
  by.extra("rows");
  by.extra("rows, k=10000");
  work_folder const folder, large_folder;
  say("growth: K");
  make_source(how, folder, {.events = how.fewer_events});
  make_source(how, large_folder, {.events = how.fewer_events});
  filled_stream usual(how, folder, "log=off", "source.db"),
      large(how, large_folder, "log=off, k=10000", "source.db");
  usual.db().exec(fill_all);
  large.db().exec(fill_all);
  for (int k = 1; k <= 10'000; k *= 10) {
    auto const sql = "SELECT * FROM topk('1day', " + std::to_string(k) + ", 's', 'fast', 'latest')";
    auto const rows = "SELECT count(*) FROM (" + sql + ")";
    by.add(k, as_count(k),
           {usual.repeated(sql), median(usual.lively(sql)), large.repeated(sql),
            median(large.lively(sql))},
           {as_number(usual.db().number(rows), 0), as_number(large.db().number(rows), 0)});
  }
  by.show(into, "Cost against K: topk('1day', K)", "growth_k.svg");
}

void with_window(settings const& how, report& into) {
  axis by("window, seconds", {"topk, repeated", "topk, after an event",
                              "topk, after an event, 99 %", "hybrid", "exact"});
  work_folder const folder;
  say("growth: the window");
  make_source(how, folder, {.events = how.fewer_events, .seconds = 30 * day});
  filled_stream stream(how, folder, "retain='30 days'", "source.db");
  stream.db().exec(fill_all);
  for (std::int64_t const seconds :
       {std::int64_t{1}, std::int64_t{10}, std::int64_t{60}, std::int64_t{300}, std::int64_t{3600},
        6 * std::int64_t{3600}, day, 7 * day, 30 * day}) {
    auto const sql = [&](std::string const& mode) {
      return "SELECT * FROM topk(" + std::to_string(seconds) + ", 10, 's', '" + mode +
             "', 'latest')";
    };
    double const repeated = stream.repeated(sql("fast"));
    auto const lively = stream.lively(sql("fast"));
    auto const logged = duel(
        {asking(stream.db(), "hybrid", sql("hybrid")), asking(stream.db(), "exact", sql("exact"))},
        how.rounds, 0);
    by.add(static_cast<double>(seconds), as_count(seconds),
           {repeated, median(lively), quantile(lively, 0.99), logged.cost(0), logged.cost(1)});
  }
  by.show(into, "Cost against the window, of 30 days of events: topk(window, 10)",
          "growth_window.svg");
}

void with_partitions(settings const& how, report& into) {
  axis by("partitions", {"INSERT .. SELECT, an event", "topk of all, after an event",
                         "topk of one, repeated", "topk of one, after an event"});
  by.extra("sketches on disk");
  by.extra("memory");
  work_folder const folder;
  make_source(how, folder, {.events = how.fewer_events});
  for (int partitions = 1; partitions <= 100'000; partitions *= how.is_quick ? 100 : 10) {
    if (how.is_quick && partitions > 10'000) break;
    say("growth: " + as_count(partitions) + " partitions");
    filled_stream stream(how, folder, "log=off", "source.db");
    // Each event's partition does not depend on its time or item.
    double const ingest = fill(how, stream, how.fewer_events,
                               "INSERT INTO s(item, ts, partition) SELECT item, ts, (rowid * "
                               "2654435761 % 4294967296) % " +
                                   std::to_string(partitions) + " FROM source.src")
                              .ingest;
    double const disk = stream_bytes(stream.db(), "s");
    std::string const one = "SELECT * FROM topk('1day', 10, 's', 'fast', 'latest', 0)";
    double const all = median(stream.lively(latest_ten));
    double const repeated = stream.repeated(one);
    double const lively = median(stream.lively(one));
    by.add(
        partitions, as_count(partitions), {ingest, all, repeated, lively},
        {as_bytes(disk), as_bytes(stream.db().number("SELECT memory_bytes FROM topk_stats('s')"))});
  }
  by.show(into, "Cost against partitions", "growth_partitions.svg");
}

// Connections in turn: each commits an event, then the next one asks, so every answer follows a
// commit by another connection.
void with_connections(settings const& how, report& into) {
  axis by("connections", {"INSERT and commit, log=off", "the same into a plain table",
                          "topk after another's commit"});
  work_folder const folder;
  make_source(how, folder, {.events = std::min<std::int64_t>(how.fewer_events, 1'000'000)});
  for (std::size_t many = 1; many <= 8; many *= 2) {
    say("growth: " + std::to_string(many) + " connections");
    filled_stream first(how, folder, "log=off", "source.db");
    first.db().exec(fill_all + "; CREATE TABLE plain(item, ts, weight, partition)");
    std::vector<connection> opened;
    for (std::size_t i = 0; i < many; ++i) opened.emplace_back(folder.file("into.db"), how.with);
    std::vector<query> puts, plains, asks;
    for (auto const& one : opened) {
      puts.push_back(one.prepare("INSERT INTO s(item, ts) VALUES (?1, ?2)"));
      plains.push_back(one.prepare("INSERT INTO plain(item, ts) VALUES (?1, ?2)"));
      asks.push_back(one.prepare(latest_ten));
    }
    event_list const fresh({.events = 10'000, .seconds = 1'000, .start = first_second + day});
    std::size_t at = 0;
    auto const put = [&](std::vector<query>& by_whom) {
      auto& one = by_whom[at % many];
      one.bind(1, fresh.item(at % fresh.size()), item_bytes)
          .bind(2, fresh.second(at % fresh.size()));
      one.run();
    };
    // Averages: every so many events one commit folds, and pays for the others.
    double inserts = 0, plain_inserts = 0, answers = 0;
    int const steps = how.is_quick ? 300 : 10'000;
    for (int i = 0; i < steps; ++i, ++at) {
      double const start = cpu_seconds();
      put(puts);
      double const put_at = cpu_seconds();
      put(plains);
      double const plain_at = cpu_seconds();
      asks[(at + 1) % many].run();
      answers += cpu_seconds() - plain_at;
      plain_inserts += plain_at - put_at;
      inserts += put_at - start;
    }
    by.add(static_cast<double>(many), std::to_string(many),
           {inserts / steps, plain_inserts / steps, answers / steps});
  }
  by.show(into, "Cost against connections to one file", "growth_connections.svg");
}

}  // namespace

void measure_growth(settings const& how, report& into) {
  into.heading("How costs grow");
  into.text(
      "An event is inserted and committed between answers where it says so, at ten a second; a "
      "connection's "
      "answer follows another's commit. "
      "Costs against connections are averages, the rest medians.");
  with_events(how, into);
  with_items(how, into);
  with_k(how, into);
  with_window(how, into);
  with_partitions(how, into);
  with_connections(how, into);
}

}  // namespace topk::bench
