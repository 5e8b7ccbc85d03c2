// Many streams in one file, many windows and partitions of one stream.
//
// SQLite reads the whole schema for each CREATE TABLE, so the cost of a CREATE grows with what is
// in the file, whoever makes the table: fts5 is beside it. A SAVEPOINT calls each virtual table
// that the transaction has written to; so what follows it is divided by their number.
#include <memory>

#include "sections.hpp"

namespace topk::bench {
namespace {

// Tables s0, s1, ... of one module in one file.
class herd {
 public:
  herd(settings const& how, work_folder const& folder, std::string const& name,
       std::string const& module)
      : db(folder.file(name), how.with), module_(module) {}
  void grow_to(int count) {
    say(std::to_string(count) + " of " + module_);
    while (count_ < count) add();
  }
  void add() {
    db.exec("CREATE VIRTUAL TABLE s" + std::to_string(count_) + " USING " + module_);
    ++count_;
  }
  [[nodiscard]] int count() const noexcept { return count_; }
  // A statement for each table; $ stands for its name.
  [[nodiscard]] std::vector<query> each(std::string const& sql) const {
    std::vector<query> out;
    for (int i = 0; i < count_; ++i) {
      std::string one = sql;
      one.replace(one.find('$'), 1, "s" + std::to_string(i));
      out.push_back(db.prepare(one));
    }
    return out;
  }
  connection db;

 private:
  std::string module_;
  int count_ = 0;
};

// What operations cost, in seconds for each stream.
struct cost_of_each {
  double create = 0, savepoint = 0, commit = 0, topk = 0, stats = 0;
};

double creating(herd& of, int times) {
  return median(each_cost(
      times, [] {}, [&] { of.add(); }));
}

// A transaction that writes to every table, a savepoint in it, and its end. `savepoints` in a row.
void writing(herd const& of, int rounds, int savepoints, cost_of_each& into) {
  auto put = of.each("INSERT INTO $(item) VALUES ('an item')");
  std::vector<double> saving, committing;
  for (int round = -1; round < rounds; ++round) {
    of.db.exec("BEGIN");
    for (auto& one : put) one.run();
    of.db.exec("SAVEPOINT a; RELEASE a");
    double const start = cpu_seconds();
    for (int i = 0; i < savepoints; ++i) {
      of.db.exec("SAVEPOINT a");
      put[static_cast<std::size_t>(i) % put.size()].run();
      of.db.exec("RELEASE a");
    }
    double const between = cpu_seconds();
    of.db.exec("COMMIT");
    double const end = cpu_seconds();
    if (round < 0) continue;
    saving.push_back((between - start) / savepoints / of.count());
    committing.push_back((end - between) / of.count());
  }
  into.savepoint = median(saving);
  into.commit = median(committing);
}

double asking_all(std::vector<query>& all, int rounds) {
  auto const ask = [&] {
    for (auto& one : all) one.run();
  };
  ask();
  return median(each_cost(
             rounds, [] {}, ask)) /
         static_cast<double>(all.size());
}

cost_of_each measure_streams_at(int count, herd& ours, herd& rival, cost_of_each& rival_cost) {
  cost_of_each out;
  int const few = 9;
  int const rounds = count <= 100 ? 41 : count <= 1000 ? 5 : 3;
  ours.grow_to(count - few);
  rival.grow_to(count - few);
  out.create = creating(ours, few);
  rival_cost.create = creating(rival, few);
  say("savepoints and commits");
  writing(ours, rounds, count <= 100 ? 50 : 10, out);
  writing(rival, rounds, count <= 100 ? 50 : 10, rival_cost);
  say("questions");
  auto top = ours.each("SELECT * FROM topk('1hour', 10, '$')");
  out.topk = asking_all(top, rounds);
  auto stats = ours.each("SELECT * FROM topk_stats('$')");
  out.stats = asking_all(stats, rounds);
  return out;
}

// ---- many windows and many partitions of one stream

// `count` questions in turn, each after an event: the cost of one.
double asking_in_turn(connection const& db, std::string const& insert,
                      std::vector<query>& questions, std::size_t count, int times) {
  std::int64_t next = 0;
  auto put = db.prepare(insert);
  auto const add = [&] {
    item_name const item(next % 50 + 1);
    put.bind(1, item.text, item_bytes).bind(2, first_second + day).bind(3, next % 1000).run();
    ++next;
  };
  std::size_t at = 0;
  auto const ask = [&] { questions[at++ % count].run(); };
  for (std::size_t i = 0; i < 2 * count; ++i) {
    add();
    ask();
  }
  return median(each_cost(times, add, ask));
}

void measure_turns(settings const& how, report& into) {
  work_folder const folder;
  connection const db(folder.file("turns.db"), how.with);
  make_events(db, {.events = 100'000});
  std::vector<std::string> const windows = {"10s",   "20s",   "1min",   "2min",  "5min",  "10min",
                                            "15min", "30min", "45min",  "1hour", "2hour", "3hour",
                                            "6hour", "8hour", "12hour", "1day"};
  std::string declared;
  for (auto const& window : windows) declared += (declared.empty() ? "" : ",") + window;
  say("making a stream of 16 windows, and one of 1,000 partitions");
  db.exec("CREATE VIRTUAL TABLE w USING topk_stream(log=off, windows='" + declared +
          "'); INSERT INTO w(item, ts) SELECT item, ts FROM src; "
          "CREATE VIRTUAL TABLE p USING topk_stream(log=off, max_partitions=1000); "
          "INSERT INTO p(item, ts, partition) SELECT item, ts, rowid % 1000 FROM src");
  std::vector<query> of_windows, of_partitions;
  for (auto window = windows.rbegin(); window != windows.rend(); ++window) {
    of_windows.push_back(
        db.prepare("SELECT * FROM topk('" + *window + "', 10, 'w', 'fast', 'latest')"));
  }
  for (int i = 0; i < 1000; ++i) {
    of_partitions.push_back(db.prepare("SELECT * FROM topk('1day', 10, 'p', 'fast', 'latest', " +
                                       std::to_string(i) + ")"));
  }
  auto const figure_of = [&](std::string const& what, std::string const& insert,
                             std::vector<query>& questions) {
    say(what + " in turn");
    int const times = how.is_quick ? 2001 : 10'001;
    double const few = asking_in_turn(db, insert, questions, 4, times);
    double const many = asking_in_turn(db, insert, questions, questions.size(), times);
    into.row({what + " asked in turn, an event between", "4 of them in turn", as_time(many),
              as_time(few), many / few, as_ratio(many / few), target{3, true, "3.00x"}});
  };
  figure_of("16 windows", "INSERT INTO w(item, ts) VALUES (?1, ?2 + ?3 * 0)", of_windows);
  figure_of("1,000 partitions", "INSERT INTO p(item, ts, partition) VALUES (?1, ?2, ?3)",
            of_partitions);
}

}  // namespace

void measure_streams(settings const& how, report& into) {
  into.heading("Many streams in one file, many windows, many partitions");
  into.text(
      "CPU time a stream: of a CREATE in a file that has so many; of SAVEPOINT, INSERT, RELEASE "
      "and of COMMIT, divided by the streams that the transaction has written to, which is all of "
      "them; of topk('1hour', 10) and topk_stats, each stream asked in turn.");
  work_folder const folder;
  herd ours(how, folder, "ours.db", "topk_stream()");
  herd rival(how, folder, "rival.db", "fts5(item)");
  std::vector<std::vector<std::string>> rows;
  std::vector<cost_of_each> costs, beside;
  std::vector<int> const counts =
      how.is_quick ? std::vector<int>{10, 100, 500} : std::vector<int>{10, 100, 1000, 3000};
  for (int const count : counts) {
    cost_of_each other;
    auto const own = measure_streams_at(count, ours, rival, other);
    rows.push_back({as_count(count), as_time(own.create), as_time(other.create),
                    as_time(own.savepoint), as_time(other.savepoint), as_time(own.commit),
                    as_time(other.commit), as_time(own.topk), as_time(own.stats)});
    costs.push_back(own);
    beside.push_back(other);
  }
  into.table(
      {"streams", "CREATE", "fts5", "savepoint", "fts5", "commit", "fts5", "topk", "topk_stats"},
      rows);
  auto const most = as_count(counts.back());
  auto const figure_of = [&](std::string const& what, std::string const& against, double own,
                             double other) {
    double const ratio = own / other;
    into.row({what, against, as_time(own), as_time(other), ratio, as_ratio(ratio),
              target{2, true, "2.00x"}});
  };
  for (std::size_t i = 0; i < counts.size(); ++i) {
    figure_of("CREATE where there are " + as_count(counts[i]) + " streams",
              "fts5 where there are as many tables of it", costs[i].create, beside[i].create);
  }
  auto const& first = costs.front();
  auto const& last = costs.back();
  auto const grows = [&](std::string const& what, double cost_of_each::*part) {
    figure_of(what + " a stream, of " + most, "of 10", last.*part, first.*part);
  };
  grows("SAVEPOINT, INSERT, RELEASE", &cost_of_each::savepoint);
  grows("COMMIT", &cost_of_each::commit);
  grows("topk", &cost_of_each::topk);
  grows("topk_stats", &cost_of_each::stats);
  measure_turns(how, into);
}

}  // namespace topk::bench
